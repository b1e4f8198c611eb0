"""Coming into a flow by the key of an invitation or of a join link.

Source: wire facts 2.5 (`join_url`), 2.9, 3.2 (action join).
"""

import re
from dataclasses import dataclass, field
from typing import Any

from flowdock.protocol.parameters import AcceptInvitationParameters
from flowdock.server.actions import membership, setting_up
from flowdock.server.domain import naming, permissions
from flowdock.server.domain.actors import Actor, Person
from flowdock.server.domain.permissions import ACCEPT_INVITATION, Role
from flowdock.server.domain.refusals import invalid, not_found
from flowdock.server.store import flows, invitations, people, tokens
from flowdock.server.store.flows import Flow
from flowdock.server.store.invitations import Invitation
from flowdock.server.store.transaction import Transaction

LASTS = 30 * 86_400_000
"""So many milliseconds after it was sent an invitation may be accepted."""
_KEY = re.compile(r"([0-9a-f]{40})(-[^/]*)?")
_HOLDER = frozenset({Role.HOLDER})


@dataclass(frozen=True, slots=True)
class Newcomer:
    """The account that somebody without one wants; checked as far as that goes without a database."""

    nick: str
    name: str
    email: str | None
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Welcome:
    """Where a key leads; `invitation` is None for that of a join link."""

    flow: Flow
    invitation: Invitation | None


@dataclass(frozen=True, slots=True)
class Invited:
    """What somebody is told who looks where a key leads; of a join link `inviter` and `email` are empty.

    `nick` is the looker's, empty for nobody; `has_account` whether somebody has the invited address.
    """

    flow: str
    organization: str
    inviter: str
    email: str
    nick: str
    has_account: bool


def checked(given: AcceptInvitationParameters) -> Newcomer:
    """The account to be made, if it can be one."""
    nick, email = naming.checked_nick(given.get("nick", "")), given.get("email")
    return Newcomer(
        nick=nick,
        name=naming.checked_label(given.get("name") or nick, field="name"),
        email=naming.checked_email(email) if email else None,
        password=naming.checked_password(given.get("password", "")),
    )


def welcomed(tx: Transaction, actor: Actor, key: str) -> Welcome:
    """Where a key leads; refuses (404) one by which nobody may come, or no longer."""
    user_id = actor.user_id if isinstance(actor, Person) else 0
    match = _KEY.fullmatch(key)
    if match is None:
        raise not_found()
    digest = naming.token_digest(match[1])
    invitation = invitations.find(tx, digest)
    log_id = invitation.log_id if invitation is not None else flows.log_of_join_link(tx, digest)
    if log_id is None:
        raise not_found()
    flow = flows.get_by_log(tx, user_id, log_id)
    # Again, as the flow is locked only now: somebody may have come first, or made the key void.
    invitation = invitations.find(tx, digest)
    is_link = flows.log_of_join_link(tx, digest) == log_id and flow.access_mode != "invitation"
    is_invited = invitation is not None and invitation.created_at + LASTS > tx.now
    if flow.disabled or flow.blocked or not (is_link or is_invited):
        raise not_found()
    permissions.demand(ACCEPT_INVITATION, actor, _HOLDER)
    return Welcome(flow, invitation)


def invited(tx: Transaction, actor: Actor, key: str) -> Invited:
    """What to tell somebody about where a key leads; refuses (404) one by which nobody may come."""
    welcome = welcomed(tx, actor, key)
    flow, invitation = welcome.flow, welcome.invitation
    nick = people.get(tx, actor.user_id).nick if isinstance(actor, Person) else ""
    if invitation is None:
        return Invited(flow.name, flow.organization_name, "", "", nick, has_account=False)
    has_account = people.find_by_email(tx, invitation.email) is not None
    inviter = people.get(tx, invitation.inviter).name
    return Invited(flow.name, flow.organization_name, inviter, invitation.email, nick, has_account=has_account)


def who_has(tx: Transaction, joined: Any) -> int:
    """The person for whom an account was just made, by the token that was told with it."""
    token = tokens.find(tx, naming.token_digest(joined["token"]))
    if token is None:
        raise not_found()
    return token.user_id


def accept(
    tx: Transaction, actor: Actor, key: str, newcomer: Newcomer | None, password_hash: str | None
) -> dict[str, Any]:
    """Let somebody in; the flow, and the token of an account that was made for it."""
    welcome = welcomed(tx, actor, key)
    flow, invitation = welcome.flow, welcome.invitation
    token = {}
    if isinstance(actor, Person):
        user_id = actor.user_id
    elif newcomer is None:
        raise invalid("nick", "can't be blank")
    else:
        user_id = _made(tx, newcomer, password_hash, invitation)
        token = {"token": setting_up.create_token(tx, user_id=user_id, label="made with the account")}
    people.add_to_organization_once(tx, flow.organization_id, user_id)
    membership.join(tx, flow, user_id, key=key[:40])
    # What is for somebody else is not used up by whoever is there already and only looks where it leads.
    if invitation is not None and (not flow.in_flow or _is_for(tx, invitation, user_id)):
        invitations.accept(tx, invitation.id, user_id)
    names = f"{flow.organization}/{flow.parameterized_name}"
    return {"flow": flow.id, "url": f"{tx.site.api_url}/flows/{names}", "web_url": f"{tx.site.web_url}/app/{names}"} | (
        token
    )


def _is_for(tx: Transaction, invitation: Invitation, user_id: int) -> bool:
    return invitation.email.casefold() == people.get(tx, user_id).email.casefold()


def _made(tx: Transaction, newcomer: Newcomer, password_hash: str | None, invitation: Invitation | None) -> int:
    # Whoever holds an invitation got it at its address; another address would be anybody's.
    email = newcomer.email if invitation is None else invitation.email
    if not email:
        raise invalid("email", "can't be blank")
    if people.find_by_email(tx, email) is not None:
        raise invalid("email", f"{email!r} has an account already; sign in and accept again")
    return setting_up.create_user(
        tx,
        nick=newcomer.nick,
        email=email,
        name=newcomer.name,
        password_hash=password_hash,
        org=None,
        admin=False,
    )
