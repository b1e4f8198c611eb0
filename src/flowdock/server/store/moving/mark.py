"""The mark of an unfinished move: a row of the table `site` that tells whose site it is and how far it has come.

It is written in the transaction that stores the rows it tells of, so it is always true. While it is there, nobody can
serve the database.
"""

from hashlib import sha256
from typing import Any, Self

import msgspec

from flowdock.server.store.schema import UNFINISHED_MOVE
from flowdock.server.store.transaction import Row, Transaction


class Mark(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far a move has come. Of the table that is under way `rows` are there, up to the one with the key `after`."""

    site: bytes
    done: tuple[str, ...] = ()
    table: str = ""
    rows: int = 0
    after: tuple[Any, ...] = ()

    def at(self, table: str) -> Self:
        """Where this table begins or goes on."""
        return self if self.table == table else msgspec.structs.replace(self, table=table, rows=0, after=())

    def further(self, *, rows: int, after: Row) -> Self:
        """With so many rows more."""
        return msgspec.structs.replace(self, rows=self.rows + rows, after=after)

    def finished(self) -> Self:
        """With all of the table that is under way."""
        return msgspec.structs.replace(self, done=(*self.done, self.table), table="", rows=0, after=())


def site_of(secret: bytes) -> bytes:
    """What a site is known by, wherever it lies: a digest of its secret."""
    return sha256(b"flowdock move " + secret).digest()


def find(tx: Transaction) -> Mark | None:
    """The mark, None when no move is under way."""
    row = tx.one("SELECT value FROM site WHERE name = ?", (UNFINISHED_MOVE,))
    return None if row is None else msgspec.msgpack.decode(row[0], type=Mark)


def put(tx: Transaction, mark: Mark) -> None:
    """Write the mark in place of an earlier one."""
    tx.execute(
        "INSERT INTO site (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (UNFINISHED_MOVE, msgspec.msgpack.encode(mark)),
    )


def remove(tx: Transaction) -> None:
    """The move is finished."""
    tx.execute("DELETE FROM site WHERE name = ?", (UNFINISHED_MOVE,))
