"""What is moved: every table that the migrations make, as they make it, so that none can be forgotten."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from tempfile import TemporaryDirectory

from flowdock.server.store import schema
from flowdock.server.store.transaction import Row, Transaction, Value

PAGE_ROWS = 500
"""So many lie in memory at once; a message may have 16 MiB, though most have less than one KiB."""

_MADE_ANEW = frozenset({"tags"})
"""With the words, whose table is another kind in each database, what `logs.indexed_number` says of a log."""
_COLUMN_MADE_ANEW = ("logs", "indexed_number")
_OF_ALEMBIC = "alembic_version"
_OF_THIS_PLACE = {"site": f"name NOT IN ('secret', '{schema.UNFINISHED_MOVE}')"}
"""Rows that belong to a database rather than to what is in it, and are not moved as they are."""


@dataclass(frozen=True)
class Table:
    """A table as both databases know it; `key` is its primary key."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def condition(self) -> str:
        """Which of its rows are moved."""
        return _OF_THIS_PLACE.get(self.name, "TRUE")

    def rows(self, tx: Transaction, *, after: Sequence[Value] | None = None) -> Iterator[Row]:
        """Its rows in the order of the key as this database sees it, those after a key."""
        last = after
        while True:
            where = self.condition if last is None else f"{self.condition} AND {self._after}"
            page = tx.rows(
                f"SELECT {', '.join(self.columns)} FROM {self.name} WHERE {where}"
                f" ORDER BY {', '.join(self.key)} LIMIT {PAGE_ROWS}",
                () if last is None else last,
            )
            yield from page
            if len(page) < PAGE_ROWS:
                return
            last = self.key_of(page[-1])

    def key_of(self, row: Row) -> Row:
        """The key of a row that has all columns."""
        return tuple(row[at] for at in self._places)

    def count(self, tx: Transaction) -> int:
        """How many rows are to be moved."""
        [[count]] = tx.rows(f"SELECT COUNT(*) FROM {self.name} WHERE {self.condition}")
        return int(count)

    def is_empty(self, tx: Transaction) -> bool:
        """Whether there are none."""
        return tx.one(f"SELECT 1 FROM {self.name} WHERE {self.condition} LIMIT 1") is None

    @cached_property
    def _places(self) -> tuple[int, ...]:
        return tuple(self.columns.index(column) for column in self.key)

    @cached_property
    def _after(self) -> str:
        if len(self.key) == 1:
            return f"{self.key[0]} > ?"
        return f"({', '.join(self.key)}) > ({', '.join('?' for _ in self.key)})"


def tables() -> list[Table]:
    """All tables that are moved, each after those that it refers to."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "scratch"
        schema.migrate(path)
        with closing(sqlite3.connect(path)) as connection:
            return tables_of(connection)


def tables_of(connection: sqlite3.Connection) -> list[Table]:
    """The same of a database in which they were made."""
    names = [
        str(name)
        for (name,) in connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name"
        )
        if name not in _MADE_ANEW and name != _OF_ALEMBIC and not name.startswith("sqlite_")
    ]
    order: TopologicalSorter[str] = TopologicalSorter()
    for name in names:
        rows = connection.execute('SELECT "table" FROM pragma_foreign_key_list(?)', (name,))
        order.add(name, *(other for (other,) in rows if other != name and other in names))
    return [_table(connection, name) for name in order.static_order()]


def _table(connection: sqlite3.Connection, name: str) -> Table:
    rows = connection.execute("SELECT name, pk FROM pragma_table_info(?)", (name,)).fetchall()
    columns = tuple(column for column, _ in rows if (name, column) != _COLUMN_MADE_ANEW)
    key = tuple(column for column, place in sorted(rows, key=lambda row: row[1]) if place)
    if not key:
        raise AssertionError(f"the table {name} has no primary key, so a move could not go on in the middle of it")
    return Table(name, columns, key)
