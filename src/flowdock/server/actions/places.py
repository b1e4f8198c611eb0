"""Where something is said: a flow or a private conversation, what the caller is there, and who hears it.

Finding a place is what authorises: each takes the rule of `domain.permissions` that is to be met there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowdock.server.actions import reminding
from flowdock.server.domain import messages, permissions
from flowdock.server.domain.actors import Actor, Integration, Person
from flowdock.server.domain.permissions import Role, Rule
from flowdock.server.domain.refusals import archived, forbidden, gone, not_found
from flowdock.server.domain.tagging import Roster
from flowdock.server.store import conversations, events, flows, logs, people, sources
from flowdock.server.store.flows import Flow
from flowdock.server.store.keys import key_of
from flowdock.server.store.transaction import Transaction

_MEMBER = frozenset({Role.MEMBER})
_FLOW_ADMIN = frozenset({Role.MEMBER, Role.FLOW_ADMIN})
_JOINER = frozenset({Role.JOINER})
_SOURCE = frozenset({Role.SOURCE})
_SELF = frozenset({Role.SELF})
_PEER = frozenset({Role.PEER})
_NONE: frozenset[Role] = frozenset()


@dataclass(frozen=True, slots=True)
class Place:
    """A log one may use. `address` is how messages name it: `{"flow": id}` or `{"to": user}`; `roles` the caller's."""

    log_id: int
    address: Mapping[str, str]
    roster_stamp: int = 0
    recipient: int | None = None
    personal_logs: tuple[int, ...] = ()
    """In private: the logs of both people, which point at what happens here."""
    roles: frozenset[Role] = _NONE

    @property
    def is_private(self) -> bool:
        """Whether this is a private conversation."""
        return self.recipient is not None


def in_flow(tx: Transaction, actor: Actor, org: str, flow: str, rule: Rule) -> Place:
    """A flow by its two names."""
    return place_of(flow_named(tx, actor, org, flow, rule))


def flow_named(tx: Transaction, actor: Actor, org: str, flow: str, rule: Rule) -> Flow:
    """The same with all that is known of the flow."""
    return _permitted(rule, actor, flows.get(tx, person(actor).user_id, org, flow))


def flow_of_id(tx: Transaction, actor: Actor, flow_id: str, rule: Rule) -> Flow:
    """A flow by its id, or as `org/flow` or `org:flow`."""
    return _permitted(rule, actor, flows.get_by_id(tx, person(actor).user_id, flow_id))


def flow_of_log(tx: Transaction, actor: Actor, log_id: int, rule: Rule) -> Flow:
    """A flow by its log."""
    return _permitted(rule, actor, flows.get_by_log(tx, person(actor).user_id, log_id))


def place_of(flow: Flow) -> Place:
    """A flow that was found already, as a place."""
    return Place(flow.log_id, {"flow": flow.id}, flow.roster_stamp, roles=roles_in(flow))


def roles_in(flow: Flow) -> frozenset[Role]:
    """What the person for whom a flow was found is there."""
    if flow.in_flow:
        return _FLOW_ADMIN if flow.flow_admin or flow.is_admin == 1 else _MEMBER
    if flow.access_mode == "organization" and flow.is_admin >= 0 and not flow.blocked and not flow.disabled:
        return _JOINER
    return _NONE


def _permitted(rule: Rule, actor: Actor, flow: Flow) -> Flow:
    permissions.demand(rule, actor, roles_in(flow))
    if flow.disabled and not rule.archived:
        raise archived()
    return flow


def by_flow_id(tx: Transaction, actor: Actor, flow_id: str | None, rule: Rule) -> Place:
    """A flow by id; for an integration the flow of its source, whatever the id says."""
    if isinstance(actor, Integration):
        return of_source(tx, actor, rule)
    if not flow_id:
        raise not_found()
    return place_of(flow_of_id(tx, actor, flow_id, rule))


def by_log(tx: Transaction, actor: Actor, log_id: int, rule: Rule) -> Place:
    """A flow by the number in the addresses of its files."""
    if not 0 < log_id < 1 << 31 or (isinstance(actor, Integration) and log_id != actor.log_id):
        raise not_found()
    return (
        of_source(tx, actor, rule) if isinstance(actor, Integration) else place_of(flow_of_log(tx, actor, log_id, rule))
    )


def of_source(tx: Transaction, actor: Integration, rule: Rule) -> Place:
    """The flow that a source belongs to."""
    logs.lock(tx, actor.log_id)
    source = sources.find(tx, actor.source_id)
    if source is None or source.removed_at is not None:
        raise gone()
    permissions.demand(rule, actor, _SOURCE)
    place = flow_itself(tx, actor.log_id, rule)
    return Place(place.log_id, place.address, place.roster_stamp, roles=_SOURCE)


def flow_itself(tx: Transaction, log_id: int, rule: Rule) -> Place:
    """A flow as nobody in particular meets it, for whom something else has allowed it."""
    flow = flows.get_by_log(tx, 0, log_id)
    if flow.disabled and not rule.archived:
        raise archived()
    return Place(flow.log_id, {"flow": flow.id}, flow.roster_stamp)


def with_person(tx: Transaction, actor: Actor, user_id: int, rule: Rule, *, begin: bool = False) -> Place:
    """The private conversation with somebody; without `begin`, log 0 stands for one that never began."""
    caller = person(actor).user_id
    other = people.get(tx, user_id)
    roles = roles_towards(tx, caller, user_id)
    permissions.demand(rule, actor, roles)
    log_id = conversations.begin(tx, caller, user_id) if begin else conversations.find(tx, caller, user_id)
    if log_id is not None:
        logs.lock(tx, log_id)
    logs_of_both = {people.get(tx, caller).log_id, other.log_id}
    return Place(
        log_id or 0,
        {"to": str(user_id)},
        recipient=user_id,
        personal_logs=tuple(sorted(logs_of_both)),
        roles=roles,
    )


def roles_towards(tx: Transaction, caller: int, user_id: int) -> frozenset[Role]:
    """What one person is to another."""
    if caller == user_id:
        return _SELF
    return _PEER if people.sees(tx, caller, user_id) else _NONE


def person(actor: Actor) -> Person:
    """The user who acts; an integration may not do this."""
    if not isinstance(actor, Person):
        raise forbidden()
    return actor


def roster(tx: Transaction, place: Place) -> Roster:
    """Who can be mentioned here; worked out anew only when the flow's people changed."""
    if place.is_private:
        return Roster()
    known = tx.shelf.get(place.log_id)
    if known is not None and known[0] == place.roster_stamp and isinstance(known[1], Roster):
        return known[1]
    present = [one for one in people.members(tx, place.log_id) if one.in_flow and not one.user.disabled]
    fresh = Roster(
        by_nick={one.user.nick.casefold(): one.user.id for one in present},
        team=tuple(one.user.id for one in present if one.team_notifications),
    )
    tx.shelf[place.log_id] = (place.roster_stamp, fresh)
    return fresh


def record_message(
    tx: Transaction, place: Place, message: Mapping[str, Any], *, author: int, thread_key: int | None = None
) -> bytes:
    """Append a message that already carries its number; its REST JSON."""
    streamed = messages.streamed(message)
    text = events.append_message(tx, place.log_id, message, streamed=streamed, author=author, thread_key=thread_key)
    reminding.note(tx, place.log_id, key_of(place.log_id, message["id"]), message["tags"], author=author)
    _point_at(tx, place, message["id"])
    return text


def record(
    tx: Transaction,
    place: Place,
    event: Mapping[str, Any],
    *,
    author: int,
    refers_to: int | None = None,
    expels: int = 0,
) -> None:
    """Append an event that is not a message; it already carries its number. Streams of whom it expels end with it."""
    number = event["id"]
    events.append(tx, place.log_id, event, number=number, author=author, refers_to=refers_to, expels=expels)
    _point_at(tx, place, event["id"])


def _point_at(tx: Transaction, place: Place, number: int) -> None:
    frame = tx.appended[-1].frame
    for log_id in place.personal_logs:
        own_number = logs.take_number(tx, log_id)
        events.point_at(tx, log_id, number=own_number, key=key_of(place.log_id, number), frame=frame)
