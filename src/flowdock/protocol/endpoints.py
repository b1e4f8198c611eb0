"""Every endpoint as one row: the client formats its path, the server binds it to what answers it.

A placeholder in a path is written `{name}` and has the type that `PLACEHOLDERS` gives it. Parameters may arrive in the
query, in a form, as JSON or as multipart, whatever the method. `status` is the answer's when nothing else was decided,
`also` those it may have besides. `permission` is the name of a rule in the server's table of permissions.

Source: wire facts 2 and 7; the number at the end of a row is the section, `ours` what the facts do not know.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

from flowdock.protocol import parameters as p
from flowdock.protocol import resources as r
from flowdock.protocol.types import Flow, FlowUser, Message, Thread, User

Result_co = TypeVar("Result_co", covariant=True)

PLACEHOLDERS: Mapping[str, type] = {
    "org": str,
    "flow": str,
    "thread_id": str,
    "id": int,
    "user_id": int,
    "delivery_id": int,
    "number": int,
    "emoji": str,
    "tokens": str,
    "key": str,
    "uid": str,
}

_DIGITS = 18
"""So many a number in a path may have: nothing here has more, and what has more than 64 bits is no number to a database."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint(Generic[Result_co]):
    """One row. `parameters` is a TypedDict of what may be sent beside the path."""

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    parameters: Any
    result: Any
    status: int = 200
    also: tuple[int, ...] = ()
    permission: str
    source: str

    placeholders: tuple[str, ...] = field(init=False)
    """Names in the path, in order."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "placeholders", tuple(_PLACEHOLDER.findall(self.path)))

    @property
    def summary(self) -> str:
        """Its name as words: `send to flow`."""
        return self.name.replace("_", " ")

    def url(self, **values: object) -> str:
        """The path with its placeholders filled in and percent-encoded."""
        return _PLACEHOLDER.sub(lambda found: quote(str(values[found[1]]), safe=""), self.path)

    def placed(self, texts: Mapping[str, str]) -> dict[str, Any]:
        """The placeholders' values from the texts in a path.

        Raises:
            LookupError: a text cannot be what the placeholder stands for, so there is nothing at this path.
        """
        try:
            return {name: _placed(PLACEHOLDERS[name], texts[name]) for name in self.placeholders}
        except ValueError as error:
            raise LookupError(f"nothing at {self.url(**texts)}") from error


def _placed(kind: type, text: str) -> object:
    if kind is int and not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise ValueError(text)
    return kind(text)


def _row(
    name: str,
    call: str,
    parameters: Any,
    result: Any,
    permission: str,
    source: str,
    status: int = 200,
    also: tuple[int, ...] = (),
) -> Endpoint[Any]:
    method, path = call.split()
    return Endpoint(
        name=name,
        method=method,  # type: ignore[arg-type]
        path=path,
        parameters=parameters,
        result=result,
        status=status,
        also=also,
        permission=permission,
        source=source,
    )


# fmt: off
SEND: Endpoint[Message]                                      = _row("send", "POST /messages", p.SendAnywhereParameters, Message, "post to flow", "2.1", 201, (202,))
SEND_TO_FLOW: Endpoint[Message]                              = _row("send_to_flow", "POST /flows/{org}/{flow}/messages", p.SendParameters, Message, "post to flow", "2.1", 201, (202,))
SEND_TO_THREAD: Endpoint[Message]                            = _row("send_to_thread", "POST /flows/{org}/{flow}/threads/{thread_id}/messages", p.SendParameters, Message, "post to flow", "2.1", 201, (202,))
SEND_PRIVATELY: Endpoint[Message]                            = _row("send_privately", "POST /private/{user_id}/messages", p.SendParameters, Message, "post to conversation", "2.1", 201, (202,))
COMMENT: Endpoint[Message]                                   = _row("comment", "POST /comments", p.CommentAnywhereParameters, Message, "post to flow", "2.1", 201, (202,))
COMMENT_ON: Endpoint[Message]                                = _row("comment_on", "POST /flows/{org}/{flow}/messages/{id}/comments", p.CommentParameters, Message, "post to flow", "2.1", 201)
UPLOAD_TO_FLOW: Endpoint[Message]                            = _row("upload_to_flow", "POST /files/{number}", p.UploadParameters, Message, "post to flow", "2.11", 201, (202,))
PRESENT: Endpoint[Message]                                   = _row("present", "POST /activities", p.ActivityParameters, Message, "post to flow", "2.10", 201, (202,))

LIST_MESSAGES: Endpoint[list[Message]]                       = _row("list_messages", "GET /flows/{org}/{flow}/messages", p.ListParameters, list[Message], "read flow", "2.2")
LIST_REPLIES: Endpoint[list[Message]]                        = _row("list_replies", "GET /flows/{org}/{flow}/threads/{thread_id}/messages", p.ListParameters, list[Message], "read flow", "2.2")
LIST_PRIVATE: Endpoint[list[Message]]                        = _row("list_private", "GET /private/{user_id}/messages", p.ListParameters, list[Message], "read conversation", "2.2")
SEARCH: Endpoint[r.SearchResults]                            = _row("search", "GET /search", p.SearchParameters, r.SearchResults, "search", "ours")

SHOW_MESSAGE: Endpoint[Message]                              = _row("show_message", "GET /flows/{org}/{flow}/messages/{id}", p.Nothing, Message, "read flow", "2.3")
EDIT_MESSAGE: Endpoint[None]                                 = _row("edit_message", "PUT /flows/{org}/{flow}/messages/{id}", p.EditParameters, None, "tag message", "2.3")
DELETE_MESSAGE: Endpoint[None]                               = _row("delete_message", "DELETE /flows/{org}/{flow}/messages/{id}", p.Nothing, None, "retract message", "2.3", 200, (204,))
SHOW_PRIVATE: Endpoint[Message]                              = _row("show_private", "GET /private/{user_id}/messages/{id}", p.Nothing, Message, "read conversation", "2.3")
EDIT_PRIVATE: Endpoint[None]                                 = _row("edit_private", "PUT /private/{user_id}/messages/{id}", p.EditParameters, None, "tag message", "2.3")
DELETE_PRIVATE: Endpoint[None]                               = _row("delete_private", "DELETE /private/{user_id}/messages/{id}", p.Nothing, None, "retract message", "2.3", 200, (204,))
REACT: Endpoint[None]                                        = _row("react", "POST /flows/{org}/{flow}/messages/{id}/emoji_reaction", p.ReactionParameters, None, "react to message", "2.3")
REACT_PRIVATELY: Endpoint[None]                              = _row("react_privately", "POST /private/{user_id}/messages/{id}/emoji_reaction", p.ReactionParameters, None, "react to message", "ours")

LIST_THREADS: Endpoint[list[Thread]]                         = _row("list_threads", "GET /flows/{org}/{flow}/threads", p.ThreadListParameters, list[Thread], "read flow", "2.4")
SHOW_THREAD: Endpoint[Thread]                                = _row("show_thread", "GET /flows/{org}/{flow}/threads/{thread_id}", p.Nothing, Thread, "read flow", "2.4")
RUN_ACTION: Endpoint[r.ActionResult]                         = _row("run_action", "POST /flows/{org}/{flow}/threads/{thread_id}/actions/{key}", p.Nothing, r.ActionResult, "run action", "7.1", 200, (401, 429, 502, 504))

LIST_FLOWS: Endpoint[list[Flow]]                             = _row("list_flows", "GET /flows", p.FlowListParameters, list[Flow], "list flows", "2.5")
ALL_FLOWS: Endpoint[list[Flow]]                              = _row("all_flows", "GET /flows/all", p.FlowListParameters, list[Flow], "list flows", "2.5")
FIND_FLOW: Endpoint[Flow]                                    = _row("find_flow", "GET /flows/find", p.FindFlowParameters, Flow, "show flow", "2.5")
CREATE_FLOW: Endpoint[Flow]                                  = _row("create_flow", "POST /flows/{org}", p.CreateFlowParameters, Flow, "create flow", "2.5", 201)
SHOW_FLOW: Endpoint[Flow]                                    = _row("show_flow", "GET /flows/{org}/{flow}", p.Nothing, Flow, "show flow", "2.5")
UPDATE_FLOW: Endpoint[Flow]                                  = _row("update_flow", "PUT /flows/{org}/{flow}", p.UpdateFlowParameters, Flow, "open flow", "2.5")
SHOW_JOIN_URL: Endpoint[r.JoinUrl]                           = _row("show_join_url", "GET /flows/{org}/{flow}/join_url", p.Nothing, r.JoinUrl, "show join link", "2.5")
RENEW_JOIN_URL: Endpoint[r.JoinUrl]                          = _row("renew_join_url", "POST /flows/{org}/{flow}/join_url", p.Nothing, r.JoinUrl, "change join link", "2.5", 201)
REMOVE_JOIN_URL: Endpoint[None]                              = _row("remove_join_url", "DELETE /flows/{org}/{flow}/join_url", p.Nothing, None, "change join link", "2.5", 204)
RENEW_API_TOKEN: Endpoint[r.ApiToken]                        = _row("renew_api_token", "POST /flows/{org}/{flow}/api_token", p.Nothing, r.ApiToken, "renew api token", "2.5", 201)

FLOW_USERS: Endpoint[list[FlowUser]]                         = _row("flow_users", "GET /flows/{org}/{flow}/users", p.Nothing, list[FlowUser], "list flow users", "2.6")
ADD_FLOW_USER: Endpoint[None]                                = _row("add_flow_user", "POST /flows/{org}/{flow}/users", p.FlowUserParameters, None, "add flow user", "2.6")
UPDATE_FLOW_USER: Endpoint[None]                             = _row("update_flow_user", "PUT /flows/{org}/{flow}/users/{user_id}", p.UpdateFlowUserParameters, None, "block flow user", "2.6")

UNREAD: Endpoint[list[r.Unread]]                             = _row("unread", "GET /unread", p.Nothing, list[r.Unread], "list notifications", "ours")
UNREAD_IN_FLOW: Endpoint[r.Unread]                           = _row("unread_in_flow", "GET /flows/{org}/{flow}/unread", p.Nothing, r.Unread, "read flow", "ours")
MARK_READ: Endpoint[r.Unread]                                = _row("mark_read", "DELETE /flows/{org}/{flow}/unread", p.MarkReadParameters, r.Unread, "mark read in flow", "ours")
MENTIONS: Endpoint[list[r.Notification]]                     = _row("mentions", "GET /notifications/mentions", p.NotificationsParameters, list[r.Notification], "list notifications", "2.14")
UNREADS: Endpoint[list[r.Notification]]                      = _row("unreads", "GET /notifications/unreads", p.NotificationsParameters, list[r.Notification], "list notifications", "2.14")

ME: Endpoint[User]                                           = _row("me", "GET /user", p.Nothing, User, "show oneself", "2.6")
LIST_TOKENS: Endpoint[list[r.TokenDetails]]                  = _row("list_tokens", "GET /user/tokens", p.Nothing, list[r.TokenDetails], "manage tokens", "ours")
CREATE_TOKEN: Endpoint[r.TokenDetails]                       = _row("create_token", "POST /user/tokens", p.CreateTokenParameters, r.TokenDetails, "manage tokens", "ours", 201)
REVOKE_TOKEN: Endpoint[None]                                 = _row("revoke_token", "DELETE /user/tokens/{id}", p.Nothing, None, "manage tokens", "ours", 204)
LIST_USERS: Endpoint[list[User]]                             = _row("list_users", "GET /users", p.Nothing, list[User], "list users", "2.6")
SHOW_USER: Endpoint[User]                                    = _row("show_user", "GET /users/{user_id}", p.Nothing, User, "show user", "2.6")
SHOW_USER_ALIAS: Endpoint[User]                              = _row("show_user_alias", "GET /user/{user_id}", p.Nothing, User, "show user", "2.6")
UPDATE_USER: Endpoint[User]                                  = _row("update_user", "PUT /users/{user_id}", p.UpdateUserParameters, User, "update user", "2.6", 200, (409,))
ASK_RESET: Endpoint[r.Said]                                  = _row("ask_reset", "POST /password_resets", p.AskResetParameters, r.Said, "ask password reset", "ours", 202)
RESET_PASSWORD: Endpoint[r.Said]                             = _row("reset_password", "POST /password_resets/{key}", p.ResetParameters, r.Said, "reset password", "ours")

LIST_ORGANIZATIONS: Endpoint[list[r.OrganizationDetails]]    = _row("list_organizations", "GET /organizations", p.Nothing, list[r.OrganizationDetails], "list organizations", "2.7")
FIND_ORGANIZATION: Endpoint[r.OrganizationDetails]           = _row("find_organization", "GET /organizations/find", p.FindOrganizationParameters, r.OrganizationDetails, "show organization", "2.7")
SHOW_ORGANIZATION: Endpoint[r.OrganizationDetails]           = _row("show_organization", "GET /organizations/{org}", p.Nothing, r.OrganizationDetails, "show organization", "2.7")
UPDATE_ORGANIZATION: Endpoint[r.OrganizationDetails]         = _row("update_organization", "PUT /organizations/{org}", p.UpdateOrganizationParameters, r.OrganizationDetails, "update organization", "2.7")
ORGANIZATION_USERS: Endpoint[list[r.OrganizationUser]]       = _row("organization_users", "GET /organizations/{org}/users", p.Nothing, list[r.OrganizationUser], "show organization", "2.6")
ORGANIZATION_USER: Endpoint[r.OrganizationUser]              = _row("organization_user", "GET /organizations/{org}/users/{user_id}", p.Nothing, r.OrganizationUser, "show organization", "2.6")
UPDATE_ORGANIZATION_USER: Endpoint[r.OrganizationUser]       = _row("update_organization_user", "PUT /organizations/{org}/users/{user_id}", p.UpdateOrganizationUserParameters, r.OrganizationUser, "manage organization users", "ours")
REMOVE_USER: Endpoint[None]                                  = _row("remove_user", "DELETE /organizations/{org}/users/{user_id}", p.Nothing, None, "manage organization users", "2.6", 204)
AUDIT_USERS: Endpoint[list[r.AuditedUser]]                   = _row("audit_users", "GET /organizations/{org}/audits/users", p.Nothing, list[r.AuditedUser], "audit organization", "2.6")
LIST_EMOJI: Endpoint[list[r.Emoji]]                          = _row("list_emoji", "GET /organizations/{org}/emoji", p.Nothing, list[r.Emoji], "show emoji", "2.7")
ADD_EMOJI: Endpoint[r.Emoji]                                 = _row("add_emoji", "POST /organizations/{org}/emoji", p.AddEmojiParameters, r.Emoji, "add emoji", "ours", 201)
REMOVE_EMOJI: Endpoint[None]                                 = _row("remove_emoji", "DELETE /organizations/{org}/emoji/{emoji}", p.Nothing, None, "remove emoji", "ours", 204)
RENEW_SCIM_TOKEN: Endpoint[r.ScimToken]                      = _row("renew_scim_token", "POST /organizations/{org}/scim", p.Nothing, r.ScimToken, "set up provisioning", "ours", 201)
REMOVE_SCIM_TOKEN: Endpoint[None]                            = _row("remove_scim_token", "DELETE /organizations/{org}/scim", p.Nothing, None, "set up provisioning", "ours", 204)

LIST_CONVERSATIONS: Endpoint[list[r.Conversation]]           = _row("list_conversations", "GET /private", p.Nothing, list[r.Conversation], "list conversations", "2.8")
SHOW_CONVERSATION: Endpoint[r.Conversation]                  = _row("show_conversation", "GET /private/{user_id}", p.Nothing, r.Conversation, "read conversation", "2.8")
UPDATE_CONVERSATION: Endpoint[r.Conversation]                = _row("update_conversation", "PUT /private/{user_id}", p.UpdateConversationParameters, r.Conversation, "read conversation", "2.8")

LIST_INVITATIONS: Endpoint[list[r.Invitation]]               = _row("list_invitations", "GET /flows/{org}/{flow}/invitations", p.Nothing, list[r.Invitation], "invite to flow", "2.9")
SHOW_INVITATION: Endpoint[r.Invitation]                      = _row("show_invitation", "GET /flows/{org}/{flow}/invitations/{id}", p.Nothing, r.Invitation, "invite to flow", "2.9")
INVITE: Endpoint[r.Invitation]                               = _row("invite", "POST /flows/{org}/{flow}/invitations", p.InviteParameters, r.Invitation, "invite to flow", "2.9", 201, (429,))
IMPORT_INVITATIONS: Endpoint[r.ImportedInvitations]          = _row("import_invitations", "POST /flows/{org}/{flow}/invitations/import", p.ImportInvitationsParameters, r.ImportedInvitations, "invite to flow", "2.9", 200, (429,))
CANCEL_INVITATION: Endpoint[None]                            = _row("cancel_invitation", "DELETE /flows/{org}/{flow}/invitations/{id}", p.Nothing, None, "invite to flow", "2.9", 204)
ACCEPT_INVITATION: Endpoint[r.AcceptedInvitation]            = _row("accept_invitation", "POST /invitations/{key}", p.AcceptInvitationParameters, r.AcceptedInvitation, "accept invitation", "ours", 200, (201,))

LIST_SOURCES: Endpoint[list[r.SourceDetails]]                = _row("list_sources", "GET /sources", p.SourceTokenParameters, list[r.SourceDetails], "list sources", "2.10")
UPDATE_OWN_SOURCE: Endpoint[r.SourceDetails]                 = _row("update_own_source", "PUT /sources", p.UpdateOwnSourceParameters, r.SourceDetails, "update own source", "2.10")
FLOW_SOURCES: Endpoint[list[r.SourceDetails]]                = _row("flow_sources", "GET /flows/{org}/{flow}/sources", p.Nothing, list[r.SourceDetails], "show sources", "2.10")
SHOW_SOURCE: Endpoint[r.SourceDetails]                       = _row("show_source", "GET /flows/{org}/{flow}/sources/{id}", p.Nothing, r.SourceDetails, "show sources", "2.10")
CREATE_SOURCE: Endpoint[r.SourceDetails]                     = _row("create_source", "POST /flows/{org}/{flow}/sources", p.CreateSourceParameters, r.SourceDetails, "create source", "2.10", 201)
CREATE_INTEGRATION: Endpoint[r.SourceDetails]                = _row("create_integration", "POST /flows/{org}/{flow}/integrations", p.CreateSourceParameters, r.SourceDetails, "create source", "2.10", 201)
UPDATE_SOURCE: Endpoint[r.SourceDetails]                     = _row("update_source", "PUT /flows/{org}/{flow}/sources/{id}", p.UpdateSourceParameters, r.SourceDetails, "change source", "2.10")
REMOVE_SOURCE: Endpoint[None]                                = _row("remove_source", "DELETE /flows/{org}/{flow}/sources/{id}", p.Nothing, None, "change source", "2.10", 204)

PUSH_CHAT: Endpoint[None]                                    = _row("push_chat", "POST /messages/chat/{tokens}", p.PushChatParameters, None, "push to flow", "2.12")
PUSH_INBOX: Endpoint[None]                                   = _row("push_inbox", "POST /messages/team_inbox/{tokens}", p.PushInboxParameters, None, "push to flow", "2.12")
PUSH_INFLUX: Endpoint[None]                                  = _row("push_influx", "POST /messages/influx/{tokens}", p.PushInboxParameters, None, "push to flow", "2.12")
PUSH_GITHUB: Endpoint[None]                                  = _row("push_github", "POST /github/{tokens}", p.PushGitHubParameters, None, "push to flow", "2.12")
PUSH_GIT: Endpoint[None]                                     = _row("push_git", "POST /git/{tokens}", p.PushGitParameters, None, "push to flow", "2.12")
PUSH_JIRA: Endpoint[None]                                    = _row("push_jira", "POST /jira/{tokens}", p.PushJiraParameters, None, "push to flow", "2.12")
PUSH_CONFLUENCE: Endpoint[None]                              = _row("push_confluence", "POST /jari/confluence/messages", p.PushConfluenceParameters, None, "push to flow", "2.12")

LIST_WEBHOOKS: Endpoint[list[r.Webhook]]                     = _row("list_webhooks", "GET /flows/{org}/{flow}/webhooks", p.Nothing, list[r.Webhook], "manage webhooks", "2.15")
CREATE_WEBHOOK: Endpoint[r.Webhook]                          = _row("create_webhook", "POST /flows/{org}/{flow}/webhooks", p.WebhookParameters, r.Webhook, "manage webhooks", "2.15", 201)
SHOW_WEBHOOK: Endpoint[r.Webhook]                            = _row("show_webhook", "GET /flows/{org}/{flow}/webhooks/{id}", p.Nothing, r.Webhook, "manage webhooks", "2.15")
UPDATE_WEBHOOK: Endpoint[r.Webhook]                          = _row("update_webhook", "PUT /flows/{org}/{flow}/webhooks/{id}", p.WebhookParameters, r.Webhook, "manage webhooks", "2.15")
REMOVE_WEBHOOK: Endpoint[None]                               = _row("remove_webhook", "DELETE /flows/{org}/{flow}/webhooks/{id}", p.Nothing, None, "manage webhooks", "2.15", 204)
LIST_DELIVERIES: Endpoint[list[r.Delivery]]                  = _row("list_deliveries", "GET /flows/{org}/{flow}/webhooks/{id}/deliveries", p.DeliveriesParameters, list[r.Delivery], "manage webhooks", "2.15")
REPLAY_DELIVERY: Endpoint[r.Delivery]                        = _row("replay_delivery", "POST /flows/{org}/{flow}/webhooks/{id}/deliveries/{delivery_id}/replay", p.Nothing, r.Delivery, "manage webhooks", "2.15", 202)

LIST_APPLICATIONS: Endpoint[list[r.ApplicationDetails]]      = _row("list_applications", "GET /oauth/applications", p.Nothing, list[r.ApplicationDetails], "manage applications", "2.13")
CREATE_APPLICATION: Endpoint[r.ApplicationDetails]           = _row("create_application", "POST /oauth/applications", p.ApplicationParameters, r.ApplicationDetails, "manage applications", "2.13", 201)
SHOW_APPLICATION: Endpoint[r.ApplicationDetails]             = _row("show_application", "GET /oauth/applications/{id}", p.Nothing, r.ApplicationDetails, "manage applications", "2.13")
UPDATE_APPLICATION: Endpoint[r.ApplicationDetails]           = _row("update_application", "PUT /oauth/applications/{id}", p.ApplicationParameters, r.ApplicationDetails, "manage applications", "2.13")
RENEW_CLIENT_SECRET: Endpoint[r.ApplicationDetails]          = _row("renew_client_secret", "POST /oauth/applications/{id}/client_secret", p.Nothing, r.ApplicationDetails, "manage applications", "ours", 201)
REMOVE_APPLICATION: Endpoint[None]                           = _row("remove_application", "DELETE /oauth/applications/{id}", p.Nothing, None, "manage applications", "2.13", 204)
TOKEN: Endpoint[r.AccessToken]                               = _row("token", "POST /oauth/token", p.TokenParameters, r.AccessToken, "exchange token", "2.13", 200, (400, 401, 429))
REVOKE: Endpoint[None]                                       = _row("revoke", "POST /oauth/revoke", p.RevokeParameters, None, "exchange token", "ours", 200, (401,))

SCIM_CHECK: Endpoint[r.Said]                                 = _row("scim_check", "GET /scim/{uid}", p.Nothing, r.Said, "provision users", "7.2")
SCIM_LIST: Endpoint[r.ScimUsers]                             = _row("scim_list", "GET /scim/{uid}/Users", p.ScimListParameters, r.ScimUsers, "provision users", "7.2")
SCIM_SHOW: Endpoint[r.ScimUser]                              = _row("scim_show", "GET /scim/{uid}/Users/{user_id}", p.Nothing, r.ScimUser, "provision users", "7.2")
SCIM_CREATE: Endpoint[r.ScimUser]                            = _row("scim_create", "POST /scim/{uid}/Users", p.ScimUserParameters, r.ScimUser, "provision users", "7.2", 201, (409,))
SCIM_REPLACE: Endpoint[r.ScimUser]                           = _row("scim_replace", "PUT /scim/{uid}/Users/{user_id}", p.ScimUserParameters, r.ScimUser, "provision users", "7.2", 200, (409,))
SCIM_REMOVE: Endpoint[None]                                  = _row("scim_remove", "DELETE /scim/{uid}/Users/{user_id}", p.Nothing, None, "provision users", "7.2", 204)

DESCRIBE: Endpoint[dict[str, object]]                        = _row("describe", "GET /openapi.json", p.Nothing, dict[str, object], "read description", "ours")
# fmt: on

ALL: tuple[Endpoint[Any], ...] = tuple(row for row in list(globals().values()) if isinstance(row, Endpoint))
