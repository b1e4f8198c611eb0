"""Letting search follow, in the background; whichever process finds a log free does it."""

import logging
import threading
from collections.abc import Callable, Iterable

from flowdock.server.store.postgres.connections import Pool
from flowdock.server.store.postgres.session import Begin, PostgresSession
from flowdock.server.store.transaction import Transaction

PAUSE_SECONDS = 0.5
"""Whoever searches meanwhile brings the index up to date; the longer it waits, the less it costs."""
RETRY_SECONDS = 1.0

log = logging.getLogger("flowdock.store")


class Indexer:
    """A thread that indexes what was stored lately. `index` brings a log a step on; True when there is more."""

    def __init__(self, pool: Pool, *, begin: Begin, index: Callable[[Transaction, int], bool]) -> None:
        self._pool = pool
        self._begin = begin
        self._index = index
        self._behind: set[int] = set()
        self._lock = threading.Lock()
        self._something = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flowdock-indexer", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def notice(self, log_ids: Iterable[int]) -> None:
        """Something was stored in these logs."""
        with self._lock:
            self._behind.update(log_ids)
        self._something.set()

    def stop(self) -> None:
        """End the thread; what is left is done by whoever searches, or by the next start."""
        self._stopping.set()
        self._something.set()
        self._thread.join()

    def _run(self) -> None:
        pause = PAUSE_SECONDS
        while True:
            self._something.wait()
            # In batches: what comes within the pause is indexed at once.
            if self._stopping.wait(pause):
                return
            self._something.clear()
            with self._lock:
                behind, self._behind = self._behind, set()
            pause = PAUSE_SECONDS
            try:
                for log_id in tuple(behind):
                    if self._stopping.is_set():
                        return
                    if not self._advance(log_id):
                        behind.discard(log_id)
            except Exception as error:  # noqa: BLE001 - the index can always be brought up to date later
                log.warning("the search index could not be brought up to date: %s", error)
                pause = RETRY_SECONDS
            if behind:
                self.notice(behind)

    def _advance(self, log_id: int) -> bool:
        """Index a batch; whether there is more to do, for us."""
        with self._pool.connection() as connection:
            session = PostgresSession(connection, self._begin)
            with session.transaction() as tx:
                if not tx.claim("SELECT 1 FROM logs WHERE id = ?", (log_id,)):
                    return True  # somebody writes to it, or indexes it
                return self._index(tx, log_id)
