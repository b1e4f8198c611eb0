"""PostgreSQL as one end of a move.

All of it works through a pooler that lends connections by the transaction: nothing is set for longer than one.
"""

import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

import psycopg
from psycopg.sql import SQL, Identifier

from flowdock.server.store import schema
from flowdock.server.store.moving import mark
from flowdock.server.store.moving.end import NOBODY, CannotMove, End, check_age
from flowdock.server.store.moving.tables import Table
from flowdock.server.store.postgres import connections, opening
from flowdock.server.store.postgres.transaction import PostgresTransaction
from flowdock.server.store.transaction import Row, Transaction

APPLICATION = "flowdock move"
LOCK_SECONDS = 10
"""So long somebody may go on who is writing; PostgreSQL's own cleaning gives way after one second."""
PATIENCE_SECONDS = 3.0
"""So long the last connections of a server may take that was just stopped."""

_OTHERS = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"
_ONE_MOMENT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WITHOUT_LIMITS = (
    # While the other end works, this one waits in its transaction.
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL statement_timeout = 0",
    f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'",
)
_COUNTERS = """
    SELECT c.relname, a.attname, pg_get_serial_sequence(quote_ident(c.relname), a.attname)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.oid = ANY (ARRAY(SELECT to_regclass(name) FROM unnest(%s::text[]) name)) AND a.attidentity <> ''
"""
_TYPES = "SELECT attname, atttypid FROM pg_attribute WHERE attrelid = to_regclass(?) AND attnum > 0"


class PostgresEnd(End):
    """A PostgreSQL database that no server uses meanwhile. `name` is its address without a password."""

    errors = (psycopg.Error,)

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self._url = url
        self._opened: connections.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def prepare_source(self) -> None:
        """Migrate the tables that are there, as whoever serves them next would."""
        [[there]] = self._connection.execute("SELECT to_regclass('alembic_version') IS NOT NULL").fetchall()
        if not there:
            raise CannotMove(f"there is no site to move: {self.name} has no tables of Flowdock's")
        opening.prepare(self._url)

    def prepare_target(self) -> None:
        """Make or migrate the tables."""
        check_age(self.name, schema.state_of_postgres(self._url))
        schema.migrate_postgres(self._url)

    def secret(self, tx: Transaction) -> bytes:
        """What all servers of the site have in common."""
        row = tx.one("SELECT value FROM site WHERE name = 'secret'")
        return b"" if row is None else bytes(row[0])

    def adopt(self, tx: Transaction, secret: bytes) -> None:
        """Keep it where the servers will look for it."""
        tx.execute(
            "INSERT INTO site (name, value) VALUES ('secret', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (secret,),
        )

    def check_silence(self) -> None:
        """Look for connections by the name that servers give theirs."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            # Within one transaction PostgreSQL would go on to show what it showed first.
            with connections.connect(self._url, application=APPLICATION) as connection:
                [[others]] = connection.execute(_OTHERS, (connections.APPLICATION,)).fetchall()
            if not others:
                return
            if time.monotonic() > deadline:
                raise CannotMove(
                    f"{self.name} is in use: {others} connections of Flowdock servers are open; stop the servers"
                    " (a pooler such as pgbouncer keeps connections for some minutes more),"
                    " and run the same command again"
                )
            time.sleep(0.1)

    @contextmanager
    def silence(self, tables: Sequence[Table]) -> Generator[Transaction]:
        """Locks that only let read; they come first, so that the moment begins when everybody else has finished."""
        names = ", ".join(table.name for table in tables)
        with self._transaction(_ONE_MOMENT) as tx:
            try:
                tx.execute(f"LOCK TABLE {names} IN EXCLUSIVE MODE")
            except psycopg.errors.LockNotAvailable as error:
                raise CannotMove(
                    f"{self.name} is in use: somebody writes to it, or moves it already; stop that,"
                    " and run the same command again"
                ) from error
            yield tx

    @contextmanager
    def reading(self) -> Generator[Transaction]:
        """A transaction that sees one moment."""
        with self._transaction(_ONE_MOMENT) as tx:
            yield tx

    @contextmanager
    def writing(self) -> Generator[Transaction]:
        """A transaction whose commit does not wait for the disk."""
        with self._transaction("BEGIN ISOLATION LEVEL READ COMMITTED") as tx:
            tx.execute("SET LOCAL synchronous_commit = off")
            yield tx

    def add(self, tx: Transaction, table: Table, rows: Iterable[Row]) -> None:
        """Copy them."""
        types: dict[str, int] = dict(tx.rows(_TYPES, (table.name,)))
        into = SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(
            Identifier(table.name), SQL(", ").join(map(Identifier, table.columns))
        )
        with self._connection.cursor().copy(into) as copy:
            copy.set_types([types[column] for column in table.columns])
            for row in rows:
                copy.write_row(row)

    def counters(self, tx: Transaction, tables: Sequence[Table]) -> Mapping[str, int]:
        """What the sequences say, and the ids that somebody else put there."""
        return {name: number for name, _, number in self._sequences(tx, [table.name for table in tables])}

    def set_counters(self, tx: Transaction, counters: Mapping[str, int]) -> None:
        """Raise the sequences."""
        for name, sequence, present in self._sequences(tx, list(counters)):
            if number := max(counters[name], present):
                tx.one("SELECT setval(?::regclass, ?)", (sequence, number))

    def settle(self) -> None:
        """Let the planner know what came."""
        with self.writing() as tx:
            tx.execute("ANALYZE")

    def finish(self) -> None:
        """Commit, and wait for the disk."""
        with self._transaction("BEGIN") as tx:
            mark.remove(tx)

    def _sequences(self, tx: Transaction, names: list[str]) -> list[tuple[str, str, int]]:
        """Each table with a sequence, the sequence, and the highest id it gave out or has."""
        found = []
        for name, column, sequence in self._connection.execute(_COUNTERS, (names,)).fetchall():
            [[number]] = tx.rows(
                f"SELECT GREATEST((SELECT last_value FROM {sequence} WHERE is_called),"
                f" (SELECT MAX({column}) FROM {name}), 0)"
            )
            found.append((name, sequence, number))
        return found

    @property
    def _connection(self) -> connections.Connection:
        if self._opened is None:
            self._opened = connections.connect(self._url, application=APPLICATION)
        return self._opened

    @contextmanager
    def _transaction(self, begin: str) -> Generator[Transaction]:
        connection = self._connection
        tx = PostgresTransaction(cursor=connection.cursor(binary=True), writes=True, now=0, site=NOBODY)
        try:
            tx.execute(begin)
            for setting in _WITHOUT_LIMITS:
                tx.execute(setting)
            yield tx
            tx.execute("COMMIT")
        except BaseException:
            if not connection.closed:
                connection.rollback()
            raise
