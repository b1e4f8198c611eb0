"""In which order a bot works: in one place one thing after the other, in different places side by side."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager


class Lanes:
    """Locks by name, which are there while somebody has or wants them, and a bound on how much is done at once."""

    def __init__(self, most: int) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._wanted: dict[str, int] = {}
        self._room = asyncio.Semaphore(most)

    @asynccontextmanager
    async def entered(self, names: Iterable[str]) -> AsyncGenerator["Turn"]:
        """Have one's turn in all of these lanes; who came first goes first."""
        turn = Turn(self, tuple(names))
        for name in turn.names:
            self._wanted[name] = self._wanted.get(name, 0) + 1
        try:
            await turn.take()
            yield turn
        finally:
            await turn.give()
            for name in turn.names:
                self._wanted[name] -= 1
                if not self._wanted[name]:
                    del self._wanted[name]
                    self._locks.pop(name, None)

    def lock(self, name: str) -> asyncio.Lock:
        """The lock of a lane."""
        return self._locks.setdefault(name, asyncio.Lock())

    @property
    def room(self) -> asyncio.Semaphore:
        """What bounds how much is done at once."""
        return self._room


class Turn:
    """The right to work in some lanes, which can be given away for a while."""

    def __init__(self, lanes: Lanes, names: tuple[str, ...]) -> None:
        self.names = names
        self._lanes = lanes
        self._held = AsyncExitStack()

    async def take(self) -> None:
        """Wait for it. The lanes are taken in one order by everybody, so that nobody waits in a circle."""
        async with AsyncExitStack() as held:
            for name in self.names:
                await held.enter_async_context(self._lanes.lock(name))
            await held.enter_async_context(self._lanes.room)
            self._held = held.pop_all()

    async def give(self) -> None:
        """Let others go on."""
        await self._held.aclose()
