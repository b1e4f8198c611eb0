"""The embedded database as one end of a move."""

import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, Self

from flowdock.server.store import schema
from flowdock.server.store.moving import mark
from flowdock.server.store.moving.end import NOBODY, CannotMove, End, check_age
from flowdock.server.store.moving.tables import Table
from flowdock.server.store.sqlite import connections
from flowdock.server.store.sqlite.transaction import SqliteTransaction
from flowdock.server.store.transaction import Row, Transaction

CACHE_KIB = 200_000
LOG_PAGES = 16_000
"""So many pages of 4 KiB the write-ahead log may have before they are moved into the database."""
_MOVING = (
    # Flushed with each checkpoint, so that a power cut takes back the last rows together with the mark that tells of
    # them, and never leaves half of anything.
    "PRAGMA synchronous = NORMAL",
    f"PRAGMA wal_autocheckpoint = {LOG_PAGES}",
    f"PRAGMA cache_size = -{CACHE_KIB}",
)


class SecretKeeper(Protocol):
    """Where the secret of a site is that has a database of its own."""

    def secret(self) -> bytes:
        """The secret, made on first use."""

    def adopt(self, secret: bytes) -> None:
        """Keep this one in place of any other."""


class SqliteEnd(End):
    """The database file of a folder that nobody else serves meanwhile; `keeper` has the secret beside it."""

    errors = (sqlite3.Error,)

    def __init__(self, path: Path, keeper: SecretKeeper) -> None:
        self.name = str(path)
        self._path = path
        self._keeper = keeper
        self._opened: sqlite3.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def prepare_source(self) -> None:
        """Migrate the file that is there."""
        if not self._path.exists():
            raise CannotMove(f"there is no site to move: {self.name} does not exist; --from takes its folder")
        schema.upgrade(self._path)

    def prepare_target(self) -> None:
        """Make or migrate the file, which only its owner may read."""
        check_age(self.name, schema.state_of(self._path))
        schema.migrate(self._path)
        self._path.chmod(0o600)

    def secret(self, tx: Transaction) -> bytes:
        """What the keeper has."""
        del tx
        return self._keeper.secret()

    def adopt(self, tx: Transaction, secret: bytes) -> None:
        """Hand it to the keeper."""
        del tx
        self._keeper.adopt(secret)

    def check_silence(self) -> None:
        """Nothing: whoever moves a folder holds its lock."""

    @contextmanager
    def silence(self, tables: Sequence[Table]) -> Generator[Transaction]:
        """The transaction of the one who may write, though it does not: not even an administrator's command can."""
        del tables
        with self._transaction("BEGIN IMMEDIATE") as tx:
            yield tx

    @contextmanager
    def reading(self) -> Generator[Transaction]:
        """A transaction that sees one moment."""
        with self._transaction("BEGIN") as tx:
            yield tx

    @contextmanager
    def writing(self) -> Generator[Transaction]:
        """A transaction whose commit does not wait for the disk."""
        with self._transaction("BEGIN IMMEDIATE") as tx:
            yield tx

    def add(self, tx: Transaction, table: Table, rows: Iterable[Row]) -> None:
        """Insert them with one statement."""
        del tx
        marks = ", ".join("?" for _ in table.columns)
        sql = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({marks})"
        self._connection.executemany(sql, rows)

    def counters(self, tx: Transaction, tables: Sequence[Table]) -> Mapping[str, int]:
        """What SQLite remembers of each table with AUTOINCREMENT."""
        names = {table.name for table in tables}
        return {name: seq for name, seq in tx.rows("SELECT name, seq FROM sqlite_sequence") if name in names}

    def set_counters(self, tx: Transaction, counters: Mapping[str, int]) -> None:
        """Raise what SQLite remembers."""
        for name, number in counters.items():
            if tx.one("SELECT 1 FROM sqlite_sequence WHERE name = ?", (name,)) is None:
                tx.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, 0)", (name,))
            tx.execute("UPDATE sqlite_sequence SET seq = MAX(seq, ?) WHERE name = ?", (number, name))

    def settle(self) -> None:
        """Move everything into the database file."""
        connections.checkpoint(self._connection, "TRUNCATE")

    def finish(self) -> None:
        """Commit once more, and wait for the disk."""
        self._connection.execute("PRAGMA synchronous = FULL")
        with self.writing() as tx:
            mark.remove(tx)
        self.settle()

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            self._opened = connections.open_writer(self._path, durable=True)
            for pragma in _MOVING:
                self._opened.execute(pragma)
        return self._opened

    @contextmanager
    def _transaction(self, begin: str) -> Generator[Transaction]:
        connection = self._connection
        connection.execute(begin)
        try:
            yield SqliteTransaction(connection=connection, now=0, site=NOBODY)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
