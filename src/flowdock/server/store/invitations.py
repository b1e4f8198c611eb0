"""Invitations: who was asked into a flow by e-mail. Their keys are stored as digests alone."""

from dataclasses import dataclass

from flowdock.server.store.people import may_exist
from flowdock.server.store.transaction import NotFound, Transaction

_COLUMNS = "id, log_id, email, message, inviter, created_at, accepted_at"


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody who was asked into a flow. Moments are milliseconds since 1970; `created_at` is when it was sent."""

    id: int
    log_id: int
    email: str
    message: str
    inviter: int
    created_at: int
    accepted_at: int | None


def create(tx: Transaction, log_id: int, *, email: str, message: str, digest: bytes, inviter: int) -> Invitation:
    """A new invitation."""
    row = tx.returned(
        "INSERT INTO invitations (log_id, email, email_folded, message, digest, inviter, created_at)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING {_COLUMNS}",
        (log_id, email, email.casefold(), message, digest, inviter, tx.now),
    )
    return Invitation(*row)


def renew(tx: Transaction, invitation_id: int, *, message: str, digest: bytes, inviter: int) -> None:
    """Send it anew: by the key so far nobody comes any more."""
    tx.execute(
        "UPDATE invitations SET message = ?, digest = ?, inviter = ?, created_at = ? WHERE id = ?",
        (message, digest, inviter, tx.now, invitation_id),
    )


def get(tx: Transaction, log_id: int, invitation_id: int) -> Invitation:
    """An invitation to a flow, an accepted one too; NotFound when there is none of this id."""
    row = None
    if may_exist(invitation_id):
        row = tx.one(f"SELECT {_COLUMNS} FROM invitations WHERE id = ? AND log_id = ?", (invitation_id, log_id))
    if row is None:
        raise NotFound
    return Invitation(*row)


def find(tx: Transaction, digest: bytes) -> Invitation | None:
    """The pending invitation of a key."""
    row = tx.one(f"SELECT {_COLUMNS} FROM invitations WHERE digest = ? AND accepted_at IS NULL", (digest,))
    return None if row is None else Invitation(*row)


def find_pending(tx: Transaction, log_id: int, email: str) -> Invitation | None:
    """The pending invitation to a flow of an address, case ignored."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM invitations WHERE log_id = ? AND email_folded = ? AND accepted_at IS NULL",
        (log_id, email.casefold()),
    )
    return None if row is None else Invitation(*row)


def pending(tx: Transaction, log_id: int) -> list[Invitation]:
    """The invitations to a flow that wait, the oldest first."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM invitations WHERE log_id = ? AND accepted_at IS NULL ORDER BY id", (log_id,)
    )
    return [Invitation(*row) for row in rows]


def count_pending(tx: Transaction, log_id: int) -> int:
    """How many invitations to a flow wait."""
    row = tx.one("SELECT count(*) FROM invitations WHERE log_id = ? AND accepted_at IS NULL", (log_id,))
    return 0 if row is None else int(row[0])


def accept(tx: Transaction, invitation_id: int, user_id: int) -> None:
    """Remember who came by it; nobody else will."""
    tx.execute("UPDATE invitations SET accepted_at = ?, accepted_by = ? WHERE id = ?", (tx.now, user_id, invitation_id))


def remove(tx: Transaction, invitation_id: int) -> None:
    """Take it back."""
    tx.execute("DELETE FROM invitations WHERE id = ?", (invitation_id,))


def withdraw(tx: Transaction, log_id: int, email: str) -> None:
    """Take back what is pending for this address."""
    tx.execute(
        "DELETE FROM invitations WHERE log_id = ? AND email_folded = ? AND accepted_at IS NULL",
        (log_id, email.casefold()),
    )
