"""Who is there: streams with `active` say so, and streams with `presence=1` are told.

Beside each flow there is a log of whispers about its people, in which nothing is ever stored. A whisper names the
process that it comes from: somebody with streams on several of them is there until the last one ends. Who is not
whispered of for a while is taken to be gone, as a process that was killed says nothing.

Source: wire facts 3.4 (presence, activity.user), 5.1.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from secrets import token_hex

import msgspec

from flowdock.protocol import stream
from flowdock.server.actions import streaming
from flowdock.server.actions.streaming import Subscription
from flowdock.server.domain import cursors
from flowdock.server.domain.moments import iso
from flowdock.server.http import framings
from flowdock.server.http.answering import Service
from flowdock.server.http.following import Following
from flowdock.server.hub.feed import Batch, Feed, Reader
from flowdock.server.hub.hub import Hub
from flowdock.server.store.transaction import Appended

log = logging.getLogger("flowdock.http")

ACTIVE, IDLE, OFFLINE = 2_000_000, 1_000_000, 0
MISSED = 2.5
"""So many times the usual pause may pass until somebody of whom nothing is heard is taken to be gone."""
SEEN_SECONDS = 30
"""How exactly it is remembered when somebody was last seen."""
ELSEWHERE = ""
"""Where somebody is of whom only the database knows that they were seen a moment ago."""

_encode = msgspec.json.Encoder().encode


class Word(msgspec.Struct, frozen=True):
    """A whisper: in which state somebody is in one process."""

    user_id: int
    state: int
    process: str


_decode = msgspec.json.Decoder(Word).decode


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody whose stream says that they are there."""

    subscription: Subscription
    idle: bool


@dataclass(slots=True)
class Watcher:
    """A stream that is told who is there; `told` is what it knows, `logs` are the flows its reader is in."""

    reader: Reader
    following: Following
    write: Callable[[bytes], None]
    logs: frozenset[int] = frozenset()
    told: dict[int, int] = field(default_factory=dict)


class _Board:
    """What was heard of whom. It reads the whispers about the people of all flows that somebody here watches."""

    user_id = token_id = 0

    def __init__(self, hear: Callable[[int, Word], None]) -> None:
        self._hear = hear
        self.feeds: tuple[Feed, ...] = ()

    def deliver(self, feed: Feed, batch: Batch) -> None:
        """Hear whispers about the people of a flow."""
        for frame in batch.frames:
            self._hear(-feed.log_id, _decode(frame.event))

    def fall_behind(self, feed: Feed, number: int) -> None:
        """Nothing is stored that could be missed."""

    def wants_more(self) -> bool:
        """Always."""
        return True

    def keep_alive(self) -> None:
        """Nobody waits here."""

    def finish(self) -> None:
        """Nobody waits here."""


class Company:
    """Knows who is there. `is_alone` when no other process may know more."""

    def __init__(self, service: Callable[[], Service], hub: Hub, *, seconds: float, is_alone: bool) -> None:
        self._service = service
        self._hub = hub
        self._seconds = seconds
        self._is_alone = is_alone
        self._process = token_hex(8)
        self._present: dict[Reader, Present] = {}
        self._watchers: dict[Reader, Watcher] = {}
        self._states: dict[int, dict[str, tuple[int, float]]] = {}
        """Of everybody who is there in which process, and until when that is believed."""
        self._board = _Board(self._hear)
        self._feeds: dict[int, Feed] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        hub.on_leave = self._leave

    def appear(self, reader: Reader, subscription: Subscription, *, idle: bool) -> None:
        """Somebody is there as long as their stream lasts."""
        self._present[reader] = Present(subscription, idle)
        self._start(self._show(self._present[reader]))

    def watch(self, reader: Reader, following: Following, write: Callable[[bytes], None]) -> None:
        """Tell a stream who is there now, and who comes and goes."""
        self._start(self._begin(Watcher(reader, following, write)))

    async def run(self) -> None:
        """Tell flows again and again who is there, and look who is not any more."""
        while True:
            await asyncio.sleep(self._seconds)
            for present in list(self._present.values()):
                self._start(self._show(present))
            for watcher in list(self._watchers.values()):
                self._start(self._look(watcher))

    def _leave(self, reader: Reader) -> None:
        watcher, present = self._watchers.pop(reader, None), self._present.pop(reader, None)
        if watcher is not None:
            self._unfollow()
        if present is not None:
            self._start(self._whisper(present.subscription.user_id))

    async def _show(self, present: Present) -> None:
        service, user_id, idle = self._service(), present.subscription.user_id, present.idle
        service.whisper(streaming.active(present.subscription, idle=idle, now=service.store.now()))
        await self._whisper(user_id)
        # Somebody with many streams, on whichever processes, is written down once.
        if await service.expiring.first(f"seen {user_id} {idle}", seconds=SEEN_SECONDS):
            await service.store.write(lambda tx: streaming.seen(tx, user_id=user_id, idle=idle))

    async def _whisper(self, user_id: int) -> None:
        """Let all flows that somebody is in hear how they are here."""
        service = self._service()
        here = [IDLE if one.idle else ACTIVE for one in self._present.values() if one.subscription.user_id == user_id]
        word = Word(user_id, max(here, default=OFFLINE), self._process)
        self._note(word)
        logs = await service.store.read(lambda tx: streaming.logs_of(tx, user_id=user_id))
        service.whisper([Appended(-log_id, 0, _encode(word)) for log_id in logs])

    def _note(self, word: Word) -> None:
        known = self._states.setdefault(word.user_id, {})
        known.pop(ELSEWHERE, None)
        known.pop(word.process, None)
        if word.state != OFFLINE:
            known[word.process] = (word.state, time.monotonic() + MISSED * self._seconds)
        elif not known:
            del self._states[word.user_id]

    def _hear(self, log_id: int, word: Word) -> None:
        self._note(word)
        state = self._state_of(word.user_id)
        for watcher in list(self._watchers.values()):
            if log_id in watcher.logs:
                self._tell(watcher, word.user_id, state)

    def _state_of(self, user_id: int) -> int:
        now = time.monotonic()
        return max((state for state, until in self._states.get(user_id, {}).values() if until > now), default=OFFLINE)

    async def _begin(self, watcher: Watcher) -> None:
        if watcher.reader in self._hub.readers:
            self._watchers[watcher.reader] = watcher
            await self._look(watcher)

    async def _look(self, watcher: Watcher) -> None:
        """Tell a watcher what it does not know yet of the people with whom its reader shares a flow now."""
        service = self._service()
        company = await service.store.read_aside(lambda tx: streaming.company(tx, user_id=watcher.reader.user_id))
        if watcher.reader not in self._watchers:
            return
        watcher.logs = frozenset(company.logs)
        self._follow(watcher.logs)
        self._unfollow()
        if not self._is_alone:
            self._believe(company.seen, service.store.now())
        watcher.told = {user_id: state for user_id, state in watcher.told.items() if user_id in company.seen}
        for user_id in company.seen:
            self._tell(watcher, user_id, self._state_of(user_id))

    def _believe(self, seen: Mapping[int, tuple[int, int]], now: int) -> None:
        """Of whom nothing was heard here yet, the database knows when they were seen."""
        for user_id, (ping, activity) in seen.items():
            left = MISSED * self._seconds - (now - ping) / 1000
            if user_id not in self._states and left > 0:
                state = ACTIVE if activity == ping else IDLE
                self._states[user_id] = {ELSEWHERE: (state, time.monotonic() + left)}

    def _tell(self, watcher: Watcher, user_id: int, state: int) -> None:
        # Whoever cannot take more now is told at the next look.
        if watcher.told.get(user_id) == state or not watcher.reader.wants_more():
            return
        watcher.told[user_id] = state
        content = {"user_id": user_id, "state": state, "updated_at": iso(self._service().store.now())}
        watcher.write(_framed(watcher, _encode({"event": "presence", "content": content, "user_id": user_id})))

    def _follow(self, logs: frozenset[int]) -> None:
        for log_id in logs - self._feeds.keys():
            self._feeds[log_id] = self._hub.follow(-log_id, 0)
            self._feeds[log_id].live.add(self._board)

    def _unfollow(self) -> None:
        wanted = {log_id for watcher in self._watchers.values() for log_id in watcher.logs}
        for log_id in self._feeds.keys() - wanted:
            feed = self._feeds.pop(log_id)
            feed.live.discard(self._board)
            self._hub.unfollow([feed])

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(_lasting(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _lasting(work: Coroutine[None, None, None]) -> None:
    try:
        await work
    except Exception as error:  # noqa: BLE001 - it is told again soon
        log.debug("who is there cannot be told now: %s", error)


def _framed(watcher: Watcher, event: bytes) -> bytes:
    following = watcher.following
    if following.style.server_sent:
        positions = {
            feed.log_id: feed.end if watcher.reader in feed.live else following.positions[feed.log_id]
            for feed in following.feeds
        }
        content = stream.encode_sse(event, cursors.of(positions, compound=following.compound))
    else:
        content = stream.encode_json(event)
    return framings.chunk(content) if following.style.chunked else content
