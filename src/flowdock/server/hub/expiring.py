"""Counters and marks that expire: how often somebody tried, who was here a moment ago.

Nothing here is worth keeping. Where several processes share a Redis they count together (`hub/redis/expiring.py`).
"""

import time
from collections.abc import Callable
from itertools import islice
from typing import NamedTuple, Protocol

MOST = 100_000
"""How many counters are kept in memory: some 20 MiB."""


class Expiring(Protocol):
    """Counters by name; a mark is a counter that stands at one. Names may be of any length and hold personal data."""

    async def increase(self, name: str, *, seconds: int) -> int:
        """How often that was, this time included, within `seconds` from the first; then it begins anew."""

    async def count(self, name: str) -> int:
        """Where a counter stands, which is 0 for one that has expired."""

    async def first(self, name: str, *, seconds: int) -> bool:
        """Whether nobody did this before, within `seconds` from whoever did; then it begins anew."""

    async def close(self) -> None:
        """Give back what it holds."""


class _Counter(NamedTuple):
    ends: float
    times: int


class ExpiringInMemory:
    """Counters of one process. The oldest are forgotten when there are more than `most`."""

    def __init__(self, *, most: int = MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._counters: dict[str, _Counter] = {}

    async def increase(self, name: str, *, seconds: int) -> int:
        """How often that was within `seconds` from the first."""
        counter = self._find(name)
        if counter is None:
            self._begin(name, seconds)
            return 1
        self._counters[name] = counter._replace(times=counter.times + 1)
        return counter.times + 1

    async def count(self, name: str) -> int:
        """Where a counter stands."""
        counter = self._find(name)
        return 0 if counter is None else counter.times

    async def first(self, name: str, *, seconds: int) -> bool:
        """Whether nobody did this before."""
        if self._find(name) is not None:
            return False
        self._begin(name, seconds)
        return True

    async def close(self) -> None:
        """Forget everything."""
        self._counters.clear()

    def _find(self, name: str) -> _Counter | None:
        counter = self._counters.get(name)
        return counter if counter is not None and counter.ends > self._clock() else None

    def _begin(self, name: str, seconds: int) -> None:
        self._counters.pop(name, None)
        if len(self._counters) >= self._most:
            self._make_room()
        self._counters[name] = _Counter(self._clock() + seconds, 1)

    def _make_room(self) -> None:
        """Forget what has expired, or else a tenth: so seldom that it costs next to nothing."""
        now = self._clock()
        self._counters = {name: counter for name, counter in self._counters.items() if counter.ends > now}
        if len(self._counters) >= self._most:
            for name in list(islice(self._counters, self._most // 10 + 1)):
                del self._counters[name]
