"""Long reads, searches among them, which find everything that was stored before they were asked for."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flowdock.server.actions import indexing
from flowdock.server.actions.answers import IndexLagsBehind
from flowdock.server.store.store import Store
from flowdock.server.store.transaction import Transaction

TRIES = 3


async def searched(store: Store, action: Callable[[Transaction], Any]) -> Any:
    """The result of a long read, with the search index brought up to date first where that lags behind."""
    behind = 0
    for _ in range(TRIES):
        try:
            return await store.read_aside(action)
        except IndexLagsBehind as lag:
            behind = lag.log_id
        await store.write(partial(indexing.catch_up, log_id=behind))

    def search_alone(tx: Transaction) -> Any:
        indexing.catch_up(tx, behind)
        return action(tx)

    # Others write faster than the index follows: for once they wait.
    return await store.write(search_alone)
