"""What a stream carries: which logs it follows from where, and what happened in them since.

Source: wire facts 5.1, 5.4, 5.6.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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
    gap: Literal["unknown", "shorter"] | None = None
    """Why it begins now instead of where the given cursor was: it is unknown, or lies behind the end of a log."""
    is_private: bool = False
    """Whether what happens to the caller in private is among them."""

    @property
    def is_compound(self) -> bool:
        """Whether its cursors name the log of each number; a stream that can grow has such ones from the beginning."""
        return self.is_private or len(self.positions) > 1


NEWS = 1000
"""So many private events are searched for flows that were joined since a cursor was taken."""


def subscribe(
    tx: Transaction, actor: Actor, *, names: Sequence[str], private: bool, cursor: str | None
) -> Subscription:
    """Follow flows (each by id, `org/flow` or `org:flow`) and, if asked, what happens to the caller in private.

    One flow that the caller is not in refuses the whole. A flow that the cursor does not know begins now, or, where the
    private events since the cursor tell of it, when the caller joined it.
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
    known = {**_joined_since(tx, log_ids[-1], resumed, followed), **resumed} if private and resumed else resumed or {}
    positions = {log_id: min(known.get(log_id, end), end) for log_id, end in ends.items()}
    return Subscription(
        caller.user_id, caller.token_id, positions, ends, followed, _gap(cursor, resumed, ends), is_private=private
    )


def _gap(
    cursor: str | None, resumed: Mapping[int, int] | None, ends: Mapping[int, int]
) -> Literal["unknown", "shorter"] | None:
    if cursor is None:
        return None
    if resumed is None:
        return "unknown"
    # A number that was not taken yet is one of a log that was longer, before an older copy of it was restored.
    return "shorter" if any(number > ends[log_id] for log_id, number in resumed.items()) else None


def _joined_since(
    tx: Transaction, own_log: int, resumed: Mapping[int, int], followed: Mapping[int, str]
) -> dict[int, int]:
    """Where the caller came into each flow that the cursor does not know."""
    new = {flow_id: log_id for log_id, flow_id in followed.items() if log_id not in resumed}
    if not new or own_log not in resumed:
        return {}
    came_in: dict[int, int] = {}
    for _, frame, _, _ in events.after(tx, own_log, resumed[own_log], limit=NEWS):
        event = _decode(frame) if frame is not None and b"flow-add" in frame else {}
        if event.get("event") == "flow-add" and event["content"]["id"] in new and "since_id" in event["content"]:
            came_in[new[event["content"]["id"]]] = event["content"]["since_id"]
    return came_in


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
