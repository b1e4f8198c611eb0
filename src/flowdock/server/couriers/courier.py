"""Carrying what is due: each thing until it has arrived or is given up.

What is to be carried lies in the database beside the moment when it is due, so nothing is lost with a process. Whoever
takes it puts that moment off by a lease, in one transaction: of several processes one has it, and when that one dies
it comes up again. So all is carried at least once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from flowdock.server.store.store import Store
from flowdock.server.store.transaction import Transaction

Load = TypeVar("Load")

LOOK_SECONDS = 1.0
"""How often it is looked whether something is due: what other processes left, or what is tried again."""
PAUSE_SECONDS = 0.1
"""What comes within it is taken at once."""
LEASE = 120_000
"""For so many milliseconds what was taken belongs to whoever took it; carrying must not take longer."""

log = logging.getLogger("flowdock.couriers")


class Courier(Generic[Load]):
    """Takes what is due and carries it, `at_once` loads at most.

    `is_due` reads whether there is anything to take, which must be quick. `take` is a write that puts off by `LEASE`
    what it gives back, so many loads at most. `carry` takes a load where it belongs and writes down what came of it; it
    decides itself when to try again.
    """

    def __init__(
        self,
        store: Store,
        *,
        is_due: Callable[[Transaction], bool],
        take: Callable[[Transaction, int], Sequence[Load]],
        carry: Callable[[Load], Awaitable[None]],
        at_once: int,
    ) -> None:
        self._store = store
        self._is_due = is_due
        self._take = take
        self._carry = carry
        self._hands = at_once
        self._something = asyncio.Event()
        self._something.set()

    def wake(self) -> None:
        """Look soon: something may be due."""
        self._something.set()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as under_way:
            while True:
                await self._rest()
                for load in await self._taken():
                    self._hands -= 1
                    under_way.create_task(self._carried(load))

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._something.wait()
        except TimeoutError:
            return
        await asyncio.sleep(PAUSE_SECONDS)
        self._something.clear()

    async def _taken(self) -> Sequence[Load]:
        hands = self._hands
        try:
            if not hands or not await self._store.read(self._is_due):
                return ()
            loads = await self._store.write(lambda tx: self._take(tx, hands), about=self)
            self.wake()  # there may be more
            return loads
        except Exception as error:  # noqa: BLE001 - a database that is away is asked again
            log.warning("what is due cannot be looked at now: %s", error)
            return ()

    async def _carried(self, load: Load) -> None:
        try:
            await self._carry(load)
        except Exception:
            # It stays put off until its lease ends, and comes up again then.
            log.exception("%r could not be carried", load)
        finally:
            self._hands += 1
            self.wake()
