"""Groups of writes on SQLite's one writing connection."""

import logging
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager

from flowdock.server.store.transaction import Transaction

log = logging.getLogger("flowdock.store")


class SqliteSession:
    """The writing connection as groups see it; `begin` makes the transaction object."""

    def __init__(self, connection: sqlite3.Connection, begin: Callable[[sqlite3.Connection], Transaction]) -> None:
        self._connection = connection
        self._begin = begin

    @contextmanager
    def transaction(self, *, one_by_one: bool = False) -> Generator[Transaction]:
        """Begin; commit at the end, roll back when something is raised."""
        del one_by_one
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._begin(self._connection)
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    @contextmanager
    def savepoint(self, tx: Transaction) -> Generator[None]:
        """What fails inside is undone, and raised."""
        del tx
        self._connection.execute("SAVEPOINT one")
        try:
            yield
        except Exception as error:
            if not self.concerns_all(error):
                self._connection.execute("ROLLBACK TO one")
                self._connection.execute("RELEASE one")
            raise
        self._connection.execute("RELEASE one")

    def changes(self, tx: Transaction) -> int:
        """A number that grows when something is changed."""
        del tx
        return self._connection.total_changes

    def concerns_all(self, error: Exception) -> bool:
        """Whether the database itself failed, being full, locked or damaged, and not what one write wanted of it.

        A damaged database is told by `DatabaseError` itself, of which what a write did wrong are subclasses.
        """
        return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError

    def is_collision(self, error: Exception) -> bool:
        """False: nobody else writes while a transaction runs."""
        del error
        return False

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            log.exception("a rollback failed")
