"""What waits for people, until they are told of it by mail."""

from typing import NamedTuple

from flowdock.server.store.transaction import Transaction


class Recipient(NamedTuple):
    """Whom a mail would go to. `last_ping` is when they were last seen, 0 for never."""

    nick: str
    email: str
    wants_mail: bool
    last_ping: int


class Waiting(NamedTuple):
    """A message that waits, as REST shows it, and where; in private there is no flow."""

    log_id: int
    message: bytes
    thread_key: int | None
    flow_name: str | None
    flow: str | None
    organization: str | None


def add(tx: Transaction, *, user_id: int, key: int, log_id: int, due_at: int) -> None:
    """Remember that a message waits for somebody."""
    tx.execute(
        "INSERT INTO notices (user_id, key, log_id, due_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (user_id, key, log_id, due_at),
    )


def is_due(tx: Transaction) -> bool:
    """Whether somebody is to be told now."""
    return tx.one("SELECT 1 FROM notices WHERE due_at <= ?", (tx.now,)) is not None


def take(tx: Transaction, *, most: int) -> list[int]:
    """The people to be told now whom no other process has, the one who waits longest first."""
    rows = tx.rows(
        "SELECT user_id FROM notices WHERE due_at <= ? GROUP BY user_id ORDER BY min(due_at), user_id LIMIT ?",
        (tx.now, most),
    )
    claim = "SELECT 1 FROM notices WHERE user_id = ? AND due_at <= ?"
    return [int(row[0]) for row in rows if tx.claim(claim, (row[0], tx.now))]


def recipient(tx: Transaction, user_id: int) -> Recipient | None:
    """Somebody who is not disabled; None when there is nobody of this number."""
    row = tx.one(
        "SELECT nick, email, mail_notices,"
        " (SELECT COALESCE(max(m.last_ping), 0) FROM flow_users m WHERE m.user_id = users.id)"
        " FROM users WHERE id = ? AND disabled = 0",
        (user_id,),
    )
    return None if row is None else Recipient(row[0], row[1], bool(row[2]), row[3])


def waiting(tx: Transaction, user_id: int) -> list[Waiting]:
    """The messages noted for somebody that are still there for them, the newest of each place first."""
    rows = tx.rows(
        "SELECT n.log_id, e.message, e.thread_key, f.name, f.parameterized_name, o.parameterized_name"
        " FROM notices n JOIN events e ON e.key = n.key"
        " LEFT JOIN flows f ON f.log_id = n.log_id LEFT JOIN organizations o ON o.id = f.organization_id"
        " LEFT JOIN flow_users m ON m.log_id = n.log_id AND m.user_id = n.user_id"
        " WHERE n.user_id = ? AND e.message IS NOT NULL AND (f.log_id IS NULL OR m.in_flow = 1)"
        " ORDER BY n.key DESC",
        (user_id,),
    )
    return [Waiting(*row) for row in rows]


def put_off(tx: Transaction, user_id: int, *, until: int) -> None:
    """Tell somebody later."""
    tx.execute("UPDATE notices SET due_at = ? WHERE user_id = ? AND due_at < ?", (until, user_id, until))


def forget(tx: Transaction, user_id: int) -> None:
    """Somebody was told, or need not be."""
    tx.execute("DELETE FROM notices WHERE user_id = ?", (user_id,))
