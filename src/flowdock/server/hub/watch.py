"""Looking at how far the followed logs have grown, for what nobody told us.

When a log has its first reader here, when a broker was out of reach or there is none, and now and then in any case: a
message between processes may always be lost, and the log cannot.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from flowdock.server.hub.hub import Hub

PAGE = 500
"""So many logs are looked at in one query."""

log = logging.getLogger("flowdock.hub")

Heads = Callable[[Sequence[int]], Awaitable[Sequence[tuple[int, int]]]]
"""How far each of some logs has grown, as (log, number)."""


class Watch:
    """Looks at logs at once when told to, and at all of them every `seconds`.

    While `is_alone` says that nobody tells what other processes write, it is every `alone_seconds`.
    """

    def __init__(
        self, hub: Hub, heads: Heads, *, is_alone: Callable[[], bool], seconds: float, alone_seconds: float
    ) -> None:
        self._hub = hub
        self._is_alone = is_alone
        self._heads = heads
        self._seconds = seconds
        self._alone_seconds = alone_seconds
        self._wanted: set[int] = set()
        self._something = asyncio.Event()

    def look(self, log_ids: Iterable[int]) -> None:
        """Look at these logs soon."""
        self._wanted.update(log_ids)
        self._something.set()

    def look_at_all(self) -> None:
        """Look at every log that has readers here soon."""
        self.look(self._hub.followed)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = self._alone_seconds if self._is_alone() else self._seconds
            try:
                async with asyncio.timeout(pause):
                    await self._something.wait()
            except TimeoutError:
                self._wanted.update(self._hub.followed)
            self._something.clear()
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - a database that is away is asked again
                log.warning("the logs cannot be looked at now: %s", error)
                await asyncio.sleep(min(1, pause))
                self._something.set()

    async def _look(self) -> None:
        while self._wanted:
            page = [self._wanted.pop() for _ in range(min(PAGE, len(self._wanted)))]
            try:
                heads = await self._heads(page)
            except BaseException:
                self._wanted.update(page)
                raise
            for log_id, number in heads:
                self._hub.reached(log_id, number)
