"""A transaction in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, LiteralString

import psycopg

from flowdock.server.store.postgres.words import Words
from flowdock.server.store.transaction import Row, Transaction, Value
from flowdock.server.store.words import WordIndex


@dataclass(slots=True, kw_only=True)
class PostgresTransaction(Transaction):
    """A transaction on one cursor. `changes` counts the statements that change something.

    `locked` is what is locked already, None where a savepoint may give it free again.
    """

    words: ClassVar[WordIndex] = Words()

    cursor: psycopg.Cursor[Row]
    writes: bool
    changes: int = 0
    locked: set[tuple[str, tuple[Value, ...]]] | None = None

    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run one statement that changes something."""
        self.changes += 1
        self.cursor.execute(_marked(sql), values)

    def execute_each(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run one statement that changes something for each of these rows of values."""
        self.changes += 1
        self.cursor.executemany(_marked(sql), rows)

    def returned(self, sql: str, values: Sequence[Value] = ()) -> Row:
        """The one row of a statement that changes something and always gives one."""
        self.changes += 1
        [row] = self._asked(sql, values).fetchall()
        return row

    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """The first row of a query, None when there is none."""
        return self._asked(sql, values).fetchone()

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows of a query."""
        return self._asked(sql, values).fetchall()

    def lock(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Keep everybody else from changing the rows of a query until the commit; nothing in a read."""
        if not self.writes:
            return
        if self.locked is not None:
            lock = (sql, tuple(values))
            if lock in self.locked:
                return
            self.locked.add(lock)
        self.cursor.execute(_marked(f"{sql} FOR NO KEY UPDATE"), values)

    def _asked(self, sql: str, values: Sequence[Value]) -> psycopg.Cursor[Row]:
        # On a cursor of its own: one that was used for statements sent ahead may give the answer to one of those.
        return self.cursor.connection.cursor(binary=True).execute(_marked(sql), values)

    def claim(self, sql: str, values: Sequence[Value] = ()) -> bool:
        """Lock the rows of a query unless somebody else has them."""
        return self.one(f"{sql} FOR NO KEY UPDATE SKIP LOCKED", values) is not None


@lru_cache(4096)
def _marked(sql: str) -> LiteralString:
    """The statement with the driver's marks for values."""
    return sql.replace("?", "%s")
