"""The store as the rest of the server sees it: run a write, run a read, hear what was committed."""

import asyncio
import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar, cast

from flowdock.server.records import Site
from flowdock.server.store import logs, schema, sqlite
from flowdock.server.store.transaction import Transaction, Unavailable
from flowdock.server.store.writer import Committed, Writer

Result = TypeVar("Result")

READER_THREADS = 2

log = logging.getLogger("flowdock.store")


class Store:
    """A database of one folder. Made on a running event loop; `close` it.

    Writes run one after another on the writer's thread and are durable when their answer comes. Short reads run where
    they are asked for, on the loop's thread; long ones on threads of their own.
    """

    def __init__(
        self,
        path: Path,
        *,
        site: Site,
        announce: Callable[[Committed], None],
        index: Callable[[Transaction, int], None],
        refusals: tuple[type[Exception], ...],
        durable: bool = True,
    ) -> None:
        schema.upgrade(path)
        with suppress(PermissionError):  # somebody else's file, whose mode is theirs
            path.chmod(0o600)
        self._path = path
        self._site = site
        self._announce = announce
        self._shelf: dict[int, tuple[int, object]] = {}
        self._loop = asyncio.get_running_loop()
        self._last_moment = 0
        self._writing = sqlite.open_writer(path, durable=durable)
        self._reading = sqlite.open_reader(path)
        self._long_reads = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="flowdock-reader")
        self._readers = threading.local()
        self._aside: list[sqlite3.Connection] = []
        self._checkpoints = ThreadPoolExecutor(1, thread_name_prefix="flowdock-checkpoint")
        self._writer = Writer(
            self._writing,
            begin=self._begin_write,
            deliver=self._deliver,
            index=index,
            refusals=refusals,
            checkpoint=self._start_checkpoint,
        )
        self._writer.unindexed.update(logs.behind(self._begin(self._reading)))
        self._writer.start()

    async def write(self, action: Callable[[Transaction], Result]) -> Result:
        """The result of a write, once it is durable.

        Raises what the action raised; Unavailable when the database cannot store anything now.
        """
        done: asyncio.Future[Result] = self._loop.create_future()
        self._writer.submit(action, done)
        return await done

    def read(self, action: Callable[[Transaction], Result]) -> Result:
        """The result of a short read, which sees one moment of the database throughout."""
        return self._read(self._reading, action)

    async def read_aside(self, action: Callable[[Transaction], Result]) -> Result:
        """The result of a long read, on a thread of its own; it too sees one moment throughout."""
        return await self._loop.run_in_executor(self._long_reads, self._read_on_thread, action)

    async def index(self, log_id: int, index: Callable[[Transaction, int], None]) -> None:
        """Let search know everything that was stored in a log so far."""
        if log_id in self._writer.unindexed:
            await self.write(lambda tx: index(tx, log_id))

    def close(self) -> None:
        """Finish what waits and close the database."""
        self._writer.stop()
        self._checkpoints.shutdown()
        self._long_reads.shutdown()
        for connection in (self._reading, *self._aside):
            connection.close()
        try:
            sqlite.checkpoint(self._writing, "TRUNCATE")
        except sqlite3.Error:
            log.warning("the last checkpoint failed; the next start makes up for it", exc_info=True)
        self._writing.close()

    def _begin(self, connection: sqlite3.Connection) -> Transaction:
        return Transaction(connection, now=time.time_ns() // 1_000_000, site=self._site, shelf=self._shelf)

    def _begin_write(self, connection: sqlite3.Connection) -> Transaction:
        tx = self._begin(connection)
        # A clock that is set back must not make `sent` fall while ids rise.
        self._last_moment = tx.now = max(tx.now, self._last_moment)
        return tx

    def _deliver(self, group: Committed) -> None:
        try:
            self._loop.call_soon_threadsafe(self._settle, group)
        except RuntimeError:  # the loop is gone, and with it everybody who could hear
            log.warning("%d writes were stored after the server stopped listening", len(group.outcomes))

    def _settle(self, group: Committed) -> None:
        if group.appended or group.credentials_changed:
            try:
                self._announce(group)
            except Exception:
                # What is stored has to be answered, whoever could not hear of it.
                log.exception("a group of %d writes could not be announced", len(group.outcomes))
        for outcome in group.outcomes:
            done = cast("asyncio.Future[object]", outcome.ticket)
            if done.done():  # whoever asked has gone away
                continue
            if outcome.error is None:
                done.set_result(outcome.result)
            else:
                done.set_exception(outcome.error)

    def _read_on_thread(self, action: Callable[[Transaction], Result]) -> Result:
        connection = getattr(self._readers, "connection", None)
        if connection is None:
            try:
                connection = self._readers.connection = sqlite.open_reader(self._path)
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
            with closing(sqlite.open_existing(self._path)) as connection:
                sqlite.checkpoint(connection)
        except sqlite3.Error:
            log.warning("a checkpoint failed; the next one makes up for it", exc_info=True)
        finally:
            done()
