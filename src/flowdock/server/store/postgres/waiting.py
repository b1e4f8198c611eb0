"""Writes that wait for a thread, in lanes: a lane holds those about one thing, in the order in which they came.

A group takes what waits in one lane. When more lanes wait than there are threads, it takes those of several, because a
transaction costs more than what it does; but only lanes whose log is known from what they wrote before, and in the
order of these logs. So two processes never wait for each other's locks in a circle.
"""

import threading
from collections import OrderedDict, deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass

from flowdock.server.store.groups import GROUP_LIMIT, Write

REMEMBERED = 10_000
"""So many lanes are known by their logs; the one that was not used for longest is forgotten."""


@dataclass(frozen=True, slots=True)
class Group:
    """What is committed together, and the lanes it came from."""

    lanes: tuple[Hashable, ...]
    writes: list[tuple[Write, object]]


class Waiting:
    """All lanes of a process; for any thread."""

    def __init__(self, *, threads: int) -> None:
        self._threads = threads
        self._lock = threading.Condition()
        self._lanes: dict[Hashable, deque[tuple[Write, object]]] = {}
        """What waits in each; a lane is in here as long as a group of it waits or runs."""
        self._ready: deque[Hashable] = deque()
        """The lanes that wait for a thread, whoever waits longest first."""
        self._logs: OrderedDict[Hashable, int] = OrderedDict()

    def wait_for_end(self) -> None:
        """Return once nothing waits or runs any more."""
        with self._lock:
            self._lock.wait_for(lambda: not self._lanes)

    def put(self, lane: Hashable, write: Write, ticket: object) -> bool:
        """Let a write wait; whether its lane is a new one, for which a thread has to be called."""
        with self._lock:
            waiting = self._lanes.get(lane)
            if waiting is not None:
                waiting.append((write, ticket))
                return False
            self._lanes[lane] = deque([(write, ticket)])
            self._ready.append(lane)
            return True

    def take(self) -> Group | None:
        """The next group; None when other threads have taken everything."""
        with self._lock:
            if not self._ready:
                return None
            lanes = self._choose()
            writes: list[tuple[Write, object]] = []
            for lane in lanes:
                waiting = self._lanes[lane]
                writes += [waiting.popleft() for _ in range(min(len(waiting), GROUP_LIMIT - len(writes)))]
            return Group(lanes, writes)

    def give_back(self, group: Group) -> int:
        """A group is done; for how many of its lanes a thread has to be called again.

        They wait behind the others: a flow in which much is said must not keep a thread for itself.
        """
        calls = 0
        with self._lock:
            for lane in group.lanes:
                if self._lanes[lane]:
                    self._ready.append(lane)
                    calls += 1
                else:
                    del self._lanes[lane]
            self._lock.notify_all()
        return calls

    def learn(self, lane: Hashable, log_ids: Iterable[int]) -> None:
        """Remember to which log a lane writes, if that is one alone."""
        found = set(log_ids)
        if len(found) != 1:
            return
        with self._lock:
            self._logs[lane] = found.pop()
            self._logs.move_to_end(lane)
            if len(self._logs) > REMEMBERED:
                self._logs.popitem(last=False)

    def _choose(self) -> tuple[Hashable, ...]:
        first = self._ready.popleft()
        share = -(-(len(self._ready) + 1) // self._threads)
        if share == 1 or first not in self._logs:
            return (first,)
        chosen, left = [first], deque[Hashable]()
        room = GROUP_LIMIT - len(self._lanes[first])
        while self._ready and len(chosen) < share:
            lane = self._ready.popleft()
            if lane in self._logs and len(self._lanes[lane]) <= room:
                chosen.append(lane)
                room -= len(self._lanes[lane])
            else:
                left.append(lane)
        self._ready.extendleft(reversed(left))
        return tuple(sorted(chosen, key=lambda lane: self._logs[lane]))
