"""The writer: one thread that runs all writes and commits them in groups.

Whatever waits when the thread is free goes into one transaction, so that one flush to disk serves many requests. A
write that fails must not undo its neighbours: the group is rolled back and run again one by one, in savepoints.
Nothing is answered and nothing is announced before the commit.
"""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flowdock.server.store import sqlite
from flowdock.server.store.transaction import Appended, NotFound, Transaction, Unavailable

GROUP_LIMIT = 64
INDEX_AFTER_MESSAGES = 256
INDEX_AFTER_IDLE_SECONDS = 0.05
CHECKPOINT_AFTER_EVENTS = 250
"""Measured from 60 to 8000: a short write-ahead log is found through faster, and its pages stay in the cache."""

Write = Callable[[Transaction], Any]

log = logging.getLogger("flowdock.store")


@dataclass(slots=True)
class Outcome:
    """What became of a write: its result, or what it raised."""

    ticket: object
    result: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """A group that is safely stored: what each write got, and what they appended, in order."""

    outcomes: list[Outcome]
    appended: list[Appended]
    credentials_changed: bool


class _SpoiledError(Exception):
    """A write failed after it had changed something: the group has to be run one by one."""


class Writer:
    """Runs writes in order of `submit`, each as `write(transaction)`, and hands groups to `deliver` after the commit.

    `deliver` is called on the writer's thread. `index` is the write that brings one log's search index up to date; it
    runs when the writer is idle or many messages wait for it. `checkpoint` starts a checkpoint on another thread and
    calls what it is given when that is done.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        begin: Callable[[sqlite3.Connection], Transaction],
        deliver: Callable[[Committed], None],
        index: Callable[[Transaction, int], None],
        refusals: tuple[type[Exception], ...],
        checkpoint: Callable[[Callable[[], None]], None],
    ) -> None:
        self.unindexed: set[int] = set()
        """Logs with messages that search does not know yet."""
        self._connection = connection
        self._begin = begin
        self._deliver = deliver
        self._index = index
        self._refusals = (*refusals, NotFound)
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

    def _commit(self, group: list[tuple[Write, object]]) -> Committed:
        try:
            try:
                return self._all_at_once(group)
            except _SpoiledError:
                self._roll_back()
                return self._one_by_one(group)
        except Exception as error:
            # Whatever it is: a writer that dies would leave everybody waiting for ever.
            log.exception("a group of %d writes could not be stored", len(group))
            self._roll_back()
            return self._none_stored(group, error)

    def _none_stored(self, group: list[tuple[Write, object]], error: Exception) -> Committed:
        outcomes = [Outcome(ticket, error=Unavailable(str(error))) for _, ticket in group]
        return Committed(outcomes, [], credentials_changed=False)

    def _all_at_once(self, group: list[tuple[Write, object]]) -> Committed:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        tx = self._begin(connection)
        outcomes = []
        for write, ticket in group:
            before = connection.total_changes, len(tx.appended)
            try:
                outcomes.append(Outcome(ticket, write(tx)))
            except Exception as error:
                if _concerns_all(error):
                    raise
                if (connection.total_changes, len(tx.appended)) != before:
                    raise _SpoiledError from error
                outcomes.append(self._failed(ticket, error))
        return self._finish(tx, outcomes)

    def _one_by_one(self, group: list[tuple[Write, object]]) -> Committed:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        tx = self._begin(connection)
        outcomes = []
        for write, ticket in group:
            connection.execute("SAVEPOINT one")
            appended = len(tx.appended)
            try:
                outcomes.append(Outcome(ticket, write(tx)))
            except Exception as error:
                if _concerns_all(error):
                    raise
                connection.execute("ROLLBACK TO one")
                del tx.appended[appended:]
                outcomes.append(self._failed(ticket, error))
            connection.execute("RELEASE one")
        return self._finish(tx, outcomes)

    def _finish(self, tx: Transaction, outcomes: list[Outcome]) -> Committed:
        self._connection.execute("COMMIT")
        self.unindexed.update([one.log_id for one in tx.appended if one.number])
        self._since_index += len(tx.appended)
        self._since_checkpoint += len(tx.appended)
        return Committed(outcomes, tx.appended, tx.credentials_changed)

    def _failed(self, ticket: object, error: Exception) -> Outcome:
        if not isinstance(error, self._refusals):
            log.error("a write failed", exc_info=error)
        return Outcome(ticket, error=error)

    def _bring_index_up_to_date(self) -> None:
        self._since_index = 0
        for log_id in list(self.unindexed):
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                self._index(self._begin(self._connection), log_id)
                self._connection.execute("COMMIT")
            except Exception:
                log.exception("the search index of log %d could not be brought up to date", log_id)
                self._roll_back()
            self.unindexed.discard(log_id)

    def _close_checkpoint(self) -> None:
        """Move the few pages that came after a checkpoint on another thread, so that the write-ahead log starts anew.

        Only the writer can: while it goes on writing, another's checkpoint never reaches the end.
        """
        self._checkpointed.clear()
        try:
            sqlite.checkpoint(self._connection)
        except sqlite3.Error:
            log.warning("a checkpoint failed", exc_info=True)

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except sqlite3.Error:
            log.exception("a rollback failed")


def _concerns_all(error: Exception) -> bool:
    """Whether the database itself failed, being full, locked or damaged, and not what one write wanted of it.

    A damaged database is told by `DatabaseError` itself, of which what a write did wrong are subclasses.
    """
    return isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError
