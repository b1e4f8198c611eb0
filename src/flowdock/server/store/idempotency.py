"""Which message a client's uuid already became, so that sending again stores nothing twice."""

from flowdock.server.store.transaction import Transaction


def find(tx: Transaction, log_id: int, owner: int, uuid: str) -> int | None:
    """The number of the message that this author sent under this uuid."""
    row = tx.one("SELECT number FROM idempotency WHERE log_id = ? AND owner = ? AND uuid = ?", (log_id, owner, uuid))
    return None if row is None else int(row[0])


def remember(tx: Transaction, log_id: int, owner: int, uuid: str, number: int) -> None:
    """From now on this uuid means this message."""
    tx.execute(
        "INSERT INTO idempotency (log_id, owner, uuid, number) VALUES (?, ?, ?, ?)", (log_id, owner, uuid, number)
    )
