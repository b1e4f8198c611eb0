"""The writer: one thread that runs all writes and commits them in groups.

Whatever waits when the thread is free goes into one transaction. While it is idle it lets search follow, and moves
what the write-ahead log holds into the database file.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence

from flowdock.server.store import groups
from flowdock.server.store.groups import GROUP_LIMIT, Committed, Write
from flowdock.server.store.sqlite import connections
from flowdock.server.store.sqlite.session import SqliteSession
from flowdock.server.store.transaction import Transaction

INDEX_AFTER_MESSAGES = 256
INDEX_AFTER_IDLE_SECONDS = 0.05
CHECKPOINT_AFTER_EVENTS = 250
"""Measured from 60 to 8000: a short write-ahead log is found through faster, and its pages stay in the cache."""

log = logging.getLogger("flowdock.store")


class Writer:
    """Runs writes in order of `submit`, each as `write(transaction)`, and hands groups to `deliver` after the commit.

    `deliver` is called on the writer's thread. `index` is the write that brings one log's search index a step on; it
    runs when the writer is idle or many messages wait for it. `checkpoint` starts a checkpoint on another thread and
    calls what it is given when that is done.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        begin: Callable[[sqlite3.Connection], Transaction],
        deliver: Callable[[Committed], None],
        index: Callable[[Transaction, int], bool],
        refusals: tuple[type[Exception], ...],
        checkpoint: Callable[[Callable[[], None]], None],
    ) -> None:
        self.unindexed: set[int] = set()
        """Logs with messages that search does not know yet."""
        self._connection = connection
        self._session = SqliteSession(connection, begin)
        self._deliver = deliver
        self._index = index
        self._refusals = refusals
        self._checkpoint = checkpoint
        self._waiting: queue.SimpleQueue[tuple[Write, object] | None] = queue.SimpleQueue()
        self._since_index = 0
        self._since_checkpoint = 0
        self._checkpointed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flowdock-writer", daemon=True)

    def start(self) -> None:
        """Begin to work."""
        self._thread.start()

    def submit(self, write: Write, ticket: object) -> None:
        """Queue a write; its Outcome carries the ticket."""
        self._waiting.put((write, ticket))

    def stop(self) -> None:
        """Finish what waits, index what is left, and end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        running = True
        while running:
            group, running = self._next_group()
            if group:
                self._deliver(self._commit(group))
            idle = not group
            if idle or self._since_index >= INDEX_AFTER_MESSAGES:
                self._bring_index_up_to_date()
            if idle or self._checkpointed.is_set():
                self._close_checkpoint()
            if self._since_checkpoint >= CHECKPOINT_AFTER_EVENTS:
                self._since_checkpoint = 0
                self._checkpoint(self._checkpointed.set)
        self._bring_index_up_to_date()

    def _next_group(self) -> tuple[list[tuple[Write, object]], bool]:
        try:
            first = self._waiting.get(timeout=INDEX_AFTER_IDLE_SECONDS if self.unindexed else None)
        except queue.Empty:
            return [], True
        if first is None:
            return [], False
        group = [first]
        while len(group) < GROUP_LIMIT:
            try:
                another = self._waiting.get_nowait()
            except queue.Empty:
                break
            if another is None:
                return group, False
            group.append(another)
        return group, True

    def _commit(self, group: Sequence[tuple[Write, object]]) -> Committed:
        try:
            done = groups.committed(self._session, group, self._refusals)
        except Exception as error:
            # Whatever it is: a writer that dies would leave everybody waiting for ever.
            log.exception("a group of %d writes could not be stored", len(group))
            return groups.none_stored(group, error)
        self.unindexed.update([one.log_id for one in done.appended if one.number])
        self._since_index += len(done.appended)
        self._since_checkpoint += len(done.appended)
        return done

    def _bring_index_up_to_date(self) -> None:
        self._since_index = 0
        for log_id in list(self.unindexed):
            try:
                is_behind = True
                while is_behind:
                    with self._session.transaction() as tx:
                        is_behind = self._index(tx, log_id)
            except Exception:
                log.exception("the search index of log %d could not be brought up to date", log_id)
            self.unindexed.discard(log_id)

    def _close_checkpoint(self) -> None:
        """Move the few pages that came after a checkpoint on another thread, so that the write-ahead log starts anew.

        Only the writer can: while it goes on writing, another's checkpoint never reaches the end.
        """
        self._checkpointed.clear()
        try:
            connections.checkpoint(self._connection)
        except sqlite3.Error:
            log.warning("a checkpoint failed", exc_info=True)
