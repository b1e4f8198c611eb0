"""What the connections of a proxy share: what is to go wrong, and what has happened."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable

from flowdock.testing.proxy.faults import Fault
from flowdock.testing.proxy.plan import Plan


class Traffic:
    """Requests and their answers, of all connections; lives on the loop of the proxy."""

    def __init__(self, plan: Plan | None, *, refuse_for: Callable[[float], None]) -> None:
        self.plan = plan
        self.next: deque[Fault | None] = deque()
        self.faults: Counter[str] = Counter()
        self.requests = 0
        self.flowing = asyncio.Event()
        self.flowing.set()
        self._refuse_for = refuse_for
        self._answers = 0
        self._waiting: dict[asyncio.Future[None], int] = {}

    def begun(self) -> Fault | None:
        """What goes wrong with a request that begins now."""
        self.requests += 1
        try:
            return self.next.popleft()
        except IndexError:
            return None if self.plan is None else self.plan.draw()

    def answered(self) -> None:
        """Take note that an answer begins."""
        self._answers += 1
        for waiting, until in tuple(self._waiting.items()):
            if self._answers >= until and not waiting.done():
                waiting.set_result(None)

    def struck(self, fault: Fault) -> None:
        """Take note that a fault happened."""
        self.faults[fault.kind] += 1
        if fault.kind == "refuse":
            self._refuse_for(fault.seconds or 0.0)

    async def others(self, number: int) -> None:
        """Wait until so many more answers have begun."""
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[waiting] = self._answers + number
        try:
            await waiting
        finally:
            del self._waiting[waiting]
