"""What may be sent to each endpoint beside its path: one TypedDict each, every parameter with a line about it.

A type after the line is what an object should look like; the server says itself what is wrong with one that does not.

Source: wire facts 2; what is not in the facts is ours, in the same style.
"""

from typing import Annotated, Literal, TypedDict

from flowdock.protocol.resources import DeliveryState
from flowdock.protocol.types import Author, ThreadState


class Nothing(TypedDict, total=False):
    """An endpoint without parameters."""


class SendParameters(TypedDict, total=False):
    """A message, file, status, line, activity or discussion."""

    event: Annotated[
        str,
        "message, file, status or line; activity or discussion with a flow_token; activity.user or typing, which are only heard",
    ]
    content: Annotated[
        object, "text of 1 to 8096 characters; for a file the part itself or {data, content_type, file_name}"
    ]
    tags: Annotated[list[str] | str, "an array or a comma list; # optional, @nick for people"]
    thread_id: Annotated[str, "the thread to reply into"]
    uuid: Annotated[str, "chosen by the client, unique per message; a repeated one answers the stored message"]
    external_user_name: Annotated[str, "a name without blanks, at most 16 characters, shown instead of the user"]
    external_thread_id: Annotated[str, "the integration's own id of the thread"]
    thread: Annotated[dict[str, object], "the new state of the thread (activity, discussion)", ThreadState]
    title: Annotated[str, "what happened (activity, discussion)"]
    body: Annotated[str, "HTML (activity, discussion)"]
    author: Annotated[dict[str, object], "who did it (activity, discussion)", Author]
    attachments: Annotated[object, "files of an activity or discussion, multipart"]


class SendAnywhereParameters(SendParameters, total=False):
    """A message, file, status, line, activity or discussion, and where it goes."""

    flow: Annotated[str, "the flow's id; not needed with a flow_token"]
    flow_token: Annotated[str, "the token of a source"]


class UploadParameters(TypedDict, total=False):
    """A file."""

    content: Annotated[object, "the part itself, or {data, content_type, file_name}"]
    event: Annotated[Literal["file"], "may be left out"]
    tags: Annotated[list[str] | str, "an array or a comma list; # optional, @nick for people"]
    thread_id: Annotated[str, "the thread to share it in"]
    uuid: Annotated[str, "chosen by the client, unique per message; a repeated one answers the stored message"]
    external_user_name: Annotated[str, "a name without blanks, at most 16 characters, shown instead of the user"]
    flow_token: Annotated[str, "the token of a source"]


class ActivityParameters(SendParameters, total=False):
    """An activity or a discussion, under an old name and with an old name of the token."""

    token: Annotated[str, "another name of `flow_token`"]
    flow_token: Annotated[str, "the token of a source"]


class CommentParameters(TypedDict, total=False):
    """A remark on a message."""

    content: Annotated[str, "text of 1 to 8096 characters"]
    event: Annotated[str, "ignored"]
    tags: Annotated[list[str] | str, "an array or a comma list"]
    uuid: Annotated[str, "chosen by the client, unique per message"]
    external_user_name: Annotated[str, "a name shown instead of the user"]


class CommentAnywhereParameters(CommentParameters, total=False):
    """A remark on a message, and on which."""

    flow: Annotated[str, "the flow's id; not needed with a flow_token"]
    flow_token: Annotated[str, "the token of a source"]
    message: Annotated[int, "the id of the message"]
    message_id: Annotated[int, "another name of `message`"]


class ListParameters(TypedDict, total=False):
    """Which messages; the answer is always ascending by id."""

    limit: Annotated[int, "1 to 100, default 30"]
    sort: Annotated[Literal["asc", "desc"], "which end `limit` keeps: desc (default) the newest, asc the oldest"]
    since_id: Annotated[int, "only newer messages"]
    until_id: Annotated[int, "only older messages"]
    event: Annotated[list[str] | str, "one type or a comma list"]
    tags: Annotated[list[str] | str, "an array or a comma list"]
    tag_mode: Annotated[Literal["and", "or"], "all of the tags (default) or any, then united with `search`"]
    search: Annotated[str, "whole words, all needed"]
    skip: Annotated[int, "with search or tags: pass over the first so many of the end that `limit` keeps"]
    app: Annotated[Literal["chat", "influx"], "people's messages or inbox items"]


class EditParameters(TypedDict, total=False):
    """What changes."""

    content: Annotated[str, "new text, one's own messages only"]
    tags: Annotated[list[str] | str, "the tags from now on"]
    thread_id: Annotated[
        str | None, "in a flow, the thread it belongs to from now on; null or empty text for a new one of its own"
    ]


class ReactionParameters(TypedDict, total=False):
    """A reaction."""

    type: Annotated[Literal["add", "remove"], "give it or take it back"]
    emoji: Annotated[str, "short name without colons"]


class ThreadListParameters(TypedDict, total=False):
    """Which threads; newest `updated_at` first."""

    limit: Annotated[int, "1 to 100, default 30"]
    since: Annotated[str, "ISO 8601: updated after"]
    until: Annotated[str, "ISO 8601: updated before"]
    until_id: Annotated[str, "with `until`: also those updated at that very moment which come after this thread"]
    application: Annotated[object, "accepted and ignored, as the service did"]
    empty: Annotated[bool, "also threads that have no messages left, because all were moved or deleted"]


class FlowListParameters(TypedDict, total=False):
    """How much of each flow."""

    users: Annotated[bool, "with the people of each"]
    user: Annotated[bool, "another name of `users`"]


class FindFlowParameters(TypedDict, total=False):
    """Which flow."""

    id: Annotated[str, "the flow's id, or org/flow, or org:flow"]
    users: Annotated[bool, "accepted; the people always come"]


class CreateFlowParameters(TypedDict, total=False):
    """A new flow."""

    name: Annotated[str, "its name for people, at most 100 characters"]
    description: Annotated[str, "what it is about"]
    access_mode: Annotated[Literal["invitation", "link", "organization"], "who may come in: invitation (default)"]


class UpdateFlowParameters(TypedDict, total=False):
    """What changes. `open` is the caller's own; the rest is for admins of the flow."""

    open: Annotated[bool, "true shows the flow among one's own, and joins one that may be joined; false hides it"]
    team_notifications: Annotated[bool, "whether `@team` means the caller"]
    name: Annotated[str, "its name for people; its name in addresses stays"]
    description: Annotated[str, "what it is about"]
    access_mode: Annotated[Literal["invitation", "link", "organization"], "who may come in"]
    disabled: Annotated[bool, "true archives the flow: it can be read and no longer written to"]


class FlowUserParameters(TypedDict, total=False):
    """Whom to bring in."""

    id: Annotated[int, "somebody of the organization"]


class UpdateFlowUserParameters(TypedDict, total=False):
    """What changes for somebody in a flow."""

    disabled: Annotated[bool, "true takes them out of the flow"]
    flow_admin: Annotated[bool, "whether they administer the flow"]


class UpdateUserParameters(TypedDict, total=False):
    """What changes about oneself."""

    nick: Annotated[str, "the name in messages and mentions, without blanks"]
    email: Annotated[str, "the e-mail address; needs `current_password` where there is a password"]
    name: Annotated[str, "the full name"]
    website: Annotated[str, "an address; empty text takes it away"]
    avatar: Annotated[str, "the address of a picture; empty text takes it away"]
    password: Annotated[str, "a new password of at least 8 characters; needs `current_password`"]
    current_password: Annotated[str, "the password so far"]
    mail_notices: Annotated[bool, "whether mentions are told by e-mail while one is away"]
    Nick: Annotated[str, "another name of `nick`, as one old client writes it"]
    Email: Annotated[str, "another name of `email`"]


class FindOrganizationParameters(TypedDict, total=False):
    """Which organization."""

    id: Annotated[int, "its number"]


class UpdateOrganizationParameters(TypedDict, total=False):
    """What changes."""

    name: Annotated[str, "its name for people; its name in addresses stays"]
    Name: Annotated[str, "another name of `name`, as one old client writes it"]


class UpdateOrganizationUserParameters(TypedDict, total=False):
    """What changes for somebody of an organization."""

    admin: Annotated[bool, "whether they administer the organization"]


class AddEmojiParameters(TypedDict, total=False):
    """A picture of one's own."""

    id: Annotated[str, "its short name without colons: letters, digits, _, + and -"]
    image: Annotated[
        object, "a PNG, GIF, JPEG or WebP of at most 256 KiB, multipart; or {data, content_type, file_name}"
    ]


class UpdateConversationParameters(TypedDict, total=False):
    """What changes."""

    open: Annotated[bool, "whether the conversation is shown among one's own"]


class InviteParameters(TypedDict, total=False):
    """Whom to invite."""

    email: Annotated[str, "the e-mail address; the same again sends the invitation anew"]
    message: Annotated[str, "what is said to them"]


class ImportInvitationsParameters(TypedDict, total=False):
    """Whom to invite, several at once."""

    list: Annotated[str, 'addresses with commas or line feeds between, plain or as "Name" <address>']
    message: Annotated[str, "what is said to them"]


class AcceptInvitationParameters(TypedDict, total=False):
    """Who comes: nothing for the person who is signed in; else the account to be made."""

    nick: Annotated[str, "the name in messages and mentions, without blanks"]
    name: Annotated[str, "the full name"]
    email: Annotated[str, "the e-mail address; needed with a join link, an invitation knows its own"]
    password: Annotated[str, "at least 8 characters"]


class SourceTokenParameters(TypedDict, total=False):
    """Which source, when a source asks."""

    flow_token: Annotated[str, "the token of a source: only that one is shown"]


class CreateSourceParameters(TypedDict, total=False):
    """A new source. With an OAuth token of scope `integration` its application owns it."""

    name: Annotated[str, "what is integrated"]
    external_url: Annotated[str, "where people find it"]
    application_id: Annotated[int, "one's own developer application, when no OAuth token says which"]


class UpdateSourceParameters(TypedDict, total=False):
    """What changes."""

    name: Annotated[str, "what is integrated"]
    external_url: Annotated[str, "where people find it; empty text takes it away"]
    error_message: Annotated[str, "what is wrong, shown to people; empty text when it is well again"]
    configuration_url: Annotated[str, "where it is set up; empty text takes it away"]


class UpdateOwnSourceParameters(UpdateSourceParameters, total=False):
    """What changes, as the source itself says."""

    flow_token: Annotated[str, "the token of the source"]


class PushChatParameters(TypedDict, total=False):
    """An anonymous message."""

    content: Annotated[str, "text of 1 to 8096 characters"]
    external_user_name: Annotated[str, "who says it: at most 16 characters without blanks"]
    tags: Annotated[list[str] | str, "an array or a comma list"]
    message_id: Annotated[int, "the message that this is a comment on"]
    message: Annotated[int, "another name of `message_id`"]
    thread_id: Annotated[str, "the thread to reply into"]
    uuid: Annotated[str, "chosen by the client, unique per message"]
    event: Annotated[str, "ignored"]


class PushInboxParameters(TypedDict, total=False):
    """An item for the team inbox, in the shape of a mail."""

    source: Annotated[str, "what sends it: letters, digits, _, - and blanks"]
    from_address: Annotated[str, "the e-mail address it comes from"]
    subject: Annotated[str, "what it is about"]
    content: Annotated[str, "HTML"]
    from_name: Annotated[str, "who sends it"]
    reply_to: Annotated[str, "the e-mail address to answer to"]
    project: Annotated[str, "a part of the source: letters, digits, _ and blanks"]
    format: Annotated[str, "html"]
    tags: Annotated[list[str] | str, "an array or a comma list"]
    link: Annotated[str, "where it is found"]
    uuid: Annotated[str, "chosen by the client, unique per message"]


class PushGitHubParameters(TypedDict, total=False):
    """What GitHub's service posted: a form with the hook's JSON."""

    payload: Annotated[object, "the payload of a GitHub webhook, as an object or as JSON text"]
    event: Annotated[str, "its kind, such as push; else the header X-GitHub-Event"]


class PushGitParameters(TypedDict, total=False):
    """What the git hook posted: a form with JSON in the shape of GitHub's push."""

    payload: Annotated[object, "the push, as an object or as JSON text"]


class PushJiraParameters(TypedDict, total=False):
    """What JIRA's plug-in posted: flat members, all kept as they come."""

    event_type: Annotated[str, "create, update, comment, resolve, close, start_work, …"]
    event_type_id: Annotated[str, "JIRA's number of it"]
    issue_key: Annotated[str, "such as ABC-1"]
    issue_summary: Annotated[str, "what it is about"]
    issue_url: Annotated[str, "where it is found"]
    issue_status: Annotated[str, "such as Open"]
    issue_type: Annotated[str, "such as Bug"]
    issue_priority: Annotated[str, "such as Major"]
    issue_resolution: Annotated[str, "such as Fixed"]
    issue_votes: Annotated[str, "how many want it"]
    issue_description: Annotated[str, "text"]
    issue_description_html: Annotated[str, "the same as HTML"]
    issue_environment: Annotated[str, "where it happens"]
    issue_environment_html: Annotated[str, "the same as HTML"]
    issue_assignee_name: Annotated[str, "whose it is now"]
    issue_assignee_email: Annotated[str, "their address"]
    issue_reporter_name: Annotated[str, "who told of it"]
    issue_reporter_email: Annotated[str, "their address"]
    issue_changelog: Annotated[list[dict[str, str | None]], "what changed: objects with field, old_value, new_value"]
    project_name: Annotated[str, "name of the project"]
    project_key: Annotated[str, "key of the project"]
    project_url: Annotated[str, "where the project is found"]
    user_name: Annotated[str, "who did it"]
    user_email: Annotated[str, "their address"]
    comment_body: Annotated[str, "what was said"]
    comment_body_html: Annotated[str, "the same as HTML"]


class PushConfluenceParameters(TypedDict, total=False):
    """What Confluence's plug-in posted: flat members, all kept as they come."""

    tokens: Annotated[str, "flows' tokens for the Push API, with commas between"]
    event: Annotated[str, "create, update, delete or comment_create"]
    page_title: Annotated[str, "what the page is called"]
    page_url: Annotated[str, "where it is found"]
    space_name: Annotated[str, "where it belongs"]
    space_url: Annotated[str, "where that is found"]
    user_name: Annotated[str, "who did it"]
    user_email: Annotated[str, "their address"]
    version_comment: Annotated[str, "what they said about it"]
    content_summary: Annotated[str, "how the page begins"]
    content_summary_html: Annotated[str, "the same as HTML"]
    comment_content_summary: Annotated[str, "how a comment begins"]
    comment_content_summary_html: Annotated[str, "the same as HTML"]
    diff: Annotated[str, "what changed, as rows of an HTML table"]


class NotificationsParameters(TypedDict, total=False):
    """How many."""

    limit: Annotated[int, "1 to 100, default 30"]


class MarkReadParameters(TypedDict, total=False):
    """Which messages one has read; without any condition all of the flow."""

    thread_id: Annotated[str, "only those of this thread"]
    until_id: Annotated[int, "only this message and older ones"]


class SearchParameters(TypedDict, total=False):
    """What to look for in the flows one is in and in private; the newest comes first."""

    q: Annotated[
        str,
        'words, all needed; beginnings: lam*; words in this order: "build failed"; from:nick; in:flow, in:org/flow or'
        " in:@nick; tag:word or tag:@nick; after:2014-10-27 (that moment or later) and before:2014-10-27; has:file, has:link",
    ]
    limit: Annotated[int, "1 to 100, default 30"]
    cursor: Annotated[str, "from the `next` of the page before"]


class WebhookParameters(TypedDict, total=False):
    """Where events are told."""

    url: Annotated[str, "http or https; each event is posted there as JSON"]
    events: Annotated[list[str] | str, "kinds of events, an array or a comma list; all when empty"]
    secret: Annotated[
        str,
        "signs what is sent: X-Flowdock-Signature is sha1= and the HMAC of the body; a new one is made for an empty text",
    ]
    active: Annotated[bool, "false pauses it: what happens meanwhile is not told later"]


class DeliveriesParameters(TypedDict, total=False):
    """Which deliveries, the newest first."""

    limit: Annotated[int, "1 to 100, default 30"]
    until_id: Annotated[int, "only older ones"]
    state: Annotated[DeliveryState, "only those in this state"]


class CreateTokenParameters(TypedDict, total=False):
    """A new personal token."""

    label: Annotated[str, "what it is for"]
    scopes: Annotated[
        list[str] | str, "what it may be used for, an array or a list with commas or blanks; everything when left out"
    ]


class ApplicationParameters(TypedDict, total=False):
    """A developer application."""

    name: Annotated[str, "its name for people"]
    redirect_uri: Annotated[str, "where authorization codes are sent; several with blanks between"]
    icon_url: Annotated[str, "the address of its picture"]
    setup_uri: Annotated[str, "where people set up its sources"]
    confidential: Annotated[
        bool,
        "false for one that cannot keep its secret, such as a page or a program on people's own machines: PKCE then",
    ]
    application: Annotated[dict[str, object], "the same members in an object, as one old client sends them"]


class AuthorizeParameters(TypedDict, total=False):
    """What an application asks for (RFC 6749, 4.1.1; RFC 7636)."""

    client_id: Annotated[str, "which application"]
    response_type: Annotated[str, "code"]
    redirect_uri: Annotated[str, "one that the application registered; urn:ietf:wg:oauth:2.0:oob shows the code"]
    scope: Annotated[
        str, "flow, private, manage, profile, offline_access, integration, with blanks between; flow private"
    ]
    state: Annotated[str, "handed back as it is"]
    code_challenge: Annotated[str, "PKCE"]
    code_challenge_method: Annotated[str, "S256 or plain"]


class TokenParameters(TypedDict, total=False):
    """What an application exchanges for an access token (RFC 6749, 4.1.3, 4.3.2, 6; RFC 7636)."""

    grant_type: Annotated[str, "authorization_code, password or refresh_token"]
    client_id: Annotated[str, "which application; or HTTP Basic"]
    client_secret: Annotated[str, "its secret; or HTTP Basic"]
    code: Annotated[str, "an authorization code"]
    redirect_uri: Annotated[str, "the one the code was asked with"]
    code_verifier: Annotated[str, "PKCE"]
    username: Annotated[str, "an e-mail address (password)"]
    password: Annotated[str, "the password (password)"]
    scope: Annotated[str, "what is asked for (password), or less than before (refresh_token)"]
    refresh_token: Annotated[str, "a refresh token"]


class RevokeParameters(TypedDict, total=False):
    """What is given back (RFC 7009)."""

    token: Annotated[str, "an access token or a refresh token"]
    token_type_hint: Annotated[str, "ignored"]
    client_id: Annotated[str, "which application; or HTTP Basic"]
    client_secret: Annotated[str, "its secret; or HTTP Basic"]


class AskResetParameters(TypedDict, total=False):
    """Who forgot their password."""

    email: Annotated[str, "the e-mail address of the account"]


class ResetParameters(TypedDict, total=False):
    """The password from now on."""

    password: Annotated[str, "at least 8 characters"]


class ScimListParameters(TypedDict, total=False):
    """Which people."""

    filter: Annotated[str, 'userName eq "x", emails eq "x", externalId eq "x"']
    startIndex: Annotated[int, "the first of them, from 1"]
    count: Annotated[int, "how many at most, default 100"]


class ScimUserParameters(TypedDict, total=False):
    """A person as SCIM shows them; what is left out stays."""

    schemas: Annotated[list[str], "ignored"]
    id: Annotated[str, "ignored"]
    externalId: Annotated[str, "the provisioner's own id"]
    userName: Annotated[str, "the nick, or an e-mail address"]
    name: Annotated[dict[str, object], "givenName and familyName, or formatted"]
    displayName: Annotated[str, "the full name, where name is left out"]
    nickName: Annotated[str, "the nick"]
    emails: Annotated[list[dict[str, object]], "objects with value; the primary or first counts"]
    active: Annotated[bool, "false signs the person out and disables them"]
    password: Annotated[str, "at least 8 characters"]
    meta: Annotated[dict[str, object], "ignored"]
