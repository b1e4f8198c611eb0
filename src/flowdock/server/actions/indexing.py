"""Letting search follow the log."""

from collections.abc import Mapping
from typing import Any

from flowdock.server.domain.messages import text_of
from flowdock.server.domain.words import words_of
from flowdock.server.store import logs, search
from flowdock.server.store.events import Stored
from flowdock.server.store.keys import number_of
from flowdock.server.store.transaction import Transaction

BATCH = 500


def catch_up(tx: Transaction, log_id: int) -> None:
    """Index every message of a log that is not yet indexed."""
    logs.lock(tx, log_id)
    while advance(tx, log_id):
        pass


def advance(tx: Transaction, log_id: int) -> bool:
    """Index a batch of messages of a log, which nobody else writes to meanwhile; whether there are more."""
    head = logs.head(tx, log_id)
    if head.indexed_number >= head.last_number:
        return False
    fresh, covered = search.unindexed(tx, log_id, head, limit=BATCH)
    if fresh:
        search.add(tx, [_entry(key, message) for key, message in fresh])
    logs.set_indexed(tx, log_id, covered)
    return covered < head.last_number


def follow(tx: Transaction, log_id: int, stored: Stored, becomes: Mapping[str, Any] | None) -> None:
    """Let the index follow an edit, before the message is rewritten; None when it goes.

    A message that is not yet indexed needs nothing.
    """
    if number_of(stored.key) > logs.head(tx, log_id).indexed_number:
        return
    search.discard(tx, _entry(stored.key, stored.message))
    if becomes is not None:
        search.add(tx, [_entry(stored.key, becomes)])


def _entry(key: int, message: Mapping[str, Any]) -> search.Entry:
    return search.Entry(key, words_of(text_of(message)), message["tags"])
