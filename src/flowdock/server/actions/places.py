"""Where something is said: a flow or a private conversation, and who hears it.

Finding the place is what authorises: who is not in a flow does not find it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flowdock.server.domain import messages
from flowdock.server.domain.actors import Actor, Integration, Person
from flowdock.server.domain.refusals import forbidden, gone, not_found
from flowdock.server.domain.tagging import Roster
from flowdock.server.store import conversations, events, flows, logs, people, sources
from flowdock.server.store.keys import key_of
from flowdock.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Place:
    """A log one may post to. `address` is how messages name it: `{"flow": id}` or `{"to": user}`."""

    log_id: int
    address: Mapping[str, str]
    roster_stamp: int = 0
    recipient: int | None = None
    personal_logs: tuple[int, ...] = ()
    """In private: the logs of both people, which point at what happens here."""

    @property
    def is_private(self) -> bool:
        """Whether this is a private conversation."""
        return self.recipient is not None


def in_flow(tx: Transaction, actor: Actor, org: str, flow: str) -> Place:
    """A flow by its two names."""
    found = flows.get(tx, person(actor).user_id, org, flow)
    return Place(found.log_id, {"flow": found.id}, found.roster_stamp)


def by_flow_id(tx: Transaction, actor: Actor, flow_id: str | None) -> Place:
    """A flow by id; for an integration the flow of its source, whatever the id says."""
    if isinstance(actor, Integration):
        return of_source(tx, actor)
    if not flow_id:
        raise not_found()
    found = flows.get_by_id(tx, actor.user_id, flow_id)
    return Place(found.log_id, {"flow": found.id}, found.roster_stamp)


def of_source(tx: Transaction, actor: Integration) -> Place:
    """The flow that a source belongs to."""
    logs.lock(tx, actor.log_id)
    source = sources.find(tx, actor.source_id)
    if source is None or source.removed_at is not None:
        raise gone()
    flow_id = flows.public_id(tx, actor.log_id)
    return Place(actor.log_id, {"flow": flow_id}, flows.roster_stamp(tx, actor.log_id))


def with_person(tx: Transaction, actor: Actor, user_id: int, *, begin: bool = False) -> Place:
    """The private conversation with somebody; without `begin`, log 0 stands for one that never began."""
    caller = person(actor).user_id
    other = people.get(tx, user_id)
    if not people.sees(tx, caller, user_id):
        raise not_found()
    log_id = conversations.begin(tx, caller, user_id) if begin else conversations.find(tx, caller, user_id)
    if log_id is not None:
        logs.lock(tx, log_id)
    logs_of_both = {people.get(tx, caller).log_id, other.log_id}
    return Place(log_id or 0, {"to": str(user_id)}, recipient=user_id, personal_logs=tuple(sorted(logs_of_both)))


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
    _point_at(tx, place, message["id"])
    return text


def record(
    tx: Transaction, place: Place, event: Mapping[str, Any], *, author: int, refers_to: int | None = None
) -> None:
    """Append an event that is not a message; it already carries its number."""
    events.append(tx, place.log_id, event, number=event["id"], author=author, refers_to=refers_to)
    _point_at(tx, place, event["id"])


def _point_at(tx: Transaction, place: Place, number: int) -> None:
    frame = tx.appended[-1].frame
    for log_id in place.personal_logs:
        own_number = logs.take_number(tx, log_id)
        events.point_at(tx, log_id, number=own_number, key=key_of(place.log_id, number), frame=frame)
