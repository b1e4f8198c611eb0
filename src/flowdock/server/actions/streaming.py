"""What a stream carries: which logs it follows from where, and what happened in them since.

Source: wire facts 5.1, 5.4, 5.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from flowdock.server.actions.places import person
from flowdock.server.domain import cursors, messages
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import events, flows, logs, people
from flowdock.server.store.transaction import Appended, Transaction

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Subscription:
    """The logs a stream follows: of each the number after which it begins, and that of the newest event."""

    user_id: int
    positions: dict[int, int]
    ends: dict[int, int]
    flow_logs: tuple[int, ...]


def subscribe(
    tx: Transaction, actor: Actor, *, names: Sequence[str], private: bool, cursor: str | None
) -> Subscription:
    """Follow flows (each by id, `org/flow` or `org:flow`) and, if asked, what happens to the caller in private.

    One flow that the caller is not in refuses the whole.
    """
    caller = person(actor)
    if not names and not private:
        raise Refusal(400, "Nothing to stream: give filter, or user=1", {"filter": ["can't be blank without user=1"]})
    flow_logs = tuple(dict.fromkeys(flows.get_by_id(tx, caller.user_id, name).log_id for name in names))
    log_ids = [*flow_logs, people.get(tx, caller.user_id).log_id] if private else list(flow_logs)
    resumed = cursors.resume(cursor, log_ids)
    ends = {log_id: logs.head(tx, log_id).last_number for log_id in log_ids}
    positions = {log_id: min(resumed.get(log_id, end), end) for log_id, end in ends.items()}
    return Subscription(caller.user_id, positions, ends, flow_logs)


def replay(tx: Transaction, log_id: int, number: int, *, limit: int) -> list[Appended]:
    """The next events of a log as they were announced, oldest first; an empty frame where something was removed."""
    found = events.after(tx, log_id, number, limit=limit)
    return [Appended(log_id, at, _frame(frame, message), expels) for at, frame, message, expels in found]


def show_active(tx: Transaction, *, user_id: int, flow_logs: Sequence[int], idle: bool, remember: bool = True) -> None:
    """Tell the flows of an `active` stream that its reader is there: heard, never stored but for the time, if asked."""
    if remember:
        people.seen(tx, user_id, active=not idle)
    for log_id in flow_logs:
        place = {"flow": flows.public_id(tx, log_id)}
        event = messages.activity(user=user_id, place=place, now=tx.now)
        if idle:
            event["content"] = {}
        tx.appended.append(Appended(log_id, 0, events.encode(event)))


def _frame(frame: bytes | None, message: bytes | None) -> bytes:
    if frame is not None:
        return frame
    return b"" if message is None else events.encode(messages.streamed(_decode(message)))
