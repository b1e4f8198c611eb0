"""A transaction in SQLite."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from flowdock.server.store.sqlite.words import Words
from flowdock.server.store.transaction import Row, Transaction, Value
from flowdock.server.store.words import WordIndex


@dataclass(slots=True, kw_only=True)
class SqliteTransaction(Transaction):
    """A transaction on one connection. Locks are not needed: all writes come from one thread."""

    words: ClassVar[WordIndex] = Words()

    connection: sqlite3.Connection

    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run one statement that changes something."""
        self.connection.execute(sql, values)

    def execute_each(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run one statement that changes something for each of these rows of values."""
        self.connection.executemany(sql, rows)

    def returned(self, sql: str, values: Sequence[Value] = ()) -> Row:
        """The one row of a statement that changes something and always gives one."""
        row: Row = self.connection.execute(sql, values).fetchone()
        return row

    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """The first row of a query, None when there is none."""
        row: Row | None = self.connection.execute(sql, values).fetchone()
        return row

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows of a query."""
        return self.connection.execute(sql, values).fetchall()

    def lock(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Nothing: there is one writer."""

    def claim(self, sql: str, values: Sequence[Value] = ()) -> bool:
        """True: there is nobody else."""
        del sql, values
        return True
