"""Coming into flows and going out of them: joining, being brought in, leaving, being blocked.

Each takes a flow that was found in the same transaction, so that its log is locked. The flow hears of everything; who
comes or goes hears of it privately too, and their streams of a flow they are out of end with the event that says so.

Source: wire facts 2.5, 2.6, 3.2 (action), 3.4 (backend.user.join and .block, flow-add, flow-remove).
"""

from collections.abc import Mapping
from typing import Any, Unpack

from flowdock.protocol.parameters import FlowUserParameters, UpdateFlowUserParameters
from flowdock.server.actions import people as shown_people
from flowdock.server.actions import places, sending
from flowdock.server.actions.places import person
from flowdock.server.actions.sending import Words
from flowdock.server.domain import naming, permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.moments import iso
from flowdock.server.domain.permissions import (
    ADD_FLOW_USER,
    BLOCK_FLOW_ADMIN,
    BLOCK_FLOW_USER,
    LEAVE_FLOW,
    MAKE_FLOW_ADMIN,
    Role,
)
from flowdock.server.domain.refusals import archived, invalid, not_found
from flowdock.server.store import events, flow_users, flows, invitations, logs, organizations, people
from flowdock.server.store.flows import Flow
from flowdock.server.store.people import Membership
from flowdock.server.store.transaction import NotFound, Transaction

_SELF = frozenset({Role.SELF})


def add_flow_user(tx: Transaction, actor: Actor, *, org: str, flow: str, **given: Unpack[FlowUserParameters]) -> None:
    """Bring somebody of the organization into a flow; nothing when they are in it."""
    found = places.flow_named(tx, actor, org, flow, ADD_FLOW_USER)
    user_id = given.get("id")
    if user_id is None:
        raise invalid("id", "can't be blank; it is the number of somebody of the organization")
    _demand_colleague(tx, found, user_id, field="id")
    bring_in(tx, found, user_id, by=person(actor).user_id)


def update_flow_user(
    tx: Transaction,
    actor: Actor,
    *,
    org: str,
    flow: str,
    user_id: int,
    **changes: Unpack[UpdateFlowUserParameters],
) -> None:
    """Take somebody out of a flow or let them in again; make them its admin, or no longer."""
    found = places.flow_named(tx, actor, org, flow, BLOCK_FLOW_USER)
    member = people.find_member(tx, found.log_id, user_id)
    if member is None:
        raise NotFound
    flow_admin, disabled = changes.get("flow_admin"), changes.get("disabled")
    if flow_admin is not None and flow_admin != bool(member.flow_admin):
        _set_flow_admin(tx, actor, found, member, flow_admin=flow_admin)
    if disabled is True and member.user.id == person(actor).user_id:
        permissions.demand(LEAVE_FLOW, actor, _SELF)
        _leave(tx, found, member)
    elif disabled is True:
        _block(tx, actor, found, member)
    elif disabled is False and member.blocked:
        permissions.demand(ADD_FLOW_USER, actor, places.roles_in(found))
        if found.disabled:
            raise archived()
        _demand_colleague(tx, found, user_id, field="user_id")
        bring_in(tx, found, user_id, by=person(actor).user_id)


def bring_in(tx: Transaction, flow: Flow, user_id: int, *, by: int) -> None:
    """Put a person into a flow, told as the doing of somebody in it; who was blocked no longer is.

    Nothing when they are in it.
    """
    member = people.find_member(tx, flow.log_id, user_id)
    if member is not None and member.in_flow:
        return
    nick = people.get(tx, user_id).nick
    _put_in(tx, flow, user_id)
    added = {"type": "add_people", "message": [nick], "description": nick}
    sending.publish(tx, places.place_of(flow), Words(added), event="action", author=by)
    tell_joined(tx, flow, user_id)


def join(tx: Transaction, flow: Flow, user_id: int, *, key: str) -> None:
    """Put a person into a flow who came by themselves, by an invitation, a join link, or because it was open to them.

    `key` is what they came by; the flow is told a digest of it, by which nobody can come. Nothing when they are in it.

    Raises:
        Refusal: 404, they were blocked; only who is in the flow can let them in again.
    """
    member = people.find_member(tx, flow.log_id, user_id)
    if member is not None and member.blocked:
        raise not_found()
    if member is not None and member.in_flow:
        return
    _put_in(tx, flow, user_id)
    nick, by = people.get(tx, user_id).nick, naming.token_digest(key).hex()[:40]
    joined = {"type": "join", "id": f"{by}-{flow.parameterized_name}", "description": nick}
    sending.publish(tx, places.place_of(flow), Words(joined), event="action", author=user_id)
    tell_joined(tx, flow, user_id)


def leave_all(tx: Transaction, organization_id: int, user_id: int, *, by: int) -> None:
    """Take a person out of all flows of an organization, told as done by `by`, 0 for nobody."""
    log_ids = flows.logs_of_organization(tx, organization_id)
    logs.lock_each(tx, log_ids)
    email = people.get(tx, user_id).email
    for log_id in log_ids:
        # What they were sent before would let them in again.
        invitations.withdraw(tx, log_id, email)
        flow = flows.get_by_log(tx, user_id, log_id)
        if flow.in_flow:
            _take_out(tx, flow, user_id, by=by, blocked=False)


def tell_joined(tx: Transaction, flow: Flow, user_id: int) -> None:
    """Let a flow and a person hear that the person is in it now."""
    since_id = logs.head(tx, flow.log_id).last_number
    tell(tx, flow, "backend.user.join", {"user": shown_people.shown(tx, people.get(tx, user_id))}, user=user_id)
    told = {
        "id": flow.id,
        "name": flow.name,
        "organization": flow.organization_name,
        "open": True,
        "since_id": since_id,
    }
    _tell_privately(tx, user_id, {"user": user_id, "event": "flow-add", "content": told})


def tell(tx: Transaction, flow: Flow, kind: str, content: object, *, user: int, expels: int = 0) -> None:
    """Let the readers of a flow hear of something that is not a message; streams of whom it expels end with it."""
    event = {
        "event": kind,
        "id": logs.take_number(tx, flow.log_id),
        "flow": flow.id,
        "user": str(user),
        "content": content,
        "tags": [],
        "sent": tx.now,
        "created_at": iso(tx.now),
        "attachments": [],
    }
    places.record(tx, places.place_of(flow), event, author=user, expels=expels)


def _demand_colleague(tx: Transaction, flow: Flow, user_id: int, *, field: str) -> None:
    """Refuse whoever is not of the flow's organization; of others one learns no more than that."""
    colleague = organizations.find_user(tx, flow.organization_id, user_id)
    if colleague is None or colleague.user.disabled:
        raise invalid(field, f"is {user_id}, who is not one of {flow.organization}; invite them by e-mail")


def _set_flow_admin(tx: Transaction, actor: Actor, flow: Flow, member: Membership, *, flow_admin: bool) -> None:
    permissions.demand(MAKE_FLOW_ADMIN, actor, places.roles_in(flow))
    others = flow_users.others(tx, flow.log_id, member.user.id)
    if not member.in_flow:
        raise invalid("flow_admin", f"is for those in the flow; bring {member.user.nick} in first")
    if not flow_admin and not any(is_admin for _, is_admin in others):
        raise invalid("flow_admin", f"would be false for the flow's last admin, {member.user.nick}; make another first")
    flow_users.set_flow_admin(tx, flow.log_id, member.user.id, flow_admin=flow_admin)


def _leave(tx: Transaction, flow: Flow, member: Membership) -> None:
    """Take a person out who wants to go; they may come back. Refuses the last admin, if others stay."""
    if not member.in_flow:
        return
    others = flow_users.others(tx, flow.log_id, member.user.id)
    if member.flow_admin and others and not any(is_admin for _, is_admin in others):
        raise invalid("disabled", "would leave the flow without an admin; make somebody else its admin first")
    _take_out(tx, flow, member.user.id, by=member.user.id, blocked=False)


def _block(tx: Transaction, actor: Actor, flow: Flow, member: Membership) -> None:
    colleague = organizations.find_user(tx, flow.organization_id, member.user.id)
    is_admin = bool(member.flow_admin) or (colleague is not None and colleague.admin)
    permissions.demand(BLOCK_FLOW_ADMIN if is_admin else BLOCK_FLOW_USER, actor, places.roles_in(flow))
    if member.in_flow:
        _take_out(tx, flow, member.user.id, by=person(actor).user_id, blocked=True)
    elif not member.blocked:
        flow_users.remove(tx, flow.log_id, member.user.id, blocked=True)


def _put_in(tx: Transaction, flow: Flow, user_id: int) -> None:
    """Who comes into a flow that everybody has left administers it."""
    is_first = not flow_users.others(tx, flow.log_id, user_id)
    flow_users.add(tx, flow.log_id, user_id, flow_admin=is_first)


def _take_out(tx: Transaction, flow: Flow, user_id: int, *, by: int, blocked: bool) -> None:
    _keep_an_admin(tx, flow, user_id, by=by)
    flow_users.remove(tx, flow.log_id, user_id, blocked=blocked)
    nick = people.get(tx, user_id).nick
    gone = {"type": "block", "id": user_id, "message": [nick], "description": nick}
    sending.publish(tx, places.place_of(flow), Words(gone), event="action", author=by)
    tell(tx, flow, "backend.user.block", str(user_id), user=by, expels=user_id)
    _tell_privately(tx, user_id, {"user": user_id, "event": "flow-remove", "content": {"id": flow.id}})


def _tell_privately(tx: Transaction, user_id: int, event: Mapping[str, Any]) -> None:
    log_id = people.get(tx, user_id).log_id
    events.append(tx, log_id, event, number=logs.take_number(tx, log_id), author=user_id)


def _keep_an_admin(tx: Transaction, flow: Flow, user_id: int, *, by: int) -> None:
    """Where the last admin is taken out by another, that one is admin now, or else whoever has the lowest number."""
    others = flow_users.others(tx, flow.log_id, user_id)
    if others and not any(is_admin for _, is_admin in others):
        heir = by if by in dict(others) else others[0][0]
        flow_users.set_flow_admin(tx, flow.log_id, heir, flow_admin=True)
