"""The store as the rest of the server sees it: run a write, run a read, hear what was committed."""

import asyncio
import logging
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flowdock.server.records import Site
from flowdock.server.store.groups import Committed
from flowdock.server.store.transaction import Transaction

Result = TypeVar("Result")

log = logging.getLogger("flowdock.store")


def now() -> int:
    """The present moment in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What nobody decides: the moment, in milliseconds since 1970, and random bytes."""

    clock: Callable[[], int] = now
    entropy: Callable[[int], bytes] = os.urandom


REAL = Chance()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a store is given by those around it.

    `announce` hears of each commit, on the event loop. `index` is the write that brings one log's search index
    a step on, and tells whether there is more to do. `refusals` are what actions raise when they want nothing stored.
    """

    site: Site
    announce: Callable[[Committed], None]
    index: Callable[[Transaction, int], bool]
    refusals: tuple[type[Exception], ...]
    chance: Chance = REAL


class Store(ABC):
    """A database. Made on a running event loop; `close` it."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._shelf: dict[int, tuple[int, object]] = {}
        self._loop = asyncio.get_running_loop()
        self._last_moment = 0

    @property
    def site(self) -> Site:
        """What transactions know of the site."""
        return self._around.site

    def now(self) -> int:
        """The present moment in milliseconds since 1970."""
        return self._around.chance.clock()

    async def write(self, action: Callable[[Transaction], Result], *, about: Hashable = None) -> Result:
        """The result of a write, once it is durable.

        Writes `about` the same thing, a flow say, run in the order in which they came, and may be committed together.

        Raises what the action raised; Unavailable when the database cannot store anything now.
        """
        done: asyncio.Future[Result] = self._loop.create_future()
        self._submit(action, done, about)
        return await done

    @abstractmethod
    async def read(self, action: Callable[[Transaction], Result]) -> Result:
        """The result of a short read, which sees one moment of the database throughout.

        Raises what the action raised; Unavailable when the database does not answer.
        """

    @abstractmethod
    async def read_aside(self, action: Callable[[Transaction], Result]) -> Result:
        """The result of a long read, which keeps nobody waiting; it too sees one moment throughout."""

    @abstractmethod
    def close(self) -> None:
        """Finish what waits and close the database."""

    @abstractmethod
    def _submit(self, action: Callable[[Transaction], Any], done: "asyncio.Future[Any]", about: Hashable) -> None:
        """Queue a write."""

    def _given(self) -> dict[str, Any]:
        """What every transaction is made with."""
        chance = self._around.chance
        return {"now": chance.clock(), "site": self.site, "shelf": self._shelf, "entropy": chance.entropy}

    def _given_to_writes(self) -> dict[str, Any]:
        given = self._given()
        # A clock that is set back must not make `sent` fall while ids rise.
        self._last_moment = given["now"] = max(given["now"], self._last_moment)
        return given

    def _deliver(self, group: Committed) -> None:
        try:
            self._loop.call_soon_threadsafe(self._settle, group)
        except RuntimeError:  # the loop is gone, and with it everybody who could hear
            log.warning("%d writes were stored after the server stopped listening", len(group.outcomes))

    def _settle(self, group: Committed) -> None:
        if group.appended or group.credentials_changed or group.in_doubt:
            try:
                self._around.announce(group)
            except Exception:
                # What is stored has to be answered, whoever could not hear of it.
                log.exception("a group of %d writes could not be announced", len(group.outcomes))
        for outcome in group.outcomes:
            done = cast("asyncio.Future[object]", outcome.ticket)
            if done.done():  # whoever asked has gone away
                continue
            if outcome.error is None:
                done.set_result(outcome.result)
            else:
                done.set_exception(outcome.error)
