"""Private conversations: two people, or one with themselves, and their log."""

from dataclasses import dataclass

from flowdock.server.store import logs
from flowdock.server.store.transaction import NotFound, Transaction

_COLUMNS = (
    "c.log_id, CASE WHEN c.low_user = ? THEN c.high_user ELSE c.low_user END,"
    " CASE WHEN c.low_user = ? THEN c.low_open ELSE c.high_open END"
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as one of its people has it."""

    log_id: int
    other_id: int
    is_open: bool


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


def people_of(tx: Transaction, log_id: int) -> tuple[int, int] | None:
    """The two people of a conversation, None when the log is not one."""
    row = tx.one("SELECT low_user, high_user FROM conversations WHERE log_id = ?", (log_id,))
    return None if row is None else (row[0], row[1])


def of_user(tx: Transaction, user_id: int) -> list[Conversation]:
    """A user's conversations, that with the newest message first."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM conversations c JOIN logs l ON l.id = c.log_id WHERE c.low_user = ? OR c.high_user = ?"
        " ORDER BY COALESCE(l.last_message_at, 0) DESC, c.log_id DESC",
        (user_id, user_id, user_id, user_id),
    )
    return [Conversation(log_id, other_id, bool(is_open)) for log_id, other_id, is_open in rows]


def get(tx: Transaction, log_id: int, user_id: int) -> Conversation:
    """A conversation as one of its people has it."""
    row = tx.one(f"SELECT {_COLUMNS} FROM conversations c WHERE c.log_id = ?", (user_id, user_id, log_id))
    if row is None:
        raise NotFound
    return Conversation(row[0], row[1], bool(row[2]))


def set_open(tx: Transaction, log_id: int, user_id: int, *, is_open: bool) -> None:
    """Whether one of the people has a conversation among those they look at."""
    tx.execute(
        "UPDATE conversations SET low_open = CASE WHEN low_user = ? THEN ? ELSE low_open END,"
        " high_open = CASE WHEN high_user = ? THEN ? ELSE high_open END WHERE log_id = ?",
        (user_id, int(is_open), user_id, int(is_open), log_id),
    )


def open_for_both(tx: Transaction, log_id: int) -> None:
    """Somebody said something: both have it among those they look at."""
    tx.execute(
        "UPDATE conversations SET low_open = 1, high_open = 1 WHERE log_id = ? AND (low_open = 0 OR high_open = 0)",
        (log_id,),
    )
