"""The embedded store: SQLite in a folder of its own."""

import asyncio
import logging
import sqlite3
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

from flowdock.server.store import logs, schema
from flowdock.server.store.sqlite import connections
from flowdock.server.store.sqlite.transaction import SqliteTransaction
from flowdock.server.store.sqlite.writer import Writer
from flowdock.server.store.store import Store, Surroundings
from flowdock.server.store.transaction import Transaction, Unavailable

Result = TypeVar("Result")

READER_THREADS = 2

log = logging.getLogger("flowdock.store")


class SqliteStore(Store):
    """Writes run one after another on the writer's thread.

    Short reads run where they are asked for, on the loop's thread, without ever waiting; long ones on threads of their
    own.
    """

    def __init__(self, path: Path, around: Surroundings, *, durable: bool = True) -> None:
        schema.upgrade(path)
        super().__init__(around)
        with suppress(PermissionError):  # somebody else's file, whose mode is theirs
            path.chmod(0o600)
        self._path = path
        self._writing = connections.open_writer(path, durable=durable)
        self._reading = connections.open_reader(path)
        self._long_reads = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="flowdock-reader")
        self._readers = threading.local()
        self._aside: list[sqlite3.Connection] = []
        self._checkpoints = ThreadPoolExecutor(1, thread_name_prefix="flowdock-checkpoint")
        self._writer = Writer(
            self._writing,
            begin=self._begin_write,
            deliver=self._deliver,
            index=around.index,
            refusals=around.refusals,
            checkpoint=self._start_checkpoint,
        )
        self._writer.unindexed.update(logs.behind(self._begin(self._reading)))
        self._writer.start()

    async def read(self, action: Callable[[Transaction], Result]) -> Result:
        """The result of a short read; nothing else runs on the loop meanwhile."""
        return self._read(self._reading, action)

    async def read_aside(self, action: Callable[[Transaction], Result]) -> Result:
        """The result of a long read, on a thread of its own."""
        return await self._loop.run_in_executor(self._long_reads, self._read_on_thread, action)

    def close(self) -> None:
        """Finish what waits and close the database."""
        self._writer.stop()
        self._checkpoints.shutdown()
        self._long_reads.shutdown()
        for connection in (self._reading, *self._aside):
            connection.close()
        try:
            connections.checkpoint(self._writing, "TRUNCATE")
        except sqlite3.Error:
            log.warning("the last checkpoint failed; the next start makes up for it", exc_info=True)
        self._writing.close()

    def _submit(self, action: Callable[[Transaction], Any], done: "asyncio.Future[Any]", about: Hashable) -> None:
        del about
        self._writer.submit(action, done)

    def _begin(self, connection: sqlite3.Connection) -> Transaction:
        return SqliteTransaction(connection=connection, **self._given())

    def _begin_write(self, connection: sqlite3.Connection) -> Transaction:
        return SqliteTransaction(connection=connection, **self._given_to_writes())

    def _read_on_thread(self, action: Callable[[Transaction], Result]) -> Result:
        connection = getattr(self._readers, "connection", None)
        if connection is None:
            try:
                connection = self._readers.connection = connections.open_reader(self._path)
            except sqlite3.Error as error:
                raise Unavailable(str(error)) from error
            self._aside.append(connection)
        return self._read(connection, action)

    def _read(self, connection: sqlite3.Connection, action: Callable[[Transaction], Result]) -> Result:
        try:
            connection.execute("BEGIN")
            try:
                return action(self._begin(connection))
            finally:
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unavailable(str(error)) from error

    def _start_checkpoint(self, done: Callable[[], None]) -> None:
        self._checkpoints.submit(self._checkpoint, done)

    def _checkpoint(self, done: Callable[[], None]) -> None:
        try:
            with closing(connections.open_existing(self._path)) as connection:
                connections.checkpoint(connection)
        except sqlite3.Error:
            log.warning("a checkpoint failed; the next one makes up for it", exc_info=True)
        finally:
            done()
