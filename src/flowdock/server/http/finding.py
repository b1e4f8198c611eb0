"""Searching everything: the indexes of all that somebody may see are brought up to date first."""

import asyncio
from functools import partial
from typing import Any, Unpack

from flowdock.protocol.parameters import SearchParameters
from flowdock.server.actions import finding, indexing
from flowdock.server.actions.places import person
from flowdock.server.domain import queries
from flowdock.server.http.answering import Asked, Service
from flowdock.server.store import logs


async def search(service: Service, asked: Asked, **wanted: Unpack[SearchParameters]) -> dict[str, Any]:
    """A page of what was found; what was stored before this was asked is among it."""
    queries.parse(wanted.get("q", ""))
    caller = person(asked.actor).user_id
    # Once is enough: what others write after this need not be found.
    behind = await service.store.read(partial(logs.behind_for, user_id=caller))
    await asyncio.gather(*(service.store.write(partial(indexing.catch_up, log_id=log_id)) for log_id in behind))
    return await service.store.read_aside(lambda tx: finding.search(tx, asked.actor, **wanted))
