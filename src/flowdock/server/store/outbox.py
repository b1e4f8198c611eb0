"""Mails that are to leave: each lies here from the transaction that caused it until it is sent, or given up."""

from dataclasses import dataclass

from flowdock.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail on its way. `attempts` failed so far."""

    id: int
    kind: str
    recipient: str
    subject: str
    body: str
    message_id: str
    attempts: int


def add(tx: Transaction, *, kind: str, recipient: str, subject: str, body: str, message_id: str) -> None:
    """Put a mail there, due at once."""
    tx.execute(
        "INSERT INTO outbox (kind, recipient, subject, body, message_id, created_at, next_attempt_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (kind, recipient, subject, body, message_id, tx.now, tx.now),
    )


def is_due(tx: Transaction) -> bool:
    """Whether there is a mail to be sent now."""
    return tx.one("SELECT 1 FROM outbox WHERE next_attempt_at <= ?", (tx.now,)) is not None


def due(tx: Transaction, *, limit: int) -> list[OutgoingMail]:
    """The mails to be sent now, the oldest first."""
    rows = tx.rows(
        "SELECT id, kind, recipient, subject, body, message_id, attempts FROM outbox"
        " WHERE next_attempt_at <= ? ORDER BY next_attempt_at, id LIMIT ?",
        (tx.now, limit),
    )
    return [OutgoingMail(*row) for row in rows]


def put_off(tx: Transaction, mail_id: int, *, until: int) -> None:
    """Let it be due again at this moment, for whoever takes it then."""
    tx.execute("UPDATE outbox SET next_attempt_at = ? WHERE id = ?", (until, mail_id))


def failed(tx: Transaction, mail_id: int, *, error: str, again_at: int | None) -> None:
    """Remember that it could not be sent; without another moment it is given up, and stays to be looked at."""
    tx.execute(
        "UPDATE outbox SET attempts = attempts + 1, error = ?, next_attempt_at = ? WHERE id = ?",
        (error, again_at, mail_id),
    )


def sent(tx: Transaction, mail_id: int) -> None:
    """Forget a mail that was sent: what it said is nobody's business any more."""
    tx.execute("DELETE FROM outbox WHERE id = ?", (mail_id,))
