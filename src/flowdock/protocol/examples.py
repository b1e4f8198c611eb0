"""What requests and answers look like: an example for each type of parameters and of results.

The story is always the same: Al (9) and Bo (12) of Acme talk in the flow `main`, and a build server tells of builds.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, get_args, get_origin

from flowdock.protocol import parameters as p
from flowdock.protocol import resources as r
from flowdock.protocol import types as t
from flowdock.protocol.endpoints import Endpoint


class Place(NamedTuple):
    """A placeholder of paths: what it stands for, and an example."""

    about: str
    value: str | int


_FLOW_ID = "0f1e2d3c-4b5a-4978-8a69-000000000001"
_THREAD_ID = "aB3_dEfGhIjKlMnOpQrStUvWxYz"
_AT = "2026-03-02T09:26:40.123Z"
_SENT = 1772443600123
_FLOW_URL = "https://flowdock.example/flows/acme/main"

PLACES: Mapping[str, Place] = {
    "org": Place("the organization's name in addresses", "acme"),
    "flow": Place("the flow's name in addresses", "main"),
    "thread_id": Place("the thread", _THREAD_ID),
    "id": Place("its number; a message's is unique within its flow or conversation", 512),
    "user_id": Place("the person", 12),
    "delivery_id": Place("the delivery", 31),
    "number": Place("the flow's internal number, as in its `_links.files`", 4),
    "emoji": Place("the short name without colons", "shipit"),
    "tokens": Place("API tokens of flows or tokens of sources, several with commas between", "d41d8cd98f00b204"),
    "key": Place("the secret part of the address that somebody was given", "2c26b46b68ffc68ff99b"),
    "uid": Place("the organization's name in addresses", "acme"),
}

_AL: dict[str, Any] = {
    "id": 9,
    "nick": "Al",
    "email": "al@example.com",
    "avatar": "https://flowdock.example/avatars/9.svg",
    "name": "Al Example",
    "website": None,
}
_BO: dict[str, Any] = {
    **_AL,
    "id": 12,
    "nick": "Bo",
    "email": "bo@example.com",
    "avatar": "https://flowdock.example/avatars/12.svg",
    "name": "Bo Example",
}
_MEMBER: dict[str, Any] = {
    **_AL,
    "disabled": False,
    "team_notifications": False,
    "in_flow": True,
    "status": None,
    "flow_admin": True,
    "last_activity": _SENT,
    "last_ping": _SENT,
}
_COLLEAGUE: dict[str, Any] = {**_AL, "admin": True}
_APPLICATION: dict[str, Any] = {
    "id": 3,
    "name": "CI",
    "icon_url": "https://flowdock.example/icons/3.svg",
    "url": "https://flowdock.example/oauth/applications/3",
    "published": False,
    "_links": {},
}
_SOURCE: dict[str, Any] = {
    "id": 7,
    "name": "Build server",
    "url": f"{_FLOW_URL}/sources/7",
    "external_url": "https://ci.example",
    "created_at": _AT,
    "updated_at": _AT,
    "application": _APPLICATION,
    "_links": {},
}
_SOURCE_DETAILS: dict[str, Any] = {**_SOURCE, "creator": _AL, "error_message": ""}
_THREAD: dict[str, Any] = {
    "id": _THREAD_ID,
    "title": "lunch?",
    "body": "",
    "external_url": None,
    "status": None,
    "actions": [],
    "fields": [],
    "source": None,
    "activities": 0,
    "internal_comments": 1,
    "external_comments": 0,
    "updated_at": _AT,
    "created_at": _AT,
    "initial_message": 512,
}
_MESSAGE: dict[str, Any] = {
    "id": 512,
    "event": "message",
    "app": "chat",
    "user": "9",
    "content": "lunch?",
    "tags": ["food"],
    "sent": _SENT,
    "created_at": _AT,
    "edited": None,
    "edited_at": None,
    "uuid": "k1QfA-2bWm9zXyT0",
    "attachments": [],
    "emojiReactions": {},
    "flow": _FLOW_ID,
    "thread_id": _THREAD_ID,
    "thread": _THREAD,
}
_ORGANIZATION: dict[str, Any] = {
    "id": 1,
    "parameterized_name": "acme",
    "name": "Acme",
    "user_limit": 0,
    "user_count": 2,
    "active": True,
    "url": "https://flowdock.example/organizations/acme",
}
_FLOW: dict[str, Any] = {
    "id": _FLOW_ID,
    "name": "Main",
    "parameterized_name": "main",
    "email": "main@acme.flowdock.example",
    "description": "Everything",
    "url": _FLOW_URL,
    "web_url": "https://flowdock.example/app/acme/main",
    "access_mode": "invitation",
    "flow_admin": True,
    "_links": {"self": {"methods": ["GET", "PUT"], "fields": ["name", "access_mode"]}},
    "open": True,
    "joined": True,
    "last_message_at": _AT,
    "last_message_id": 512,
    "team_notifications": False,
    "unread_mentions": 0,
    "organization": _ORGANIZATION,
}
_INVITATION: dict[str, Any] = {
    "id": 14,
    "state": "pending",
    "email": "cy@example.com",
    "flow": _FLOW_ID,
    "url": f"{_FLOW_URL}/invitations/14",
}
_ADDRESS = "https://chat.example/hooks/flowdock"
_SCIM_USER: dict[str, Any] = {
    "schemas": ["urn:scim:schemas:core:1.0"],
    "id": "12",
    "externalId": "00u1",
    "userName": "Bo",
    "name": {"givenName": "Bo", "familyName": "Example"},
    "displayName": "Bo Example",
    "nickName": "Bo",
    "emails": [{"value": "bo@example.com", "primary": True}],
    "active": True,
    "meta": {"location": "https://flowdock.example/scim/acme/Users/12", "created": _AT, "lastModified": _AT},
}

_PRESENTED: dict[str, Any] = {
    "event": "activity",
    "external_thread_id": "build-7",
    "author": {"name": "Robo"},
    "title": "finished build 7",
    "thread": {"title": "Build 7", "status": {"color": "green", "value": "passed"}},
}

ANSWERS: Mapping[Any, Any] = {
    None: {},
    t.Message: _MESSAGE,
    t.Thread: _THREAD,
    t.Flow: _FLOW,
    t.User: _AL,
    t.FlowUser: _MEMBER,
    dict[str, object]: {"openapi": "3.1.1"},
    r.OrganizationUser: _COLLEAGUE,
    r.OrganizationDetails: {**_ORGANIZATION, "subscription": {"trial": False}, "users": [_COLLEAGUE]},
    r.AuditedUser: {**_COLLEAGUE, "accessed_at": "2026-03-02T09:26:40.123000Z"},
    r.Emoji: {"id": "shipit", "image_url": "https://flowdock.example/emoji/9f86d081884c7d65"},
    r.JoinUrl: {"join_url": "https://flowdock.example/invitations/2c26b46b68ffc68ff99b-main"},
    r.ApiToken: {"api_token": "d41d8cd98f00b204e9800998ecf8427e"},
    r.Conversation: {
        "id": 12,
        "url": "https://flowdock.example/private/12",
        "name": "@Bo",
        "open": True,
        "activity": {"inbox": False, "mentions": 0, "chat": False},
        "users": [_AL, _BO],
    },
    r.Invitation: _INVITATION,
    r.ImportedInvitations: {
        "invitations": [_INVITATION],
        "added_users": [],
        "erroneous_emails": [{"cy@invalid": "Invalid email"}],
    },
    r.AcceptedInvitation: {"flow": _FLOW_ID, "url": _FLOW_URL, "web_url": "https://flowdock.example/app/acme/main"},
    r.SourceDetails: _SOURCE_DETAILS,
    r.Unread: {"flow": _FLOW_ID, "count": 1, "messages": [512], "threads": {_THREAD_ID: 1}},
    r.Notification: {"id": f"{_FLOW_ID}:512", "message": _MESSAGE, "unread": True},
    r.SearchResults: {
        "results": [{"message": _MESSAGE, "place": {"flow": _FLOW_ID, "name": "Main"}, "before": [], "after": []}],
        "next": None,
    },
    r.Webhook: {
        "id": 5,
        "url": _ADDRESS,
        "events": ["message"],
        "active": True,
        "created_at": _AT,
        "creator": _AL,
        "waiting": 0,
        "failed": 0,
    },
    r.Delivery: {
        "id": 31,
        "event": "message",
        "message": 512,
        "state": "delivered",
        "attempts": 1,
        "status": 200,
        "error": None,
        "created_at": _AT,
        "attempted_at": _AT,
        "next_attempt_at": None,
    },
    r.TokenDetails: {
        "id": 21,
        "label": "my bot",
        "scopes": ["flow"],
        "application": None,
        "created_at": _AT,
        "last_used_at": None,
        "expires_at": None,
    },
    r.ApplicationDetails: {
        "id": 3,
        "name": "CI",
        "client_id": "b5bb9d8014a0f9b1d61e21e796d78dcc",
        "redirect_uri": "https://ci.example/oauth/callback",
        "icon_url": "https://flowdock.example/icons/3.svg",
        "setup_uri": None,
        "url": "https://flowdock.example/oauth/applications/3",
        "published": False,
        "confidential": True,
        "created_at": _AT,
    },
    r.AccessToken: {
        "access_token": "e3b0c44298fc1c149afbf4c8996fb924",
        "token_type": "bearer",
        "expires_in": 28800,
        "scope": "flow,offline_access",
        "created_at": _SENT // 1000,
        "refresh_token": "27ae41e4649b934ca495991b7852b855",
    },
    r.ActionResult: {"done": True, "status": 200, "message": "Retry is done", "url": None},
    r.ScimToken: {"url": "https://flowdock.example/scim/acme", "token": "5994471abb01112afcc18159f6cc74b4"},
    r.ScimUser: _SCIM_USER,
    r.ScimUsers: {
        "schemas": ["urn:scim:schemas:core:1.0"],
        "totalResults": 1,
        "startIndex": 1,
        "itemsPerPage": 1,
        "Resources": [_SCIM_USER],
    },
    r.Said: {"message": "Authorization ok"},
}
"""By the type of the result."""

_SENT_WORDS: dict[str, Any] = {"event": "message", "content": "lunch?", "tags": ["food"], "uuid": "k1QfA-2bWm9zXyT0"}

REQUESTS: Mapping[Any, Mapping[str, Any]] = {
    p.Nothing: {},
    p.SendParameters: _SENT_WORDS,
    p.SendAnywhereParameters: {"flow": _FLOW_ID, **_SENT_WORDS},
    p.UploadParameters: {
        "content": {"data": "aGVsbG8=", "content_type": "text/plain", "file_name": "hello.txt"},
        "tags": ["food"],
    },
    p.ActivityParameters: {"flow_token": "d41d8cd98f00b204e9800998ecf8427e", **_PRESENTED},
    p.CommentParameters: {"content": "I agree"},
    p.CommentAnywhereParameters: {"flow": _FLOW_ID, "message": 512, "content": "I agree"},
    p.ListParameters: {"limit": 50, "tags": ["food"]},
    p.EditParameters: {"content": "lunch at 12?"},
    p.ReactionParameters: {"type": "add", "emoji": "thumbsup"},
    p.ThreadListParameters: {"limit": 10, "until": _AT},
    p.FlowListParameters: {"users": True},
    p.FindFlowParameters: {"id": _FLOW_ID},
    p.CreateFlowParameters: {"name": "Design", "access_mode": "organization"},
    p.UpdateFlowParameters: {"open": False},
    p.FlowUserParameters: {"id": 12},
    p.UpdateFlowUserParameters: {"disabled": True},
    p.UpdateUserParameters: {"nick": "Ally"},
    p.FindOrganizationParameters: {"id": 1},
    p.UpdateOrganizationParameters: {"name": "Acme Ltd"},
    p.UpdateOrganizationUserParameters: {"admin": True},
    p.AddEmojiParameters: {
        "id": "shipit",
        "image": {"data": "R0lGODlhAQABAAAAACw=", "content_type": "image/gif", "file_name": "shipit.gif"},
    },
    p.UpdateConversationParameters: {"open": False},
    p.InviteParameters: {"email": "cy@example.com", "message": "Come in"},
    p.ImportInvitationsParameters: {"list": 'cy@example.com, "Di" <di@example.com>'},
    p.AcceptInvitationParameters: {"nick": "Cy", "name": "Cy Example", "password": "correct horse battery"},
    p.SourceTokenParameters: {},
    p.CreateSourceParameters: {"name": "Build server", "external_url": "https://ci.example"},
    p.UpdateSourceParameters: {"error_message": "the certificate has expired"},
    p.UpdateOwnSourceParameters: {
        "flow_token": "d41d8cd98f00b204e9800998ecf8427e",
        "error_message": "the certificate has expired",
    },
    p.PushChatParameters: {"content": "deployed", "external_user_name": "Robot", "tags": ["deploy"]},
    p.PushInboxParameters: {
        "source": "Deployer",
        "from_address": "deploy@example.com",
        "subject": "Deployed 1.2",
        "content": "<p>All well</p>",
        "tags": ["deploy"],
    },
    p.PushConfluenceParameters: {"tokens": "0123456789abcdef0123456789abcdef", "event": "create", "page_title": "Home"},
    p.PushGitHubParameters: {"event": "push", "payload": {"ref": "refs/heads/main", "commits": []}},
    p.PushGitParameters: {"payload": {"ref": "refs/heads/main", "commits": []}},
    p.PushJiraParameters: {"event_type": "create", "issue_key": "ABC-1", "issue_summary": "It is slow"},
    p.NotificationsParameters: {"limit": 10},
    p.MarkReadParameters: {"until_id": 512},
    p.SearchParameters: {"q": "lunch from:Al in:acme/main"},
    p.WebhookParameters: {"url": _ADDRESS, "events": ["message"]},
    p.DeliveriesParameters: {"state": "failed"},
    p.CreateTokenParameters: {"label": "my bot", "scopes": ["flow"]},
    p.ApplicationParameters: {"name": "CI", "redirect_uri": "https://ci.example/oauth/callback"},
    p.TokenParameters: {
        "grant_type": "authorization_code",
        "client_id": "b5bb9d8014a0f9b1d61e21e796d78dcc",
        "client_secret": "d61e21e796d78dccdf1352f23cd32812",
        "code": "9e107d9d372bb6826bd81d3542a419d6",
        "redirect_uri": "https://ci.example/oauth/callback",
    },
    p.RevokeParameters: {
        "token": "e3b0c44298fc1c149afbf4c8996fb924",
        "client_id": "b5bb9d8014a0f9b1d61e21e796d78dcc",
        "client_secret": "d61e21e796d78dccdf1352f23cd32812",
    },
    p.AskResetParameters: {"email": "al@example.com"},
    p.ResetParameters: {"password": "correct horse battery"},
    p.ScimListParameters: {"filter": 'userName eq "Bo"'},
    p.ScimUserParameters: {"userName": "Bo", "displayName": "Bo Example", "emails": [{"value": "bo@example.com"}]},
}
"""By the type of the parameters."""


def answer(row: Endpoint[Any]) -> Any:
    """What an endpoint may answer."""
    if row.result not in ANSWERS and get_origin(row.result) is list:
        return [ANSWERS[get_args(row.result)[0]]]
    return ANSWERS[row.result]


def request(row: Endpoint[Any]) -> Mapping[str, Any]:
    """The parameters that somebody may send to an endpoint."""
    return REQUESTS[row.parameters]
