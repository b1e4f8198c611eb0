"""Which mail became which message, so that it is stored once and answers to it join its thread."""

from collections.abc import Sequence
from hashlib import sha256

from flowdock.server.store.keys import key_of
from flowdock.server.store.transaction import Transaction

LISTED = 100
"""So many of the mails that a mail refers to are looked for, the newest of them."""
_ID_LIMIT = 250


def find(tx: Transaction, log_id: int, message_id: str) -> int | None:
    """The number of the message that a mail became in a flow; 0 when it is one the server sent about its thread."""
    row = tx.one("SELECT number FROM mails WHERE log_id = ? AND message_id = ?", (log_id, _short(message_id)))
    return None if row is None else int(row[0])


def find_thread(tx: Transaction, log_id: int, message_ids: Sequence[str]) -> int | None:
    """The key of the thread that one of these mails belongs to in a flow; of the last of them that is known.

    That is where its message is now, which may have been moved, else where it was.
    """
    for message_id in reversed(message_ids[-LISTED:]):
        row = tx.one(
            "SELECT thread_key, number FROM mails WHERE log_id = ? AND message_id = ?", (log_id, _short(message_id))
        )
        if row is not None:
            there = tx.one("SELECT thread_key FROM events WHERE key = ?", (key_of(log_id, row[1]),))
            return int((there and there[0]) or row[0])
    return None


def put(tx: Transaction, log_id: int, message_id: str, *, thread_key: int, number: int) -> None:
    """Remember what a mail became; what was remembered stays."""
    tx.execute(
        "INSERT INTO mails (log_id, message_id, thread_key, number) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (log_id, _short(message_id), thread_key, number),
    )


def _short(message_id: str) -> str:
    # An index takes no text of any length, and a stranger chose this one.
    if len(message_id) <= _ID_LIMIT:
        return message_id
    return f"sha256:{sha256(message_id.encode('utf-8', 'surrogatepass')).hexdigest()}"
