"""Lanes: writes about different things run side by side, those about one thing in order and in groups.

A group holds writes about one thing only, so that two processes never wait for each other's locks in a circle; what
commits at the same time on several connections, PostgreSQL itself flushes to disk at once.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from flowdock.server.store import groups
from flowdock.server.store.groups import GROUP_LIMIT, Committed, Write
from flowdock.server.store.postgres.connections import Pool
from flowdock.server.store.postgres.session import LOST, Begin, PostgresSession

ATTEMPTS = 3
"""How often a group is tried whose connection turns out to be gone before its commit."""

log = logging.getLogger("flowdock.store")


class Lanes:
    """Runs writes on connections of a pool, and hands groups to `deliver`, on their thread, after the commit."""

    def __init__(
        self,
        pool: Pool,
        *,
        threads: int,
        begin: Begin,
        deliver: Callable[[Committed], None],
        refusals: tuple[type[Exception], ...],
    ) -> None:
        self._pool = pool
        self._begin = begin
        self._deliver = deliver
        self._refusals = refusals
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="flowdock-writer")
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, deque[tuple[Write, object]]] = {}
        """What waits, by what it is about; who is in here has a thread or is about to get one."""

    def submit(self, write: Write, ticket: object, about: Hashable) -> None:
        """Queue a write; its Outcome carries the ticket."""
        lane = object() if about is None else about
        with self._lock:
            waiting = self._waiting.get(lane)
            if waiting is not None:
                waiting.append((write, ticket))
                return
            self._waiting[lane] = deque([(write, ticket)])
        self._threads.submit(self._run, lane)

    def stop(self) -> None:
        """Finish what waits, and end the threads."""
        while True:
            with self._lock:
                if not self._waiting:
                    break
            self._threads.submit(int).result()
        self._threads.shutdown()

    def _run(self, lane: Hashable) -> None:
        with self._lock:
            waiting = self._waiting[lane]
            group = [waiting.popleft() for _ in range(min(len(waiting), GROUP_LIMIT))]
        self._deliver(self._commit(group))
        with self._lock:
            if not waiting:
                del self._waiting[lane]
                return
        # Behind the others: a flow in which much is said must not keep a thread for itself.
        self._threads.submit(self._run, lane)

    def _commit(self, group: Sequence[tuple[Write, object]]) -> Committed:
        try:
            return self._committed(group)
        except Exception as error:
            # Whatever it is: nobody may be left waiting for ever.
            log.exception("a group of %d writes could not be stored", len(group))
            return groups.none_stored(group, error)

    def _committed(self, group: Sequence[tuple[Write, object]]) -> Committed:
        for attempt in range(1, ATTEMPTS + 1):
            session = None
            try:
                with self._pool.connection() as connection:
                    session = PostgresSession(connection, self._begin)
                    return groups.committed(session, group, self._refusals)
            except LOST as error:
                in_doubt = session is not None and session.is_in_doubt
                if attempt == ATTEMPTS or session is None or in_doubt:
                    log.warning("a group of %d writes was refused, as the database does not answer", len(group))
                    return groups.none_stored(group, error, in_doubt=in_doubt)
                forget_lost_connections(self._pool)
        raise AssertionError("unreachable")


def forget_lost_connections(pool: Pool) -> None:
    """Look at every idle connection: when one is gone, as after a restart of the database, most are."""
    try:
        pool.check()
    except psycopg.Error as error:
        log.info("a connection could not be checked: %s", error)
