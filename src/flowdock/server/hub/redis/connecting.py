"""Connections that are made again whenever they are lost."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Never

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from flowdock.server.hub.redis.servers import Server

FIRST_WAIT_SECONDS = 0.05
LONGEST_WAIT_SECONDS = 1.0
"""So short that a server that was restarted is found at once; a process tries no oftener than this for hours."""


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
    server: Server,
    talk: Callable[[AbstractConnection], Awaitable[Never]],
    lost: Callable[[Exception], None],
) -> Never:
    """Connect, talk until the connection is lost or something refused, and begin again, until cancelled.

    `lost` is called each time, also when there was no connection to be had.
    """
    now = asyncio.get_running_loop().time
    patience = Patience()
    while True:
        began = now()
        connection = server.connection()
        try:
            await connection.connect()
            await talk(connection)
        except* (RedisError, OSError) as errors:
            lost(_first_of(errors))
        finally:
            await connection.disconnect(nowait=True)
        if now() - began > LONGEST_WAIT_SECONDS:
            patience.reset()
        await patience.pause()


def _first_of(errors: BaseExceptionGroup[Exception]) -> Exception:
    first = errors.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
