"""What everybody may do, said once more: who is what to each thing, and at least one case for each endpoint and rule.

The roles here are written down by hand and owe nothing to the code that finds them out; which roles a rule takes is the
table of permissions. From both follows what each caller must be answered.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flowdock.protocol import endpoints as e
from flowdock.protocol.endpoints import Endpoint
from flowdock.server.domain import permissions as rules
from flowdock.server.domain.permissions import TABLE, Role, Rule
from tests.contract.cast import MARK, PEOPLE, PICTURE, Caller

Roles = Mapping[str, AbstractSet[Role]]


class Outcome(StrEnum):
    """What becomes of a request."""

    ALLOWED = "allowed"
    UNKNOWN = "401"
    FORBIDDEN = "403"
    HIDDEN = "404"


_MEMBER, _ADMIN, _JOINER = {Role.MEMBER}, {Role.MEMBER, Role.FLOW_ADMIN}, {Role.JOINER}
_IN_FLOW: Roles = {"founder": _ADMIN, "chief": _ADMIN, "member": _MEMBER}
_COLLEAGUES = tuple(name for name in PEOPLE if name != "stranger")
_PEERS: Roles = {name: {Role.PEER} for name in _COLLEAGUES}
_IN_ORGANIZATION: Roles = {
    name: {Role.COLLEAGUE, Role.ORG_ADMIN} if name in ("founder", "overseer") else {Role.COLLEAGUE}
    for name in _COLLEAGUES
}
_EVERYBODY: Roles = {name: {Role.PERSON} for name in PEOPLE}

THINGS: Mapping[str, Roles] = {
    "flow": {**_IN_FLOW, "source": {Role.SOURCE}},
    "source's flow": {"source": {Role.SOURCE}, "source of elsewhere": {Role.SOURCE}},
    "flow by its number": {**_IN_FLOW, "source": {Role.SOURCE}},
    "open flow": {**dict.fromkeys(_COLLEAGUES, _JOINER), "founder": _ADMIN},
    "founder's message": {**_IN_FLOW, "founder": {*_ADMIN, Role.AUTHOR}},
    "member": {**_PEERS, "member": {Role.SELF}},
    "founder's membership": {**_IN_FLOW, "founder": {*_ADMIN, Role.SELF}},
    "member's membership": {**_IN_FLOW, "member": {*_MEMBER, Role.SELF}},
    "founder and member": {"founder": {Role.PEER, Role.AUTHOR}},
    "file in flow": _IN_FLOW,
    "organization": _IN_ORGANIZATION,
    "member's emoji": {**_IN_ORGANIZATION, "member": {Role.COLLEAGUE, Role.OWNER}},
    "one's own": {**_EVERYBODY, "source": {Role.SOURCE}, "source of elsewhere": {Role.SOURCE}},
    "founder's own": {"founder": {Role.PERSON}},
    "address": {},
    "provisioned": {"provisioner": {Role.PROVISIONER}},
}
"""Who is what to each thing; whoever is not here is nothing to it."""

_SEEN_BY: Mapping[str, AbstractSet[Role]] = {
    "flow": {Role.MEMBER, Role.JOINER},
    "open flow": {Role.MEMBER, Role.JOINER},
    "founder's membership": {Role.MEMBER, Role.JOINER},
    "member's membership": {Role.MEMBER, Role.JOINER},
    "founder's message": {Role.MEMBER},
    "founder and member": {Role.PEER, Role.SELF},
    "member": {Role.PEER, Role.SELF},
    "organization": {Role.COLLEAGUE},
    "member's emoji": {Role.COLLEAGUE},
}
"""Who knows that a thing is there, even where they may not do what they ask for."""


@dataclass(frozen=True, slots=True)
class Case:
    """A request, the thing it is about, and the rule it has to meet when that is not the endpoint's own."""

    row: Endpoint[Any]
    about: str
    at: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    rule: Rule | None = None
    instead: Mapping[str, Outcome] = field(default_factory=dict)
    """Answers to single callers that do not follow from the table, each with a reason beside it."""
    allowed: Callable[[int], bool] = lambda status: status < 300

    def __str__(self) -> str:
        rule = f" ({self.rule.name})" if self.rule else ""
        return f"{self.row.name}{rule} on {self.about}"

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All that have to be met."""
        first = TABLE[self.row.permission]
        return (first, self.rule) if self.rule else (first,)

    def expected(self, caller: Caller) -> Outcome:
        """What a caller must be answered."""
        if str(caller) in self.instead:
            return self.instead[str(caller)]
        return _expected(caller, self.rules, self.about)


def expected_of(caller: Caller, rule: Rule, about: str) -> Outcome:
    """What a caller must be answered who asks for what has no endpoint in the table."""
    return _expected(caller, (rule,), about)


def _expected(caller: Caller, rules: tuple[Rule, ...], about: str) -> Outcome:
    first, demanded = rules[0], rules[-1]
    if first.roles & {Role.ANYBODY, Role.HOLDER} and (Role.PERSON not in first.roles or not _sends_a_header(caller)):
        return Outcome.ALLOWED
    if not _known(caller, first):
        return Outcome.UNKNOWN
    if first.roles == {Role.PROVISIONER} and str(caller) not in THINGS[about]:
        # A wrong token, whosever it is: 7.2.
        return Outcome.FORBIDDEN
    if caller.scopes is not None and not all(rule.scopes & set(caller.scopes) for rule in rules):
        return Outcome.FORBIDDEN
    roles = THINGS[about].get(caller.person or str(caller), set()) | ({Role.HOLDER} if about == "address" else set())
    if demanded.roles & roles:
        return Outcome.ALLOWED
    return Outcome.FORBIDDEN if _SEEN_BY.get(about, set()) & roles else Outcome.HIDDEN


def _sends_a_header(caller: Caller) -> bool:
    return bool(caller.person) or caller.name.startswith("provisioner")


def _known(caller: Caller, rule: Rule) -> bool:
    """Whether a caller has credentials that count for a rule."""
    if caller.name.startswith("source"):
        return Role.SOURCE in rule.roles
    if caller.name.startswith("provisioner"):
        return Role.PROVISIONER in rule.roles
    return bool(caller.person)


_FLOW = {"org": "$org", "flow": "$flow"}
_OPEN = {"org": "$org", "flow": "$open flow"}
_THREAD = {**_FLOW, "thread_id": "$thread"}
_MESSAGE = {**_FLOW, "id": "$message"}
_PRIVATE = {"user_id": "$member", "id": "$private message"}
_ORG = {"org": "$org"}
_SAID = {"event": "message", "content": "hello"}
_SCIM = {"uid": "$scim uid"}
_NEWCOMER = {"userName": "$nick", "emails": [{"value": "$address"}], "name": {"formatted": "New One"}}
_PRESENTED = {
    "event": "activity",
    "external_thread_id": "1",
    "title": "t",
    "author": {"name": "Robo"},
    "thread": {"title": "t"},
}
_NO_SOURCES: Mapping[str, Outcome] = dict.fromkeys(("source", "source of elsewhere"), Outcome.FORBIDDEN)
"""A source names no flow, not even its own, and is told that wherever the address leads."""
_OWN_FLOW: Mapping[str, Outcome] = {"source of elsewhere": Outcome.ALLOWED}
"""A source posts into its own flow, whatever the parameters say."""

CASES: tuple[Case, ...] = (
    Case(e.SEND, "flow", {}, {"flow": "$flow id", **_SAID}, instead=_OWN_FLOW),
    Case(e.SEND_TO_FLOW, "flow", _FLOW, _SAID, instead=_NO_SOURCES),
    Case(e.SEND_TO_FLOW, "open flow", _OPEN, _SAID, instead=_NO_SOURCES),
    Case(e.SEND_TO_THREAD, "flow", _THREAD, _SAID, instead=_NO_SOURCES),
    Case(e.SEND_PRIVATELY, "member", {"user_id": "$member"}, _SAID),
    Case(
        e.COMMENT,
        "flow",
        {},
        {"flow": "$flow id", "message": "$message", "content": "hello"},
        # In its own flow there is no such message.
        instead={"source of elsewhere": Outcome.HIDDEN},
    ),
    Case(e.COMMENT_ON, "flow", _MESSAGE, {"content": "hello"}, instead=_NO_SOURCES),
    Case(e.UPLOAD_TO_FLOW, "flow by its number", {"number": "$number"}, {"content": PICTURE}),
    Case(e.PRESENT, "source's flow", {}, _PRESENTED),
    Case(e.LIST_MESSAGES, "flow", _FLOW),
    Case(e.LIST_MESSAGES, "open flow", _OPEN),
    Case(e.LIST_REPLIES, "flow", _THREAD),
    Case(e.LIST_PRIVATE, "member", {"user_id": "$member"}),
    Case(e.SEARCH, "one's own", {}, {"q": MARK}),
    Case(e.SHOW_MESSAGE, "flow", _MESSAGE),
    Case(e.EDIT_MESSAGE, "founder's message", _MESSAGE, {"tags": ["a"]}),
    Case(e.EDIT_MESSAGE, "founder's message", _MESSAGE, {"content": "new"}, rules.EDIT_MESSAGE),
    Case(e.EDIT_MESSAGE, "founder's message", _MESSAGE, {"thread_id": ""}, rules.RETHREAD_MESSAGE),
    Case(e.DELETE_MESSAGE, "founder's message", _MESSAGE),
    Case(e.DELETE_MESSAGE, "flow", {**_FLOW, "id": "$item"}, {}, rules.RETRACT_INBOX_ITEM),
    Case(e.SHOW_PRIVATE, "founder and member", _PRIVATE),
    Case(e.EDIT_PRIVATE, "founder and member", _PRIVATE, {"tags": ["a"]}),
    Case(e.EDIT_PRIVATE, "founder and member", _PRIVATE, {"content": "new"}, rules.EDIT_MESSAGE),
    Case(e.DELETE_PRIVATE, "founder and member", _PRIVATE),
    Case(e.REACT, "flow", _MESSAGE, {"type": "add", "emoji": "tada"}),
    Case(e.REACT_PRIVATELY, "founder and member", _PRIVATE, {"type": "add", "emoji": "tada"}),
    Case(e.LIST_THREADS, "flow", _FLOW),
    Case(e.SHOW_THREAD, "flow", _THREAD),
    # Nobody listens where the action leads: whoever may run it is told so.
    Case(
        e.RUN_ACTION,
        "flow",
        {**_FLOW, "thread_id": "$action thread", "key": "$action"},
        allowed=lambda status: status < 300 or status in (502, 504),
    ),
    Case(e.LIST_FLOWS, "one's own"),
    Case(e.ALL_FLOWS, "one's own"),
    Case(e.FIND_FLOW, "flow", {}, {"id": "$flow id"}),
    Case(e.CREATE_FLOW, "organization", _ORG, {"name": "Fresh"}),
    Case(e.SHOW_FLOW, "flow", _FLOW),
    Case(e.SHOW_FLOW, "open flow", _OPEN),
    Case(e.UPDATE_FLOW, "flow", _FLOW, {"open": False}),
    Case(e.UPDATE_FLOW, "open flow", _OPEN, {"open": True}, rules.JOIN_FLOW),
    Case(e.UPDATE_FLOW, "flow", _FLOW, {"name": "Other"}, rules.UPDATE_FLOW),
    Case(e.UPDATE_FLOW, "open flow", _OPEN, {"name": "Other"}, rules.UPDATE_FLOW),
    Case(e.SHOW_JOIN_URL, "flow", _FLOW),
    Case(e.SHOW_JOIN_URL, "open flow", _OPEN),
    Case(e.RENEW_JOIN_URL, "flow", _FLOW),
    Case(e.REMOVE_JOIN_URL, "flow", _FLOW),
    Case(e.RENEW_API_TOKEN, "flow", _FLOW),
    Case(e.FLOW_USERS, "flow", _FLOW),
    Case(e.FLOW_USERS, "open flow", _OPEN),
    Case(e.ADD_FLOW_USER, "flow", _FLOW, {"id": "$colleague"}),
    Case(e.UPDATE_FLOW_USER, "member's membership", {**_FLOW, "user_id": "$member"}, {"disabled": True}),
    Case(
        e.UPDATE_FLOW_USER,
        "flow",
        {**_FLOW, "user_id": "$founder"},
        {"disabled": True},
        rules.BLOCK_FLOW_ADMIN,
        instead={"founder": Outcome.ALLOWED},
    ),
    Case(e.UPDATE_FLOW_USER, "flow", {**_FLOW, "user_id": "$member"}, {"flow_admin": True}, rules.MAKE_FLOW_ADMIN),
    Case(e.UNREAD, "one's own"),
    Case(e.UNREAD_IN_FLOW, "flow", _FLOW),
    Case(e.MARK_READ, "flow", _FLOW),
    Case(e.MENTIONS, "one's own"),
    Case(e.UNREADS, "one's own"),
    Case(e.ME, "one's own"),
    Case(e.LIST_TOKENS, "one's own"),
    Case(e.CREATE_TOKEN, "one's own", {}, {"label": "bot"}),
    Case(e.REVOKE_TOKEN, "founder's own", {"id": "$token"}),
    Case(e.LIST_USERS, "one's own"),
    Case(e.SHOW_USER, "member", {"user_id": "$member"}),
    Case(e.SHOW_USER_ALIAS, "member", {"user_id": "$member"}),
    Case(e.UPDATE_USER, "member", {"user_id": "$member"}, {"website": "https://example.com"}),
    Case(e.UPDATE_USER, "member", {"user_id": "$member"}, {"password": "correct horse"}, rules.CHANGE_CREDENTIALS),
    Case(e.ASK_RESET, "address", {}, {"email": "nobody@example.com"}),
    Case(e.RESET_PASSWORD, "address", {"key": "$reset key"}, {"password": "correct horse"}),
    Case(e.LIST_ORGANIZATIONS, "one's own"),
    Case(e.FIND_ORGANIZATION, "organization", {}, {"id": "$org id"}),
    Case(e.SHOW_ORGANIZATION, "organization", _ORG),
    Case(e.UPDATE_ORGANIZATION, "organization", _ORG, {"name": "Other"}),
    Case(e.ORGANIZATION_USERS, "organization", _ORG),
    Case(e.ORGANIZATION_USER, "organization", {**_ORG, "user_id": "$member"}),
    Case(e.UPDATE_ORGANIZATION_USER, "organization", {**_ORG, "user_id": "$member"}, {"admin": True}),
    Case(e.REMOVE_USER, "organization", {**_ORG, "user_id": "$member"}),
    Case(e.AUDIT_USERS, "organization", _ORG),
    Case(e.LIST_EMOJI, "organization", _ORG),
    Case(e.ADD_EMOJI, "organization", _ORG, {"id": "fresh", "image": PICTURE}),
    Case(e.REMOVE_EMOJI, "member's emoji", {**_ORG, "emoji": "$emoji"}),
    Case(e.RENEW_SCIM_TOKEN, "organization", _ORG),
    Case(e.REMOVE_SCIM_TOKEN, "organization", _ORG),
    Case(e.LIST_CONVERSATIONS, "one's own"),
    Case(e.SHOW_CONVERSATION, "member", {"user_id": "$member"}),
    Case(e.UPDATE_CONVERSATION, "member", {"user_id": "$member"}, {"open": True}),
    Case(e.LIST_INVITATIONS, "flow", _FLOW),
    Case(e.SHOW_INVITATION, "flow", {**_FLOW, "id": "$invitation"}),
    Case(e.INVITE, "flow", _FLOW, {"email": "someone@example.net"}),
    Case(e.IMPORT_INVITATIONS, "flow", _FLOW, {"list": "someone@example.net"}),
    Case(e.CANCEL_INVITATION, "flow", {**_FLOW, "id": "$invitation"}),
    Case(
        e.ACCEPT_INVITATION,
        "address",
        {"key": "$invitation key"},
        {"nick": "$nick", "name": "New One", "password": "correct horse"},
        # Whoever was blocked does not come back by themselves.
        instead={"blocked": Outcome.HIDDEN},
    ),
    Case(e.LIST_SOURCES, "one's own"),
    Case(e.UPDATE_OWN_SOURCE, "one's own", {}, {"error_message": "broken"}),
    Case(e.FLOW_SOURCES, "flow", _FLOW),
    Case(e.SHOW_SOURCE, "flow", {**_FLOW, "id": "$source"}),
    Case(e.CREATE_SOURCE, "flow", _FLOW, {"name": "Fresh"}),
    Case(e.CREATE_INTEGRATION, "flow", _FLOW, {"name": "Fresh"}),
    Case(e.UPDATE_SOURCE, "flow", {**_FLOW, "id": "$source"}, {"name": "Other"}),
    Case(e.REMOVE_SOURCE, "flow", {**_FLOW, "id": "$source"}),
    Case(e.PUSH_CHAT, "address", {"tokens": "$api token"}, {"content": "hello", "external_user_name": "Robot"}),
    Case(
        e.PUSH_INBOX,
        "address",
        {"tokens": "$api token"},
        {"source": "CI", "from_address": "ci@example.com", "subject": "s", "content": "c"},
    ),
    Case(
        e.PUSH_INFLUX,
        "address",
        {"tokens": "$api token"},
        {"source": "CI", "from_address": "ci@example.com", "subject": "s", "content": "c"},
    ),
    Case(e.PUSH_GITHUB, "address", {"tokens": "$api token"}, {"event": "push", "payload": {"ref": "r", "commits": []}}),
    Case(e.PUSH_GIT, "address", {"tokens": "$api token"}, {"payload": {"ref": "r", "commits": []}}),
    Case(e.PUSH_JIRA, "address", {"tokens": "$api token"}, {"event_type": "create", "issue_key": "A-1"}),
    Case(e.PUSH_CONFLUENCE, "address", {}, {"tokens": "$api token", "event": "create", "page_title": "Home"}),
    Case(e.LIST_WEBHOOKS, "flow", _FLOW),
    Case(e.CREATE_WEBHOOK, "flow", _FLOW, {"url": "https://example.com/hook"}),
    Case(e.SHOW_WEBHOOK, "flow", {**_FLOW, "id": "$webhook"}),
    Case(e.UPDATE_WEBHOOK, "flow", {**_FLOW, "id": "$webhook"}, {"active": False}),
    Case(e.REMOVE_WEBHOOK, "flow", {**_FLOW, "id": "$webhook"}),
    Case(e.LIST_DELIVERIES, "flow", {**_FLOW, "id": "$webhook"}),
    Case(e.REPLAY_DELIVERY, "flow", {**_FLOW, "id": "$webhook", "delivery_id": "$delivery"}),
    Case(e.LIST_APPLICATIONS, "one's own"),
    Case(e.CREATE_APPLICATION, "one's own", {}, {"name": "Fresh"}),
    Case(e.SHOW_APPLICATION, "founder's own", {"id": "$application"}),
    Case(e.UPDATE_APPLICATION, "founder's own", {"id": "$application"}, {"name": "Other"}),
    Case(e.RENEW_CLIENT_SECRET, "founder's own", {"id": "$application"}),
    Case(e.REMOVE_APPLICATION, "founder's own", {"id": "$application"}),
    # The code is wrong: whoever has the secret of an application is told so, in words of OAuth's own.
    Case(
        e.TOKEN,
        "address",
        {},
        {"grant_type": "authorization_code", "client_id": "$client id", "client_secret": "$client secret", "code": "x"},
        allowed=lambda status: status == 400,
    ),
    Case(e.REVOKE, "address", {}, {"token": "x", "client_id": "$client id", "client_secret": "$client secret"}),
    Case(e.SCIM_CHECK, "provisioned", _SCIM),
    Case(e.SCIM_LIST, "provisioned", _SCIM),
    Case(e.SCIM_SHOW, "provisioned", {**_SCIM, "user_id": "$member"}),
    Case(e.SCIM_CREATE, "provisioned", _SCIM, _NEWCOMER),
    Case(e.SCIM_REPLACE, "provisioned", {**_SCIM, "user_id": "$member"}, {"displayName": "Other Name"}),
    Case(e.SCIM_REMOVE, "provisioned", {**_SCIM, "user_id": "$member"}),
    Case(e.DESCRIBE, "address"),
)
