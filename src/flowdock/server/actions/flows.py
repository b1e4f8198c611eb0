"""Flows: those one sees, new ones, and what changes about them.

Source: wire facts 2.5.
"""

from typing import Any, Literal, Unpack
from uuid import UUID

from flowdock.protocol.parameters import (
    CreateFlowParameters,
    FindFlowParameters,
    FlowListParameters,
    UpdateFlowParameters,
)
from flowdock.server.actions import flow_shapes, membership, people, places, sending
from flowdock.server.actions import organizations as places_of_people
from flowdock.server.actions.places import person
from flowdock.server.actions.sending import Words
from flowdock.server.domain import naming, permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import CREATE_FLOW, JOIN_FLOW, OPEN_FLOW, SHOW_FLOW, UPDATE_FLOW
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import flow_users, flows, logs, organizations
from flowdock.server.store import people as stored_people
from flowdock.server.store.flows import Flow
from flowdock.server.store.transaction import Transaction

WELCOME = "Welcome to your brand new flow!"
DESCRIPTION_LIMIT = 1000

_ADMINS = frozenset({"name", "description", "access_mode", "disabled"})
"""What of a flow is for its admins to change; the rest is each one's own."""

AccessMode = Literal["invitation", "link", "organization"]
_NOW_IT_IS = {
    "invitation": "This flow is now invitation-only.",
    "link": "This flow is now open to everyone who has its link.",
    "organization": "This flow is now open to everyone in the organization.",
}
_ARCHIVED = {True: "This flow is now archived.", False: "This flow is now in use again."}


def list_flows(tx: Transaction, actor: Actor, **wanted: Unpack[FlowListParameters]) -> list[dict[str, Any]]:
    """The flows the caller is in; with their people if asked."""
    return _listed(tx, actor, flows.of_user(tx, person(actor).user_id), wanted)


def all_flows(tx: Transaction, actor: Actor, **wanted: Unpack[FlowListParameters]) -> list[dict[str, Any]]:
    """The flows the caller is in or may join; with the people of those they are in if asked."""
    return _listed(tx, actor, flows.open_to(tx, person(actor).user_id), wanted)


def show_flow(tx: Transaction, actor: Actor, *, org: str, flow: str) -> dict[str, Any]:
    """A flow with everything about it; one that the caller may join as lists show it."""
    return _shown(tx, actor, places.flow_named(tx, actor, org, flow, SHOW_FLOW))


def find_flow(tx: Transaction, actor: Actor, **wanted: Unpack[FindFlowParameters]) -> dict[str, Any]:
    """The same by the flow's id."""
    return _shown(tx, actor, places.flow_of_id(tx, actor, wanted.get("id", ""), SHOW_FLOW))


def create_flow(tx: Transaction, actor: Actor, *, org: str, **given: Unpack[CreateFlowParameters]) -> dict[str, Any]:
    """A new flow with the caller in it as its admin."""
    organization = places_of_people.named(tx, actor, org, CREATE_FLOW)
    flow = create(
        tx,
        organization.id,
        name=given.get("name", ""),
        creator=person(actor).user_id,
        description=given.get("description", ""),
        access_mode=given.get("access_mode", "invitation"),
    )
    return flow_shapes.in_full(tx, actor, flow)


def update_flow(
    tx: Transaction, actor: Actor, *, org: str, flow: str, **changes: Unpack[UpdateFlowParameters]
) -> dict[str, Any]:
    """Change a flow, or how the caller has it; the flow without its people."""
    found = places.flow_named(tx, actor, org, flow, OPEN_FLOW)
    caller = person(actor).user_id
    by_an_admin = changes.keys() & _ADMINS
    if by_an_admin:
        permissions.demand(UPDATE_FLOW, actor, places.roles_in(found))
    if changes.get("open") and not found.in_flow:
        found = places.flow_named(tx, actor, org, flow, JOIN_FLOW)
        membership.join(tx, found, caller, key=found.id)
        found = flows.get_by_log(tx, caller, found.log_id)
    elif "open" in changes:
        flow_users.set_open(tx, found.log_id, caller, is_open=changes["open"])
    if "team_notifications" in changes:
        if not found.in_flow:
            raise invalid("team_notifications", "is for those in the flow; join it with open=true")
        flow_users.set_team_notifications(tx, found.log_id, caller, wanted=changes["team_notifications"])
    if by_an_admin:
        _change(tx, found, caller, changes)
    return flow_shapes.listed(tx, actor, flows.get_by_log(tx, caller, found.log_id))


def create(
    tx: Transaction,
    organization_id: int,
    *,
    name: str,
    creator: int,
    description: str = "",
    access_mode: AccessMode = "invitation",
) -> Flow:
    """A new flow as its creator meets it, with the first messages every flow has."""
    name, description = naming.checked_name(name), _checked_description(description)
    parameterized = naming.parameterized(name)
    if flows.named(tx, organization_id, parameterized) is not None:
        org = organizations.get(tx, organization_id).parameterized_name
        raise invalid("name", f"{parameterized!r} has already been taken in {org}")
    log_id, flow_id = logs.create(tx), str(UUID(bytes=tx.entropy(16), version=4))
    flows.create(
        tx,
        log_id=log_id,
        id=flow_id,
        organization_id=organization_id,
        name=name,
        parameterized_name=parameterized,
        description=description,
        access_mode=access_mode,
        api_token_digest=naming.token_digest(tx.site.api_token(flow_id)),
        join_digest=naming.token_digest(tx.site.join_key(flow_id)),
    )
    stored_people.add_to_organization_once(tx, organization_id, creator)
    flow_users.add(tx, log_id, creator, flow_admin=True)
    flow = flows.get_by_log(tx, creator, log_id)
    place = places.place_of(flow)
    membership.tell_joined(tx, flow, creator)
    sending.publish(tx, place, Words(WELCOME, title=WELCOME), event="message", author=0)
    sending.publish(tx, place, Words(_NOW_IT_IS[access_mode]), event="line", author=creator)
    return flows.get_by_log(tx, creator, log_id)


def _change(tx: Transaction, flow: Flow, by: int, changes: UpdateFlowParameters) -> None:
    """Change what an admin may, and let the flow hear of who may come in and whether it is archived."""
    name, description = changes.get("name"), changes.get("description")
    access_mode, disabled = changes.get("access_mode"), changes.get("disabled")
    flows.update(
        tx,
        flow.log_id,
        name=None if name is None else naming.checked_label(name, field="name"),
        description=None if description is None else _checked_description(description),
        access_mode=access_mode,
        disabled=disabled,
    )
    lines = []
    if access_mode is not None and access_mode != flow.access_mode:
        lines.append(_NOW_IT_IS[access_mode])
    if disabled is not None and disabled != bool(flow.disabled):
        lines.append(_ARCHIVED[disabled])
    for line in lines:
        sending.publish(tx, places.place_of(flow), Words(line), event="line", author=by)
    _tell_changed(tx, flow, by)


def _tell_changed(tx: Transaction, before: Flow, by: int) -> None:
    """Let the flow's readers know how it is now; the event's name is known from clients, its content is ours."""
    flow = flows.get_by_log(tx, by, before.log_id)
    content = {
        "name": flow.name,
        "description": flow.description,
        "access_mode": flow.access_mode,
        "disabled": bool(flow.disabled),
    }
    was = [before.name, before.description, before.access_mode, bool(before.disabled)]
    if list(content.values()) != was:
        membership.tell(tx, flow, "flow-change", content, user=by)


def _listed(tx: Transaction, actor: Actor, found: list[Flow], wanted: FlowListParameters) -> list[dict[str, Any]]:
    with_users = wanted.get("users") or wanted.get("user")
    return [
        shown | ({"users": people.of_flow(tx, flow.log_id)} if with_users and flow.in_flow else {})
        for flow, shown in zip(found, flow_shapes.all_listed(tx, actor, found), strict=True)
    ]


def _shown(tx: Transaction, actor: Actor, flow: Flow) -> dict[str, Any]:
    return flow_shapes.in_full(tx, actor, flow) if flow.in_flow else flow_shapes.listed(tx, actor, flow)


def _checked_description(description: str) -> str:
    if len(description) > DESCRIPTION_LIMIT:
        raise invalid("description", f"has {len(description)} characters; it may have at most {DESCRIPTION_LIMIT}")
    return description.strip()
