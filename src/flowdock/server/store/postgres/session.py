"""Transactions on a connection to PostgreSQL."""

from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from typing import Protocol

import psycopg
from psycopg import errors

from flowdock.server.store.postgres.connections import Connection
from flowdock.server.store.postgres.transaction import PostgresTransaction
from flowdock.server.store.transaction import Row, Transaction


class Begin(Protocol):
    """Makes the transaction object for a cursor."""

    def __call__(self, cursor: psycopg.Cursor[Row], *, writes: bool) -> PostgresTransaction:
        """One that writes, or one that only reads."""


COLLISIONS = (errors.UniqueViolation, errors.DeadlockDetected, errors.SerializationFailure)
LOST = (psycopg.OperationalError, psycopg.InterfaceError, errors.ReadOnlySqlTransaction)
_TOO_LARGE = "54"
"""The class of errors that say that a statement wants more than any PostgreSQL can do, whichever one it is."""


class PostgresSession:
    """A connection as groups see it.

    Statements whose answer nobody waits for travel together with the next one whose answer is wanted.
    """

    def __init__(self, connection: Connection, begin: Begin) -> None:
        self._connection = connection
        self._begin = begin
        self.is_in_doubt = False
        """Whether a commit was asked for and not answered: it may have happened or not."""

    @contextmanager
    def transaction(self, *, one_by_one: bool = False) -> Generator[PostgresTransaction]:
        """Begin; commit at the end, roll back when something is raised."""
        # A failure that is to be undone alone has to show where it happened.
        together = nullcontext() if one_by_one else self._connection.pipeline()
        cursor = self._connection.cursor(binary=True)
        try:
            with together:
                cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
                tx = self._begin(cursor, writes=True)
                tx.locked = None if one_by_one else set()
                yield tx
                self.is_in_doubt = True
                cursor.execute("COMMIT")
        except BaseException as error:
            if not is_lost(error):
                self.is_in_doubt = False
                self._connection.rollback()
            raise
        self.is_in_doubt = False

    @contextmanager
    def reading(self) -> Generator[Transaction]:
        """A transaction that sees one moment throughout."""
        cursor = self._connection.cursor(binary=True)
        with self._connection.pipeline():
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield self._begin(cursor, writes=False)
            cursor.execute("COMMIT")

    @contextmanager
    def savepoint(self, tx: Transaction) -> Generator[None]:
        """What fails inside is undone, and raised."""
        del tx
        self._connection.execute("SAVEPOINT one")
        try:
            yield
        except Exception as error:
            if not self.concerns_all(error):
                self._connection.execute("ROLLBACK TO SAVEPOINT one")
                self._connection.execute("RELEASE SAVEPOINT one")
            raise
        self._connection.execute("RELEASE SAVEPOINT one")

    def changes(self, tx: Transaction) -> int:
        """How often something was changed."""
        return tx.changes if isinstance(tx, PostgresTransaction) else 0

    def concerns_all(self, error: Exception) -> bool:
        """Whether the database is out of reach, stopping, full or no longer the one that writes."""
        return is_lost(error)

    def is_collision(self, error: Exception) -> bool:
        """Whether another process got in between."""
        return isinstance(error, COLLISIONS)


def is_lost(error: BaseException) -> bool:
    """Whether the database, and not what one statement wanted of it, is what failed."""
    if not isinstance(error, LOST) or isinstance(error, (*COLLISIONS, errors.PipelineAborted)):
        return False
    return not (error.sqlstate or "").startswith(_TOO_LARGE)
