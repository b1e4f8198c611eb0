"""What a stream carries: which logs it follows from where, and what happened in them since.

Source: wire facts 5.1, 5.4, 5.6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from flowdock.server.actions import places
from flowdock.server.actions.places import person
from flowdock.server.domain import cursors, messages, permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import STREAM_CONVERSATIONS, STREAM_FLOW, Role
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import events, flow_users, logs, people
from flowdock.server.store.transaction import Appended, Transaction

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Subscription:
    """The logs a stream follows: of each the number after which it begins, and that of the newest event."""

    user_id: int
    token_id: int
    positions: dict[int, int]
    ends: dict[int, int]
    flows: Mapping[int, str]
    """The flows among them: their ids by their logs."""


def subscribe(
    tx: Transaction, actor: Actor, *, names: Sequence[str], private: bool, cursor: str | None
) -> Subscription:
    """Follow flows (each by id, `org/flow` or `org:flow`) and, if asked, what happens to the caller in private.

    One flow that the caller is not in refuses the whole.
    """
    caller = person(actor)
    if not names and not private:
        raise Refusal(400, "Nothing to stream: give filter, or user=1", {"filter": ["can't be blank without user=1"]})
    if private:
        permissions.demand(STREAM_CONVERSATIONS, actor, {Role.PERSON})
    found = [places.flow_of_id(tx, actor, name, STREAM_FLOW) for name in names]
    followed = {flow.log_id: flow.id for flow in found}
    log_ids = [*followed, people.get(tx, caller.user_id).log_id] if private else list(followed)
    resumed = cursors.resume(cursor, log_ids)
    ends = {log_id: logs.head(tx, log_id).last_number for log_id in log_ids}
    positions = {log_id: min(resumed.get(log_id, end), end) for log_id, end in ends.items()}
    return Subscription(caller.user_id, caller.token_id, positions, ends, followed)


def replay(tx: Transaction, log_id: int, number: int, *, limit: int) -> list[Appended]:
    """The next events of a log as they were announced, oldest first; an empty frame where something was removed."""
    found = events.after(tx, log_id, number, limit=limit)
    return [Appended(log_id, at, _frame(frame, message), expels) for at, frame, message, expels in found]


def active(subscription: Subscription, *, idle: bool, now: int) -> list[Appended]:
    """What tells the flows of an `active` stream that its reader is there: whispers, heard and never stored."""
    whispers = []
    for log_id, flow_id in subscription.flows.items():
        event = messages.activity(user=subscription.user_id, place={"flow": flow_id}, now=now)
        if idle:
            event["content"] = {}
        whispers.append(Appended(log_id, 0, events.encode(event)))
    return whispers


def seen(tx: Transaction, *, user_id: int, idle: bool) -> None:
    """Remember when somebody was last seen, and last active unless they are idle."""
    people.seen(tx, user_id, active=not idle)


@dataclass(frozen=True, slots=True)
class People:
    """The flows that somebody is in, and who is there with them: when each was last seen, and last active."""

    logs: Sequence[int]
    seen: Mapping[int, tuple[int, int]]


def company(tx: Transaction, *, user_id: int) -> People:
    """With whom somebody shares a flow."""
    return People(flow_users.logs_of(tx, user_id), people.last_seen_with(tx, user_id))


def logs_of(tx: Transaction, *, user_id: int) -> list[int]:
    """The flows that somebody is in."""
    return flow_users.logs_of(tx, user_id)


def _frame(frame: bytes | None, message: bytes | None) -> bytes:
    if frame is not None:
        return frame
    return b"" if message is None else events.encode(messages.streamed(_decode(message)))
