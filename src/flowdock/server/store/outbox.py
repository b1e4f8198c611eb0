"""Mails that are to leave: each lies here from the transaction that caused it until it is sent, or given up."""

from dataclasses import dataclass, field

from flowdock.server.store.transaction import Transaction

_DUE = "FROM outbox WHERE next_attempt_at <= ?"
_AHEAD = 4
"""Others may be about to take some, so more are looked at."""


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail on its way. `attempts` failed so far; `created_at` is milliseconds since 1970."""

    id: int
    kind: str
    recipient: str
    subject: str
    body: str = field(repr=False)
    message_id: str
    reply_to: str | None
    attempts: int
    created_at: int


def add(
    tx: Transaction,
    *,
    kind: str,
    recipient: str,
    subject: str,
    body: str,
    message_id: str,
    reply_to: str | None = None,
) -> None:
    """Put a mail there, due at once."""
    tx.execute(
        "INSERT INTO outbox (kind, recipient, subject, body, message_id, reply_to, created_at, next_attempt_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (kind, recipient, subject, body, message_id, reply_to, tx.now, tx.now),
    )


def is_due(tx: Transaction) -> bool:
    """Whether there is a mail to be sent now."""
    return tx.one(f"SELECT 1 {_DUE} LIMIT 1", (tx.now,)) is not None


def take(tx: Transaction, *, most: int, until: int) -> list[OutgoingMail]:
    """Mails to be sent now that nobody else takes, the oldest first; they are the caller's until then."""
    taken: list[OutgoingMail] = []
    rows = tx.rows(
        "SELECT id, kind, recipient, subject, body, message_id, reply_to, attempts, created_at"
        f" {_DUE} ORDER BY next_attempt_at, id LIMIT ?",
        (tx.now, most * _AHEAD),
    )
    for row in rows:
        if len(taken) < most and tx.claim(
            "SELECT 1 FROM outbox WHERE id = ? AND next_attempt_at <= ?", (row[0], tx.now)
        ):
            put_off(tx, row[0], until=until)
            taken.append(OutgoingMail(*row))
    return taken


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
