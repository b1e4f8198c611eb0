"""The store that several processes share: PostgreSQL."""

import asyncio
import logging
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import psycopg
from psycopg_pool import PoolTimeout

from flowdock.server.store import logs
from flowdock.server.store.groups import Committed
from flowdock.server.store.postgres.connections import Patience, open_pool
from flowdock.server.store.postgres.indexer import Indexer
from flowdock.server.store.postgres.lanes import Lanes, forget_lost_connections
from flowdock.server.store.postgres.session import PostgresSession, is_lost
from flowdock.server.store.postgres.transaction import PostgresTransaction
from flowdock.server.store.store import Store, Surroundings
from flowdock.server.store.transaction import Row, Transaction, Unavailable

Result = TypeVar("Result")

WRITER_THREADS = 4
READER_THREADS = 4
ATTEMPTS = 3

log = logging.getLogger("flowdock.store")


class PostgresStore(Store):
    """Writes about one flow are committed in groups, those about different flows side by side.

    Reads never wait for them.
    """

    def __init__(self, url: str, around: Surroundings) -> None:
        super().__init__(around)
        self._pool = open_pool(url, size=WRITER_THREADS + READER_THREADS + 1)
        self._readers = ThreadPoolExecutor(READER_THREADS, thread_name_prefix="flowdock-reader")
        self._lanes = Lanes(
            self._pool,
            threads=WRITER_THREADS,
            begin=self._begin,
            deliver=self._deliver_and_index,
            refusals=around.refusals,
        )
        self._indexer = Indexer(self._pool, begin=self._begin, index=around.index)
        self._indexer.notice(self._read(logs.behind, Patience()))
        self._indexer.start()

    async def read(self, action: Callable[[Transaction], Result]) -> Result:
        """The result of a read, on a thread of its own."""
        return await self._loop.run_in_executor(self._readers, self._read, action, Patience())

    async def read_aside(self, action: Callable[[Transaction], Result]) -> Result:
        """The same: here no read keeps the loop waiting."""
        return await self.read(action)

    def close(self) -> None:
        """Finish what waits and close the connections."""
        self._lanes.stop()
        self._indexer.stop()
        self._readers.shutdown()
        self._pool.close()

    def _submit(self, action: Callable[[Transaction], Any], done: "asyncio.Future[Any]", about: Hashable) -> None:
        self._lanes.submit(action, done, about)

    def _begin(self, cursor: psycopg.Cursor[Row], *, writes: bool) -> PostgresTransaction:
        given = self._given_to_writes() if writes else self._given()
        return PostgresTransaction(cursor=cursor, writes=writes, **given)

    def _deliver_and_index(self, group: Committed) -> None:
        self._deliver(group)
        if grown := {one.log_id for one in group.appended if one.number}:
            self._indexer.notice(grown)

    def _read(self, action: Callable[[Transaction], Result], patience: Patience) -> Result:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._read_once(action, patience)
            except psycopg.Error as error:
                if not is_lost(error):
                    raise
                if attempt == ATTEMPTS or isinstance(error, PoolTimeout):
                    raise Unavailable(str(error)) from error
                forget_lost_connections(self._pool)
        raise AssertionError("unreachable")

    def _read_once(self, action: Callable[[Transaction], Result], patience: Patience) -> Result:
        with (
            self._pool.connection(patience.left()) as connection,
            PostgresSession(connection, self._begin).reading() as tx,
        ):
            return action(tx)
