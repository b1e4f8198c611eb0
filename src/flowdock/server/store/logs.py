"""Logs: the numbered sequences of everything that happened in a flow, in a private conversation, and to one person.

Whoever writes to a log holds the lock on its row until the commit, so the order of numbers is the order of commits.
Moments follow it: whoever waited for the lock, or has a clock that is behind another's, is moved on by taking a number.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flowdock.server.store.keys import pieces
from flowdock.server.store.transaction import Row, Transaction


@dataclass(frozen=True, slots=True)
class Head:
    """How far a log has grown, and how far its search index."""

    last_number: int
    indexed_number: int


def create(tx: Transaction) -> int:
    """A new empty log's id."""
    row = tx.returned("INSERT INTO logs (last_number, indexed_number) VALUES (0, 0) RETURNING id")
    return int(row[0])


def lock(tx: Transaction, log_id: int) -> None:
    """Let nobody else write to a log until the commit: what is read of it from now on stays true."""
    tx.lock("SELECT 1 FROM logs WHERE id = ?", (log_id,))


def lock_each(tx: Transaction, log_ids: Sequence[int]) -> None:
    """The same for several logs, in the one order in which nobody waits for somebody who waits for them."""
    for log_id in sorted(log_ids):
        lock(tx, log_id)


def take_number(tx: Transaction, log_id: int) -> int:
    """The next number of a log, for an event that is not a message."""
    return _taken(
        tx,
        tx.returned(
            "UPDATE logs SET last_number = last_number + 1 WHERE id = ? RETURNING last_number, last_message_at",
            (log_id,),
        ),
    )


def take_message_number(tx: Transaction, log_id: int) -> int:
    """The next number of a log, for a message: the log remembers which was the last and when."""
    return _taken(
        tx,
        tx.returned(
            "UPDATE logs SET last_number = last_number + 1, last_message_number = last_number + 1,"
            " last_message_at = CASE WHEN last_message_at > ? THEN last_message_at ELSE ? END"
            " WHERE id = ? RETURNING last_number, last_message_at",
            (tx.now, tx.now, log_id),
        ),
    )


def _taken(tx: Transaction, row: Row) -> int:
    """The number, for an event that is not older than the newest message."""
    number, moment = row
    tx.now = max(tx.now, moment or 0)
    return int(number)


def head(tx: Transaction, log_id: int) -> Head:
    """How far the log has grown."""
    row = tx.one("SELECT last_number, indexed_number FROM logs WHERE id = ?", (log_id,))
    return Head(0, 0) if row is None else Head(*row)


def heads(tx: Transaction, log_ids: Sequence[int]) -> list[tuple[int, int]]:
    """How far each of these logs has grown, as (log, number)."""
    marks = ", ".join("?" for _ in log_ids)
    return [(row[0], row[1]) for row in tx.rows(f"SELECT id, last_number FROM logs WHERE id IN ({marks})", log_ids)]


def set_indexed(tx: Transaction, log_id: int, number: int) -> None:
    """Remember that search knows everything up to this number."""
    tx.execute("UPDATE logs SET indexed_number = ? WHERE id = ?", (number, log_id))


def last_moments(tx: Transaction, log_ids: Sequence[int]) -> dict[int, int]:
    """When the newest message of each of these logs was sent, of those that have any."""
    marks = ", ".join("?" for _ in log_ids)
    condition = f"id IN ({marks}) AND last_message_at IS NOT NULL"
    return dict(tx.rows(f"SELECT id, last_message_at FROM logs WHERE {condition}", log_ids)) if log_ids else {}


def behind_for(tx: Transaction, user_id: int) -> list[int]:
    """Logs of somebody's flows and conversations whose search index lacks something."""
    rows = tx.rows(
        "SELECT l.id FROM flow_users m JOIN logs l ON l.id = m.log_id"
        " WHERE m.user_id = ? AND m.in_flow = 1 AND l.indexed_number < l.last_number"
        " UNION ALL SELECT l.id FROM conversations c JOIN logs l ON l.id = c.log_id"
        " WHERE (c.low_user = ? OR c.high_user = ?) AND l.indexed_number < l.last_number",
        (user_id, user_id, user_id),
    )
    return [int(row[0]) for row in rows]


def behind_among(tx: Transaction, log_ids: Collection[int]) -> list[tuple[int, int]]:
    """Those of these logs whose search index lacks something, as (log, number up to which it knows everything)."""
    return [
        (row[0], row[1])
        for some in pieces(log_ids)
        for row in tx.rows(
            "SELECT id, indexed_number FROM logs WHERE indexed_number < last_number"
            f" AND id IN ({', '.join('?' for _ in some)})",
            some,
        )
    ]


def behind(tx: Transaction) -> list[int]:
    """Logs whose search index lacks something, as after a crash."""
    return [int(row[0]) for row in tx.rows("SELECT id FROM logs WHERE indexed_number < last_number")]
