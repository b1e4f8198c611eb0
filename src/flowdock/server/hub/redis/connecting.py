"""Connections that are made again whenever they are lost."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Never

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from flowdock.server.hub.redis.servers import Server

FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0
"""So short that a server that was restarted is found at once; a process tries no oftener than this for hours."""

log = logging.getLogger("flowdock.hub")


class Patience:
    """Waits between attempts, which double, and half of each is chance: not everybody comes back at the same moment."""

    def __init__(self, first: float = 0.0) -> None:
        """`first` is how long to wait the first time, in seconds."""
        self._first = first
        self._next = first

    def reset(self) -> None:
        """Begin from the first wait."""
        self._next = self._first

    async def pause(self) -> None:
        """Wait, and longer the next time."""
        seconds = self._next * random.uniform(0.5, 1)  # noqa: S311 - not a secret
        self._next = min(max(2 * self._next, FIRST_WAIT_SECONDS), LONGEST_WAIT_SECONDS)
        await asyncio.sleep(seconds)


async def stay_connected(
    server: Server, talk: Callable[[AbstractConnection], Awaitable[Never]], lost: Callable[[], None]
) -> Never:
    """Connect, talk until the connection is lost or something is refused, and begin again, until cancelled.

    `lost` is called each time, also when there was no connection to be had.
    """
    now = asyncio.get_running_loop().time
    patience = Patience()
    is_new = True
    while True:
        began = now()
        try:
            async with server.connected() as connection:
                await talk(connection)
        except* (RedisError, OSError) as errors:
            if now() - began > LONGEST_WAIT_SECONDS:
                patience.reset()
                is_new = True
            if is_new:
                log.warning("the broker at %s is lost, and connected to again: %s", server.name, told(errors))
            is_new = False
            lost()
        _end_if_cancelled()
        await patience.pause()


def _end_if_cancelled() -> None:
    """Be cancelled after all: a group of tasks that fails in that very moment raises only its failure (Python 3.11)."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def told(error: BaseException) -> str:
    """What went wrong, in one line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error) or ("it does not answer" if isinstance(error, TimeoutError) else type(error).__name__)
