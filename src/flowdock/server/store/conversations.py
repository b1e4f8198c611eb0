"""Private conversations: two people, or one with themselves, and their log."""

from flowdock.server.store import logs
from flowdock.server.store.transaction import Transaction


def find(tx: Transaction, user_id: int, other_id: int) -> int | None:
    """The log of the conversation of two people, None when they never had one."""
    low, high = sorted((user_id, other_id))
    row = tx.one("SELECT log_id FROM conversations WHERE low_user = ? AND high_user = ?", (low, high))
    return None if row is None else int(row[0])


def begin(tx: Transaction, user_id: int, other_id: int) -> int:
    """The log of the conversation of two people, begun if need be."""
    known = find(tx, user_id, other_id)
    if known is not None:
        return known
    log_id = logs.create(tx)
    low, high = sorted((user_id, other_id))
    tx.execute(
        "INSERT INTO conversations (log_id, low_user, high_user, created_at) VALUES (?, ?, ?, ?)",
        (log_id, low, high, tx.now),
    )
    return log_id


def of_user(tx: Transaction, user_id: int) -> list[tuple[int, int]]:
    """The conversations somebody has, as (log, the other person)."""
    rows = tx.rows(
        "SELECT log_id, CASE WHEN low_user = ? THEN high_user ELSE low_user END FROM conversations"
        " WHERE low_user = ? OR high_user = ?",
        (user_id, user_id, user_id),
    )
    return [(row[0], row[1]) for row in rows]


def people_of(tx: Transaction, log_id: int) -> tuple[int, int] | None:
    """The two people of a conversation, None when the log is not one."""
    row = tx.one("SELECT low_user, high_user FROM conversations WHERE log_id = ?", (log_id,))
    return None if row is None else (row[0], row[1])
