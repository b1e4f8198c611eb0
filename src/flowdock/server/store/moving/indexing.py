"""The search index of the target, made anew of the messages: what it is made of differs between databases."""

from collections.abc import Callable
from typing import TypeAlias

from flowdock.server.store import logs
from flowdock.server.store.moving.end import End
from flowdock.server.store.moving.steps import Step, Told
from flowdock.server.store.transaction import Transaction

Index: TypeAlias = Callable[[Transaction, int], bool]
"""The write that brings the index of a log a step on, and tells whether there is more to do."""


def index_anew(target: End, index: Index, *, told: Told) -> None:
    """Bring the index of every log up to date; each log remembers how far it is."""
    with target.reading() as tx:
        behind = logs.behind(tx)
        [[total]] = tx.rows("SELECT CAST(COALESCE(SUM(last_number - indexed_number), 0) AS BIGINT) FROM logs")
    done = 0
    for log_id in behind:
        is_behind = True
        while is_behind:
            with target.writing() as tx:
                before = logs.head(tx, log_id).indexed_number
                is_behind = index(tx, log_id)
                done += logs.head(tx, log_id).indexed_number - before
            told(Step("indexing", "messages", done, total))
