"""Personal tokens, by digest: the token itself is never stored."""

from flowdock.server.store.transaction import Transaction


def create(tx: Transaction, digest: bytes, *, user_id: int, label: str) -> None:
    """Store a user's new token."""
    tx.execute(
        "INSERT INTO tokens (digest, user_id, label, created_at) VALUES (?, ?, ?, ?)",
        (digest, user_id, label, tx.now),
    )


def find_owner(tx: Transaction, digest: bytes) -> int | None:
    """The enabled user whom a token belongs to."""
    row = tx.one(
        "SELECT u.id FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.digest = ? AND u.disabled = 0",
        (digest,),
    )
    return None if row is None else int(row[0])
