"""Webhooks: where events of a flow are told. Each is a position in its log; what lies behind it is on its way."""

from dataclasses import dataclass, field

from flowdock.server.store.transaction import NotFound, Row, Transaction, Value

_COLUMNS = "w.id, w.log_id, w.url, w.events, w.secret, w.active, w.position, w.creator, w.created_at"
_BEHIND = "FROM webhooks w JOIN logs l ON l.id = w.log_id WHERE w.active = 1 AND w.position < l.last_number"
_DUE = (
    "FROM webhooks w WHERE w.active = 1 AND w.busy_until <= ?"
    " AND EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND d.next_attempt_at <= ?)"
)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as stored. `events` are kinds, all when empty; `sealed` is its secret as only this site can read it.

    `position` is the number of the last event of the log that is delivered, or on its way.
    """

    id: int
    log_id: int
    url: str
    events: tuple[str, ...]
    sealed: bytes = field(repr=False)
    active: bool
    position: int
    creator: int | None
    created_at: int


def create(
    tx: Transaction,
    *,
    log_id: int,
    url: str,
    events: tuple[str, ...],
    sealed: bytes,
    active: bool,
    position: int,
    creator: int,
) -> int:
    """A new webhook's id."""
    row = tx.returned(
        "INSERT INTO webhooks (log_id, url, events, secret, active, position, creator, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (log_id, url, ",".join(events), sealed, int(active), position, creator, tx.now),
    )
    return int(row[0])


def get(tx: Transaction, log_id: int, webhook_id: int) -> Webhook:
    """A webhook of this flow; NotFound when it has none of this id. In a write nobody else changes it meanwhile."""
    found = locked(tx, webhook_id)
    if found is None or found.log_id != log_id:
        raise NotFound
    return found


def find(tx: Transaction, webhook_id: int) -> Webhook | None:
    """A webhook by its id."""
    row = tx.one(f"SELECT {_COLUMNS} FROM webhooks w WHERE w.id = ?", (webhook_id,))
    return None if row is None else _webhook(row)


def locked(tx: Transaction, webhook_id: int) -> Webhook | None:
    """The same, which nobody else changes until the commit; nor, by agreement, what is on its way to it."""
    tx.lock("SELECT 1 FROM webhooks WHERE id = ?", (webhook_id,))
    return find(tx, webhook_id)


def of_flow(tx: Transaction, log_id: int) -> list[Webhook]:
    """The webhooks of a flow, the oldest first."""
    rows = tx.rows(f"SELECT {_COLUMNS} FROM webhooks w WHERE w.log_id = ? ORDER BY w.id", (log_id,))
    return [_webhook(row) for row in rows]


def change(tx: Transaction, webhook: Webhook) -> None:
    """Store where it leads, what it is told, its secret, and whether it is."""
    values: tuple[Value, ...] = (webhook.url, ",".join(webhook.events), webhook.sealed, int(webhook.active))
    tx.execute("UPDATE webhooks SET url = ?, events = ?, secret = ?, active = ? WHERE id = ?", (*values, webhook.id))


def move_on(tx: Transaction, webhook_id: int, position: int) -> None:
    """All up to this number is on its way."""
    tx.execute("UPDATE webhooks SET position = ? WHERE id = ?", (position, webhook_id))


def pause(tx: Transaction, webhook_id: int) -> None:
    """Tell it nothing until somebody says otherwise."""
    tx.execute("UPDATE webhooks SET active = 0 WHERE id = ?", (webhook_id,))


def remove(tx: Transaction, webhook_id: int) -> None:
    """Remove it with everything that was on its way."""
    tx.execute("DELETE FROM deliveries WHERE webhook_id = ?", (webhook_id,))
    tx.execute("DELETE FROM webhooks WHERE id = ?", (webhook_id,))


def is_any_behind_or_due(tx: Transaction) -> bool:
    """Whether something happened that a webhook is to be told, or is to be told it now."""
    return (
        tx.one(f"SELECT 1 {_BEHIND} LIMIT 1") is not None
        or tx.one(f"SELECT 1 {_DUE} LIMIT 1", (tx.now, tx.now)) is not None
    )


def behind(tx: Transaction, *, most: int) -> list[int]:
    """Ids of webhooks whose log has grown since, those first that are most behind."""
    rows = tx.rows(f"SELECT w.id {_BEHIND} ORDER BY l.last_number - w.position DESC, w.id LIMIT ?", (most,))
    return [int(row[0]) for row in rows]


def claim(tx: Transaction, webhook_id: int) -> bool:
    """Keep it for this transaction, unless somebody else has it."""
    return tx.claim("SELECT 1 FROM webhooks WHERE id = ?", (webhook_id,))


def lease(tx: Transaction, *, until: int, most: int) -> list[int]:
    """Ids of webhooks that are to be told something now and that nobody tells; they are the caller's until then."""
    taken: list[int] = []
    for (webhook_id,) in tx.rows(f"SELECT w.id {_DUE} ORDER BY w.id", (tx.now, tx.now)):
        if len(taken) < most and tx.claim(
            "SELECT 1 FROM webhooks WHERE id = ? AND busy_until <= ?", (webhook_id, tx.now)
        ):
            busy_until(tx, webhook_id, until)
            taken.append(int(webhook_id))
    return taken


def busy_until(tx: Transaction, webhook_id: int, until: int) -> None:
    """Somebody tells it something until then; 0 for nobody any more."""
    tx.execute("UPDATE webhooks SET busy_until = ? WHERE id = ?", (until, webhook_id))


def _webhook(row: Row) -> Webhook:
    webhook_id, log_id, url, events, sealed, active, *rest = row
    kinds = tuple(kind for kind in events.split(",") if kind)
    return Webhook(webhook_id, log_id, url, kinds, bytes(sealed), bool(active), *rest)
