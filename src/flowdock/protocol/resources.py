"""What surrounds messages on the wire: organizations, invitations, sources, conversations, hooks, tokens.

Source: wire facts 2.7 to 2.15, 7.2; what is not in the facts is ours, in the same style.
"""

from typing import Literal, NotRequired, TypeAlias, TypedDict

from flowdock.protocol.types import FlowUser, Message, Source, User

Scope: TypeAlias = Literal["flow", "private", "manage", "profile", "offline_access", "integration"]
"""What an OAuth or personal token may be used for. Source: wire facts 2.13."""
SCOPES: tuple[Scope, ...] = ("flow", "private", "manage", "profile", "offline_access", "integration")


class OrganizationUser(User):
    """A person in an organization."""

    admin: bool


class OrganizationDetails(TypedDict):
    """An organization with its people."""

    id: int
    parameterized_name: str
    name: str
    user_limit: int
    user_count: int
    active: bool
    url: str
    subscription: dict[str, object]
    users: list[OrganizationUser]


class AuditedUser(OrganizationUser):
    """A person and when they were last here, as `2017-03-01T10:11:12.000000Z`."""

    accessed_at: str | None


class Emoji(TypedDict):
    """An emoji of an organization's own."""

    id: str
    image_url: str


class JoinUrl(TypedDict):
    """The address by which people may join a flow, None when there is none."""

    join_url: str | None


class ApiToken(TypedDict):
    """The token of a flow for the Push API."""

    api_token: str


class ConversationActivity(TypedDict):
    """What waits in a private conversation; `mentions` counts unread messages."""

    inbox: bool
    mentions: int
    chat: bool


class Conversation(TypedDict):
    """A private conversation; `id` is that of the other person."""

    id: int
    url: str
    name: str
    open: bool
    activity: ConversationActivity
    users: list[User]


class Invitation(TypedDict):
    """Somebody who was asked into a flow; `invitation_url` is told only when no mail could be sent."""

    id: int
    state: Literal["pending", "accepted"]
    email: str
    flow: str
    url: str
    invitation_url: NotRequired[str]


class ImportedInvitations(TypedDict):
    """What became of a list of addresses: asked, brought in at once, or not understood."""

    invitations: list[Invitation]
    added_users: list[FlowUser]
    erroneous_emails: list[dict[str, str]]


class AcceptedInvitation(TypedDict):
    """The flow that was joined; `token` opens an account that was made for it, and is told only now."""

    flow: str
    url: str
    web_url: str
    token: NotRequired[str]


class SourceDetails(Source):
    """A source as lists of sources show it; `flow_token` is told only when it is made."""

    creator: User | None
    error_message: str
    flow_token: NotRequired[str]


class Unread(TypedDict):
    """What waits for the caller in one flow: how many messages, their ids, and how many in which thread.

    Of more than 500 messages the newest 500 are named, and counted by thread.
    """

    flow: str
    count: int
    messages: list[int]
    threads: dict[str, int]


class Notification(TypedDict):
    """A message that mentions the caller."""

    id: str
    message: Message
    unread: bool


class Hit(TypedDict):
    """A message found, where it is, and its neighbours in its thread or conversation."""

    message: Message
    place: dict[str, object]
    before: list[Message]
    after: list[Message]


class SearchResults(TypedDict):
    """What was found, the newest first; `next` continues."""

    results: list[Hit]
    next: str | None


DeliveryState: TypeAlias = Literal["waiting", "delivered", "failed", "gone"]
"""What became of an event that a webhook is to be told."""


class Webhook(TypedDict):
    """Where events of a flow are told; `secret` is told only when it is made or changed."""

    id: int
    url: str
    events: list[str]
    active: bool
    created_at: str
    creator: User | None
    waiting: int
    failed: int
    secret: NotRequired[str]


class Delivery(TypedDict):
    """One event on its way to a webhook. Moments are ISO 8601; `status` is the HTTP status of the last attempt.

    One is `gone` whose message was removed before it could be told.
    """

    id: int
    event: str
    message: int
    state: DeliveryState
    attempts: int
    status: int | None
    error: str | None
    created_at: str
    attempted_at: str | None
    next_attempt_at: str | None


class TokenDetails(TypedDict):
    """A token of the caller; `token` itself is told only when it is made. `scopes` None means everything."""

    id: int
    label: str
    scopes: list[Scope] | None
    application: str | None
    created_at: str
    last_used_at: str | None
    expires_at: str | None
    token: NotRequired[str]


class ApplicationDetails(TypedDict):
    """A developer application of the caller; `client_secret` is told only when it is made or renewed."""

    id: int
    name: str
    client_id: str
    redirect_uri: str | None
    icon_url: str
    setup_uri: str | None
    confidential: bool
    url: str
    published: bool
    created_at: str
    client_secret: NotRequired[str]


class AccessToken(TypedDict):
    """What an application gets for a code, a password or a refresh token. `scope` has commas between."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    scope: str
    created_at: int
    refresh_token: NotRequired[str]


class OAuthError(TypedDict):
    """Why there is no token (RFC 6749, 5.2); `message` is the same sentence as everywhere else."""

    error: str
    error_description: str
    message: str


class ActionResult(TypedDict):
    """What came of a thread action: the status of the integration's answer, and where to sign in there first."""

    done: bool
    status: int | None
    message: str
    url: str | None


class ScimToken(TypedDict):
    """Where and with what a provisioner comes in; the token is told only now."""

    url: str
    token: str


class ScimUser(TypedDict):
    """A person as SCIM shows them."""

    schemas: list[str]
    id: str
    externalId: NotRequired[str]
    userName: str
    name: dict[str, str]
    displayName: str
    nickName: str
    emails: list[dict[str, object]]
    active: bool
    meta: dict[str, str]


class ScimUsers(TypedDict):
    """People as SCIM lists them."""

    schemas: list[str]
    totalResults: int
    startIndex: int
    itemsPerPage: int
    Resources: list[ScimUser]


class Said(TypedDict):
    """A sentence for people."""

    message: str
