"""Lanes: writes about different things run side by side, those about one thing in order and in groups."""

import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg

from flowdock.server.store import groups
from flowdock.server.store.groups import Collided, Committed, Write
from flowdock.server.store.postgres.connections import Patience, Pool
from flowdock.server.store.postgres.session import LOST, Begin, PostgresSession
from flowdock.server.store.postgres.waiting import Waiting

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
        self._waiting = Waiting(threads=threads)

    def submit(self, write: Write, ticket: object, about: Hashable) -> None:
        """Queue a write; its Outcome carries the ticket."""
        if self._waiting.put(object() if about is None else about, write, ticket):
            self._threads.submit(self._run, Patience())

    def stop(self) -> None:
        """Finish what waits, and end the threads."""
        self._waiting.wait_for_end()
        self._threads.shutdown()

    def _run(self, patience: Patience) -> None:
        group = self._waiting.take()
        if group is None:
            return
        for done in self._commit(group.writes, patience):
            self._deliver(done)
            if len(group.lanes) == 1:
                self._waiting.learn(group.lanes[0], (one.log_id for one in done.appended))
        for _ in range(self._waiting.give_back(group)):
            self._threads.submit(self._run, Patience())

    def _commit(self, group: Sequence[tuple[Write, object]], patience: Patience) -> Iterator[Committed]:
        try:
            yield self._committed(group, patience)
        except Collided:
            for one in group:
                yield from self._commit([one], patience)
        except Exception as error:
            # Whatever it is: nobody may be left waiting for ever.
            log.exception("a group of %d writes could not be stored", len(group))
            yield groups.none_stored(group, error)

    def _committed(self, group: Sequence[tuple[Write, object]], patience: Patience) -> Committed:
        for attempt in range(1, ATTEMPTS + 1):
            session = None
            try:
                with self._pool.connection(patience.left()) as connection:
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
