"""Who may do what: one table, and the only place that decides.

A rule is a verb and a thing, the roles that allow it (one is enough), and the scopes of a limited token that allow it
(one is enough; an unlimited token needs none). Actions find out which roles somebody has towards a thing, and ask
`demand`. Whoever may not even see the thing is told that it does not exist; whoever sees it but may not do this to it is
told so.

Source: wire facts 2.3 to 2.15; where these are silent, the least that leaves the service useful.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from flowdock.protocol.resources import SCOPES, Scope
from flowdock.server.domain.actors import Actor, Person
from flowdock.server.domain.refusals import Refusal, forbidden, not_found


class Role(StrEnum):
    """What somebody is to a thing."""

    ANYBODY = "anybody, also without credentials"
    HOLDER = "whoever holds the token in the address"
    PERSON = "any signed-in person"
    SELF = "the person it is about"
    PEER = "somebody who shares a flow or an organization with them"
    OWNER = "who made it"
    AUTHOR = "its author"
    JOINER = "one of the organization, where the flow is open to it"
    MEMBER = "a member of the flow"
    FLOW_ADMIN = "an admin of the flow"
    COLLEAGUE = "one of the organization"
    ORG_ADMIN = "an admin of the organization"
    SOURCE = "the source, by its flow token"
    PROVISIONER = "the provisioner, by the organization's SCIM token"


@dataclass(frozen=True, slots=True)
class Rule:
    """A row. `archived` is whether it is still allowed in an archived flow."""

    verb: str
    thing: str
    roles: frozenset[Role]
    scopes: frozenset[Scope]
    archived: bool = True

    @property
    def name(self) -> str:
        """`post to flow`: by this name the table of endpoints knows it."""
        return f"{self.verb} {self.thing}".strip()


def _rule(verb: str, thing: str, roles: AbstractSet[Role], scopes: str = "", *, archived: bool = True) -> Rule:
    named = SCOPES if scopes == "any" else tuple(scopes.split())
    return Rule(verb, thing, frozenset(roles), frozenset(scope for scope in SCOPES if scope in named), archived)


_ADMINS = {Role.FLOW_ADMIN}

# fmt: off
#                                 verb          thing             whoever is                                   with a limited token of scope
LIST_FLOWS               = _rule("list",       "flows",          {Role.PERSON},                               "flow manage")
SHOW_FLOW                = _rule("show",       "flow",           {Role.MEMBER, Role.JOINER},                  "flow manage")
READ_FLOW                = _rule("read",       "flow",           {Role.MEMBER},                               "flow")
MARK_READ                = _rule("mark read in", "flow",         {Role.MEMBER},                               "flow")
POST_TO_FLOW             = _rule("post to",    "flow",           {Role.MEMBER, Role.SOURCE},                  "flow", archived=False)
PUSH_TO_FLOW             = _rule("push to",    "flow",           {Role.HOLDER},                               archived=False)
STREAM_FLOW              = _rule("stream",     "flow",           {Role.MEMBER},                               "flow")
OPEN_FLOW                = _rule("open",       "flow",           {Role.MEMBER, Role.JOINER},                  "flow manage")
JOIN_FLOW                = _rule("join",       "flow",           {Role.MEMBER, Role.JOINER},                  "flow manage", archived=False)
UPDATE_FLOW              = _rule("update",     "flow",           _ADMINS,                                     "manage")
LIST_FLOW_USERS          = _rule("list",       "flow users",     {Role.MEMBER},                               "flow manage")
ADD_FLOW_USER            = _rule("add",        "flow user",      {Role.MEMBER},                               "manage", archived=False)
BLOCK_FLOW_USER          = _rule("block",      "flow user",      {Role.MEMBER},                               "manage")
BLOCK_FLOW_ADMIN         = _rule("block",      "flow admin",     _ADMINS,                                     "manage")
LEAVE_FLOW               = _rule("leave",      "flow",           {Role.SELF},                                 "manage")
MAKE_FLOW_ADMIN          = _rule("make",       "flow admin",     _ADMINS,                                     "manage")
INVITE_TO_FLOW           = _rule("invite to",  "flow",           {Role.MEMBER},                               "manage", archived=False)
SHOW_JOIN_LINK           = _rule("show",       "join link",      {Role.MEMBER},                               "flow manage")
CHANGE_JOIN_LINK         = _rule("change",     "join link",      _ADMINS,                                     "manage")
RENEW_API_TOKEN          = _rule("renew",      "api token",      _ADMINS,                                     "manage")
MANAGE_WEBHOOKS          = _rule("manage",     "webhooks",       _ADMINS,                                     "manage")
SHOW_SOURCES             = _rule("show",       "sources",        {Role.MEMBER},                               "flow manage integration")
CREATE_SOURCE            = _rule("create",     "source",         {Role.MEMBER},                               "integration", archived=False)
CHANGE_SOURCE            = _rule("change",     "source",         {Role.MEMBER},                               "manage integration")
LIST_SOURCES             = _rule("list",       "sources",        {Role.PERSON, Role.SOURCE},                  "flow manage integration")
UPDATE_OWN_SOURCE        = _rule("update own", "source",         {Role.SOURCE})
RUN_ACTION               = _rule("run",        "action",         {Role.MEMBER},                               "flow", archived=False)

TAG_MESSAGE              = _rule("tag",        "message",        {Role.MEMBER, Role.PEER, Role.SELF},         "flow private", archived=False)
REACT_TO_MESSAGE         = _rule("react to",   "message",        {Role.MEMBER, Role.PEER, Role.SELF},         "flow private", archived=False)
EDIT_MESSAGE             = _rule("edit",       "message",        {Role.AUTHOR},                               "flow private", archived=False)
RETHREAD_MESSAGE         = _rule("rethread",   "message",        {Role.AUTHOR, Role.FLOW_ADMIN},              "flow", archived=False)
RETRACT_MESSAGE          = _rule("retract",    "message",        {Role.AUTHOR},                               "flow private", archived=False)
RETRACT_INBOX_ITEM       = _rule("retract",    "inbox item",     {Role.MEMBER, Role.PEER, Role.SELF},         "flow private", archived=False)

LIST_CONVERSATIONS       = _rule("list",       "conversations",  {Role.PERSON},                               "private")
READ_CONVERSATION        = _rule("read",       "conversation",   {Role.PEER, Role.SELF},                      "private")
POST_TO_CONVERSATION     = _rule("post to",    "conversation",   {Role.PEER, Role.SELF},                      "private")
STREAM_CONVERSATIONS     = _rule("stream",     "conversations",  {Role.PERSON},                               "private")
READ_FILE                = _rule("read",       "file",           {Role.MEMBER, Role.PEER, Role.SELF},         "flow private")
SEARCH                   = _rule("search",     "",               {Role.PERSON},                               "flow private")
LIST_NOTIFICATIONS       = _rule("list",       "notifications",  {Role.PERSON},                               "flow private")

SHOW_ONESELF             = _rule("show",       "oneself",        {Role.PERSON},                               "any")
LIST_USERS               = _rule("list",       "users",          {Role.PERSON},                               "flow private manage profile")
SHOW_USER                = _rule("show",       "user",           {Role.SELF, Role.PEER},                      "flow private manage profile")
UPDATE_USER              = _rule("update",     "user",           {Role.SELF},                                 "profile")
CHANGE_CREDENTIALS       = _rule("change",     "credentials",    {Role.SELF})
MANAGE_TOKENS            = _rule("manage",     "tokens",         {Role.PERSON})
MANAGE_APPLICATIONS      = _rule("manage",     "applications",   {Role.PERSON})
ASK_PASSWORD_RESET       = _rule("ask",        "password reset", {Role.ANYBODY})
RESET_PASSWORD           = _rule("reset",      "password",       {Role.HOLDER})
ACCEPT_INVITATION        = _rule("accept",     "invitation",     {Role.HOLDER, Role.PERSON})

LIST_ORGANIZATIONS       = _rule("list",       "organizations",  {Role.PERSON},                               "flow manage")
SHOW_ORGANIZATION        = _rule("show",       "organization",   {Role.COLLEAGUE},                            "flow manage")
SHOW_EMOJI               = _rule("show",       "emoji",          {Role.COLLEAGUE},                            "flow private manage")
CREATE_FLOW              = _rule("create",     "flow",           {Role.COLLEAGUE},                            "manage")
ADD_EMOJI                = _rule("add",        "emoji",          {Role.COLLEAGUE},                            "manage")
REMOVE_EMOJI             = _rule("remove",     "emoji",          {Role.OWNER, Role.ORG_ADMIN},                "manage")
UPDATE_ORGANIZATION      = _rule("update",     "organization",   {Role.ORG_ADMIN},                            "manage")
MANAGE_ORGANIZATION_USERS = _rule("manage",    "organization users", {Role.ORG_ADMIN},                        "manage")
AUDIT_ORGANIZATION       = _rule("audit",      "organization",   {Role.ORG_ADMIN},                            "manage")
SET_UP_PROVISIONING      = _rule("set up",     "provisioning",   {Role.ORG_ADMIN})
PROVISION_USERS          = _rule("provision",  "users",          {Role.PROVISIONER})

EXCHANGE_TOKEN           = _rule("exchange",   "token",          {Role.HOLDER})
READ_DESCRIPTION         = _rule("read",       "description",    {Role.ANYBODY})
# fmt: on

TABLE: Mapping[str, Rule] = {rule.name: rule for rule in list(globals().values()) if isinstance(rule, Rule)}

_SEEING: Mapping[frozenset[str], frozenset[Role]] = {
    frozenset(
        {"flow", "flow users", "flow user", "flow admin", "join link", "api token", "webhooks", "sources", "source"}
    ): frozenset({Role.MEMBER, Role.JOINER}),
    frozenset({"message", "inbox item", "action"}): frozenset({Role.MEMBER, Role.PEER, Role.SELF}),
    frozenset({"organization", "organization users", "emoji", "provisioning"}): frozenset({Role.COLLEAGUE}),
    frozenset({"user", "conversation"}): frozenset({Role.SELF, Role.PEER}),
}
_SEEN_BY: Mapping[str, frozenset[Role]] = {thing: roles for things, roles in _SEEING.items() for thing in things}
"""Who learns that a thing exists. Of things that are not here, only those who may do what they ask for."""


def needs_credentials(rule: Rule) -> bool:
    """Whether somebody has to say who they are."""
    return not rule.roles & {Role.ANYBODY, Role.HOLDER}


def demand_scope(rule: Rule, actor: Actor) -> None:
    """Refuse a limited token that was not made for this; asked before anything is looked up."""
    if not _in_scope(rule, actor):
        wanted = " or ".join(scope for scope in SCOPES if scope in rule.scopes)
        needed = f"one of scope {wanted}" if wanted else "an unlimited one"
        raise Refusal(403, f"Access denied: this token may not be used to {rule.name}; it takes {needed}")


def demand(rule: Rule, actor: Actor, roles: AbstractSet[Role]) -> None:
    """Refuse unless somebody who has these roles towards the thing may do this."""
    demand_scope(rule, actor)
    if not rule.roles & roles:
        raise forbidden() if sees(rule, roles) else not_found()


def allows(rule: Rule, actor: Actor, roles: AbstractSet[Role]) -> bool:
    """Whether somebody who has these roles towards the thing may do this."""
    return _in_scope(rule, actor) and bool(rule.roles & roles)


def sees(rule: Rule, roles: AbstractSet[Role]) -> bool:
    """Whether somebody with these roles may know that the thing of a rule exists."""
    return bool(_SEEN_BY.get(rule.thing, frozenset()) & roles)


def _in_scope(rule: Rule, actor: Actor) -> bool:
    return not isinstance(actor, Person) or actor.scopes is None or bool(rule.scopes & actor.scopes)


def demand_own_application(rule: Rule, actor: Actor, application_id: int) -> None:
    """Refuse an application that would do this to what belongs to another one."""
    if isinstance(actor, Person) and actor.application_id not in (0, application_id):
        raise Refusal(403, f"Access denied: an application may {rule.name} only where the source is its own")


EDITABLE = frozenset({"message", "comment"})
INBOX = frozenset(
    {
        "activity",
        "discussion",
        "mail",
        "rss",
        "twitter",
        "vcs",
        "svn",
        "jira",
        "confluence",
        "pivotaltracker",
        "uservoice",
        "zendesk",
        "trello",
    }
)


def demand_edit(actor: Actor, roles: AbstractSet[Role], *, event: str) -> None:
    """Refuse unless the text of a message of this kind may be changed."""
    demand(EDIT_MESSAGE, actor, roles)
    if event not in EDITABLE:
        raise forbidden()


def demand_retraction(actor: Actor, roles: AbstractSet[Role], *, event: str) -> None:
    """Refuse unless a message of this kind may be deleted: chat by its author, inbox items by everybody there."""
    if event in INBOX:
        demand(RETRACT_INBOX_ITEM, actor, roles)
        return
    demand(RETRACT_MESSAGE, actor, roles)
    if event not in EDITABLE | {"file"}:
        raise forbidden()


def leaves_a_trace(event: str) -> bool:
    """Whether a retracted message remains with empty content (chat), or is gone altogether (files, inbox items)."""
    return event in EDITABLE
