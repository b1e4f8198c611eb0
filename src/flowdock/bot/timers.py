"""What a bot does every so often. Turns are counted on the clock, so that a restart neither repeats nor moves them."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from flowdock.bot.handlers import Handler

logger = logging.getLogger("flowdock.bot")

Run = Callable[[Handler, int], Awaitable[None]]
"""Runs a handler for its turn of this number."""


@dataclass(slots=True)
class Timer:
    """A handler and how often it has its turn."""

    handler: Handler
    seconds: float
    last: int = -1
    """The number of the turn it had last."""

    def turn(self, now: float) -> int:
        """The number of the turn at a moment."""
        return int(now // self.seconds)


@dataclass(slots=True)
class Timers:
    """All of a bot's timers; none overlaps itself."""

    run: Run
    clock: Callable[[], float] = time.time
    every: list[Timer] = field(default_factory=list)
    _ahead: float = 0.0
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def now(self) -> float:
        """The moment it is, in seconds since 1970."""
        return self.clock() + self._ahead

    def start(self) -> None:
        """Begin; the turns under way are left out."""
        for timer in self.every:
            timer.last = max(timer.last, timer.turn(self.now))
            self._tasks.append(asyncio.create_task(self._keep(timer)))

    async def stop(self) -> None:
        """End at once."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()

    async def advance(self, seconds: float) -> None:
        """Be so much later, and have all turns that came up meanwhile been had, in their order: for tests."""
        end = self.now + seconds
        while timers := [timer for timer in self.every if (timer.last + 1) * timer.seconds <= end]:
            timer = min(timers, key=lambda one: (one.last + 1) * one.seconds)
            self._ahead = max(self._ahead, (timer.last + 1) * timer.seconds - self.clock())
            await self._have_turn(timer)
        self._ahead = max(self._ahead, end - self.clock())

    async def _keep(self, timer: Timer) -> None:
        while True:
            await asyncio.sleep(max(0.0, (timer.last + 1) * timer.seconds - self.now))
            if timer.turn(self.now) > timer.last:
                await self._have_turn(timer)

    async def _have_turn(self, timer: Timer) -> None:
        # What a long turn ran over is left out rather than made up for.
        timer.last = timer.turn(self.now)
        await self.run(timer.handler, timer.last)
