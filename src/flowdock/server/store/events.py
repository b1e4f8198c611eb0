"""Events: what was appended to logs. A message keeps its REST shape here; every other event its stream shape.

A message's stream shape is derived from its REST shape, so that what was edited or retracted is not replayed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from flowdock.server.store.keys import key_of, number_of, span_of
from flowdock.server.store.transaction import Appended, NotFound, Transaction

RENAMED_LIMIT = 10_000
"""So many messages of a thread follow when another becomes its first: a fraction of a second's work."""
_BATCH = 500

encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored message: its REST shape, and what the log knows besides."""

    key: int
    event: str
    author: int
    thread_key: int | None
    json: bytes

    @property
    def message(self) -> dict[str, Any]:
        """The REST shape, decoded anew at each call."""
        return _decode(self.json)


def decoded(json: bytes) -> dict[str, Any]:
    """The REST shape of a stored message."""
    return _decode(json)


def append_message(
    tx: Transaction,
    log_id: int,
    message: Mapping[str, Any],
    *,
    streamed: Mapping[str, Any],
    author: int,
    thread_key: int | None = None,
) -> bytes:
    """Store a message under the number it carries as `id`; its REST JSON. `streamed` is how streams carry it."""
    json = encode(message)
    tx.execute(
        "INSERT INTO events (key, event, author, thread_key, message) VALUES (?, ?, ?, ?, ?)",
        (key_of(log_id, message["id"]), message["event"], author, thread_key, json),
    )
    tx.appended.append(Appended(log_id, message["id"], encode(streamed)))
    return json


def append(
    tx: Transaction,
    log_id: int,
    event: Mapping[str, Any],
    *,
    number: int,
    author: int,
    refers_to: int | None = None,
    expels: int = 0,
) -> bytes:
    """Store an event that is not a message under this number; its stream JSON."""
    frame = encode(event)
    tx.execute(
        "INSERT INTO events (key, event, author, refers_to, frame, expels) VALUES (?, ?, ?, ?, ?, ?)",
        (key_of(log_id, number), event["event"], author, refers_to, frame, expels or None),
    )
    tx.appended.append(Appended(log_id, number, frame, expels))
    return frame


def point_at(tx: Transaction, log_id: int, *, number: int, key: int, frame: bytes) -> None:
    """Store in a person's log that something happened in one of their private conversations."""
    tx.execute(
        "INSERT INTO events (key, event, author, refers_to) VALUES (?, 'private', 0, ?)", (key_of(log_id, number), key)
    )
    tx.appended.append(Appended(log_id, number, frame))


def get(tx: Transaction, log_id: int, number: int) -> Stored:
    """A message that REST shows; NotFound when there is none of this number."""
    stored = None if number > 0xFFFFFFFF or number < 1 else find(tx, key_of(log_id, number))
    if stored is None:
        raise NotFound
    return stored


def find(tx: Transaction, key: int) -> Stored | None:
    """A message by its key."""
    row = tx.one(
        "SELECT key, event, author, thread_key, message FROM events WHERE key = ? AND message IS NOT NULL", (key,)
    )
    return None if row is None else Stored(*row)


def rewrite(tx: Transaction, stored: Stored, message: Mapping[str, Any]) -> None:
    """Replace what REST shows of a message."""
    tx.execute("UPDATE events SET message = ? WHERE key = ?", (encode(message), stored.key))


def remove(tx: Transaction, stored: Stored) -> None:
    """Take a message out; its number stays taken."""
    tx.execute("UPDATE events SET message = NULL, thread_key = NULL WHERE key = ?", (stored.key,))


def put_into_thread(tx: Transaction, stored: Stored, thread_key: int) -> None:
    """Let a message belong to a thread."""
    tx.execute("UPDATE events SET thread_key = ? WHERE key = ?", (thread_key, stored.key))


def first_of_thread(tx: Transaction, thread_key: int) -> int | None:
    """The number of the oldest message of a thread, None when it has none."""
    row = tx.one("SELECT key FROM events WHERE thread_key = ? ORDER BY key LIMIT 1", (thread_key,))
    return None if row is None else number_of(row[0])


def name_first_of_thread(tx: Transaction, thread_key: int, number: int) -> None:
    """Let the messages of a thread say that it begins with this one: the newest of them, in a thread beyond measure."""
    before = 1 << 63 - 1
    for _ in range(0, RENAMED_LIMIT, _BATCH):
        rows = tx.rows(
            "SELECT key, message FROM events WHERE thread_key = ? AND key < ? AND message IS NOT NULL"
            " ORDER BY key DESC LIMIT ?",
            (thread_key, before, _BATCH),
        )
        tx.execute_each(
            "UPDATE events SET message = ? WHERE key = ?", [(_naming(one, number), key) for key, one in rows]
        )
        if len(rows) < _BATCH:
            return
        before = rows[-1][0]


def _naming(json: bytes, number: int) -> bytes:
    message = _decode(json)
    if "thread" in message:
        message["thread"]["initial_message"] = number
    return encode(message)


def forget_edits(tx: Transaction, key: int) -> None:
    """Empty the texts that earlier edits of a message left in the log."""
    edits = tx.rows("SELECT key, frame FROM events WHERE refers_to = ? AND event = 'message-edit'", (key,))
    for edit_key, frame in edits:
        event = _decode(frame)
        event["content"]["updated_content"] = ""
        tx.execute("UPDATE events SET frame = ? WHERE key = ?", (encode(event), edit_key))


def after(
    tx: Transaction, log_id: int, number: int, *, limit: int
) -> list[tuple[int, bytes | None, bytes | None, int]]:
    """The next events of a log, oldest first, as (number, stream JSON, REST JSON, whom it expels).

    One of the two texts is there; none where something was removed. An entry of a person's log gives what it points at.
    """
    low, high = span_of(log_id, after=number)
    rows = tx.rows(
        "SELECT e.key, COALESCE(e.frame, r.frame), COALESCE(e.message, r.message), COALESCE(e.expels, 0)"
        " FROM events e"
        " LEFT JOIN events r ON r.key = e.refers_to AND e.frame IS NULL"
        " WHERE e.key BETWEEN ? AND ? ORDER BY e.key LIMIT ?",
        (low, high, limit),
    )
    return [(number_of(key), frame, message, expels) for key, frame, message, expels in rows]


def joined(messages: Sequence[bytes]) -> bytes:
    """A JSON array of stored messages, without decoding any."""
    return b"[" + b",".join(messages) + b"]"
