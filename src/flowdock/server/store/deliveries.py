"""Deliveries: events on their way to webhooks, and what became of them."""

from dataclasses import dataclass

from flowdock.protocol.resources import DeliveryState
from flowdock.server.store.keys import number_of, span_of
from flowdock.server.store.transaction import NotFound, Transaction

KEPT = 1000
"""So many of a webhook are shown besides those that wait."""
KEPT_MILLISECONDS = 30 * 86_400_000

_COLUMNS = "id, webhook_id, number, event, state, attempts, status, error, created_at, attempted_at, next_attempt_at"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event for a webhook: `number` in the flow's log. Moments are milliseconds since 1970."""

    id: int
    webhook_id: int
    number: int
    event: str
    state: DeliveryState
    attempts: int
    status: int | None
    error: str | None
    created_at: int
    attempted_at: int | None
    next_attempt_at: int | None


def happened(tx: Transaction, log_id: int, *, after: int, limit: int) -> list[tuple[int, str]]:
    """The next events of a log that were not removed since, as (number, kind), the oldest first."""
    low, high = span_of(log_id, after=after)
    rows = tx.rows(
        "SELECT key, event FROM events WHERE key BETWEEN ? AND ? AND (frame IS NOT NULL OR message IS NOT NULL)"
        " ORDER BY key LIMIT ?",
        (low, high, limit),
    )
    return [(number_of(key), event) for key, event in rows]


def put(tx: Transaction, webhook_id: int, events: list[tuple[int, str]]) -> None:
    """These events, as (number, kind), are to be told to a webhook."""
    tx.execute_each(
        "INSERT INTO deliveries (webhook_id, number, event, created_at, next_attempt_at) VALUES (?, ?, ?, ?, ?)",
        [(webhook_id, number, event, tx.now, tx.now) for number, event in events],
    )


def get(tx: Transaction, webhook_id: int, delivery_id: int) -> Delivery:
    """A delivery of this webhook; NotFound when it has none of this id."""
    row = tx.one(f"SELECT {_COLUMNS} FROM deliveries WHERE id = ? AND webhook_id = ?", (delivery_id, webhook_id))
    if row is None:
        raise NotFound
    return Delivery(*row)


def count(tx: Transaction, webhook_id: int, state: DeliveryState) -> int:
    """How many of a webhook's are in this state."""
    [[number]] = tx.rows("SELECT COUNT(*) FROM deliveries WHERE webhook_id = ? AND state = ?", (webhook_id, state))
    return int(number)


def next_due(tx: Transaction, webhook_id: int) -> Delivery | None:
    """What this webhook is to be told next, if that is now."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM deliveries WHERE webhook_id = ? AND next_attempt_at <= ?"
        " ORDER BY next_attempt_at, id LIMIT 1",
        (webhook_id, tx.now),
    )
    return None if row is None else Delivery(*row)


def newest(
    tx: Transaction, webhook_id: int, *, limit: int, until_id: int | None, state: DeliveryState | None
) -> list[Delivery]:
    """Deliveries of a webhook, the newest first."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM deliveries WHERE webhook_id = ? AND id < ? AND state IN (?, ?, ?, ?)"
        " ORDER BY id DESC LIMIT ?",
        (
            webhook_id,
            (1 << 63) - 1 if until_id is None else until_id,
            *(("waiting", "delivered", "failed", "gone") if state is None else (state,) * 4),
            limit,
        ),
    )
    return [Delivery(*row) for row in rows]


def change(tx: Transaction, delivery: Delivery) -> None:
    """Store what became of it."""
    tx.execute(
        "UPDATE deliveries SET state = ?, attempts = ?, status = ?, error = ?, attempted_at = ?, next_attempt_at = ?"
        " WHERE id = ?",
        (
            delivery.state,
            delivery.attempts,
            delivery.status,
            delivery.error,
            delivery.attempted_at,
            delivery.next_attempt_at,
            delivery.id,
        ),
    )


def forget_old(tx: Transaction, webhook_id: int) -> None:
    """Keep no more than is shown; what still waits stays."""
    tx.execute(
        "DELETE FROM deliveries WHERE webhook_id = ? AND next_attempt_at IS NULL AND (created_at < ? OR id <="
        " COALESCE((SELECT id FROM deliveries WHERE webhook_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?), 0))",
        (webhook_id, tx.now - KEPT_MILLISECONDS, webhook_id, KEPT),
    )
