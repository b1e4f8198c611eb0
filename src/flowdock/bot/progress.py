"""How far a bot has come: events finish in any order, the position moves only over those that all are."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

from flowdock.bot import matching
from flowdock.bot.matching import Event
from flowdock.bot.memory import Change, Memory

KEPT = 10_000
"""So many finished events can be asked for afterwards."""


def key_of(event: Event, cursor: str | None) -> str:
    """What an event is called, the same each time it comes."""
    if not isinstance(event.get("id"), int):
        return f"at {cursor}"
    place = event.get("flow") or "-".join(sorted((str(event.get("user")), str(event.get("to")))))
    return f"{place} {event['id']}"


def place_of(event: Event) -> str:
    """In which order it is handled: its thread, its private conversation, or else itself."""
    if matching.is_private(event):
        return "private " + "-".join(sorted((str(event.get("user")), str(event.get("to")))))
    return str(event.get("thread_id") or key_of(event, None))


@dataclass(slots=True)
class _Underway:
    key: str
    cursor: str | None
    handlers: tuple[str, ...]
    left: int


@dataclass(slots=True)
class Progress:
    """The events that were read and are not all dealt with."""

    memory: Memory
    done: set[tuple[str, str]] = field(default_factory=set)
    handled: int = 0
    _underway: OrderedDict[str, _Underway] = field(default_factory=OrderedDict)
    _finished: OrderedDict[str, None] = field(default_factory=OrderedDict)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def underway(self) -> int:
        """How many events are being dealt with, or wait behind one that is."""
        return len(self._underway)

    def begin(self, key: str, cursor: str | None, handlers: Iterable[str]) -> list[str]:
        """Take note of an event; the handlers that are not done with it yet."""
        every = tuple(handlers)
        left = [handler for handler in every if (key, handler) not in self.done]
        self._underway[key] = _Underway(key, cursor, every, len(left))
        return left

    async def finish(self, key: str, handler: str | None, changes: Iterable[Change] = ()) -> None:
        """Take note that a handler is done with an event, or that there is none for it."""
        event = self._underway[key]
        if handler is not None:
            self.memory.finish(key, handler, changes)
            self.done.add((key, handler))
            event.left -= 1
            self.handled += 1
        if event.left == 0:
            self._advance()
            self._finished[key] = None
            while len(self._finished) > KEPT:
                self._finished.popitem(last=False)
        async with self._changed:
            self._changed.notify_all()

    async def wait_until_finished(self, key: str) -> None:
        """Return when everything was done about an event."""
        async with self._changed:
            await self._changed.wait_for(lambda: key in self._finished)

    async def wait_until_below(self, count: int) -> None:
        """Return when fewer events than this are underway."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.underway < count)

    def _advance(self) -> None:
        passed: list[_Underway] = []
        while self._underway and next(iter(self._underway.values())).left == 0:
            passed.append(self._underway.popitem(last=False)[1])
        if passed:
            self.memory.advance(passed[-1].cursor, [event.key for event in passed if event.handlers])
            self.done.difference_update((event.key, handler) for event in passed for handler in event.handlers)
