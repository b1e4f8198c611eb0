"""A server's streams and their clients on a loop that moves only when a test says so."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flowdock.server.domain import cursors
from flowdock.server.http import following as paging
from flowdock.server.http.following import Following, Style
from flowdock.server.http.readers import ConnectionReader, WaitingReader
from flowdock.server.http.stream import Streams
from flowdock.server.hub import feed
from flowdock.server.hub.hub import Hub
from tests.server.http.wires import Listener, Wire, event
from tests.server.hub.reader import News

LOGS = (1, 2)
SUBSCRIPTIONS = ((1,), (2,), (1, 2), (2, 1))
CAPACITIES = (0, 200, 1000, 10**6)

Question = tuple[int, int, "asyncio.Future[list[tuple[int, bytes]]]"]


class Rehearsal(Streams):
    """All streams of a server whose log answers when it is told to."""

    def begin(self) -> None:
        self.committed = dict.fromkeys(LOGS, 0)
        self.removed: set[tuple[int, int]] = set()
        self.asked: list[Question] = []

    async def _replay(self, log_id: int, number: int) -> list[tuple[int, bytes]]:
        answer: asyncio.Future[list[tuple[int, bytes]]] = asyncio.get_running_loop().create_future()
        self.asked.append((log_id, number, answer))
        return await answer

    def answer(self) -> None:
        """Let the log answer the oldest question as it is now."""
        log_id, number, answer = self.asked.pop(0)
        page = range(number + 1, min(self.committed[log_id], number + paging.PAGE) + 1)
        if not answer.done():
            answer.set_result([(at, b"" if (log_id, at) in self.removed else event(log_id, at)) for at in page])


@dataclass(eq=False)
class Visitor:
    """A client with everything that belongs to its connection."""

    log_ids: tuple[int, ...]
    listener: Listener
    began: dict[int, int] = field(default_factory=dict)
    wire: Wire | None = None
    waiting: WaitingReader | None = None
    serving: asyncio.Task[None] | None = None
    room: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def reader(self) -> ConnectionReader | WaitingReader | None:
        return self.wire.protocol if self.wire is not None else self.waiting

    @property
    def is_served(self) -> bool:
        """Whether the server still sends."""
        if self.waiting is not None:
            return not self.waiting.finished
        return self.wire is not None and not self.wire.is_closing()

    def heard(self, log_id: int) -> list[int]:
        return [one["number"] for one in self.listener.events if one["log"] == log_id and one["number"]]


class World:
    """A server's streams and some clients; each method named in `STEPS` is something that can happen next."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.hub = Hub()
        self.streams = Rehearsal(lambda: None, self.hub, limit=100)  # type: ignore[arg-type, return-value]
        self.streams.begin()
        self.pending: list[list[News]] = []
        self.visitors: list[Visitor] = []

    def close(self) -> None:
        for which in range(len(self.visitors)):
            self.leave(which)
        self.time_passes()
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()

    def run(self, what: Callable[[], object]) -> None:
        """Do something where the server does it: on the loop."""

        async def running() -> None:
            what()

        self.loop.run_until_complete(running())

    # ------------------------------------------------------------------------------------------------- the server

    def commit(self, which: int, count: int) -> None:
        """A group is stored, but nobody was told yet; none at all is a whisper."""
        log_id = LOGS[which % 2]
        group = [News(log_id, 0, event(log_id, 0))] if count in (0, 3) else []
        for _ in range(count):
            self.streams.committed[log_id] += 1
            number = self.streams.committed[log_id]
            group.append(News(log_id, number, event(log_id, number)))
        self.pending.append(group)

    def announce(self, *_: int) -> None:
        if self.pending:
            group = self.pending.pop(0)
            self.run(lambda: self.hub.announce(group))

    def commit_at_once(self, which: int, count: int) -> None:
        self.commit(which, count)
        while self.pending:
            self.announce()

    def remove(self, which: int, count: int) -> None:
        """What is removed leaves its number in the log, and nothing else."""
        log_id = LOGS[which % 2]
        last = self.streams.committed[log_id]
        self.streams.removed |= {(log_id, number) for number in range(max(1, last - count), last + 1)}

    def answer(self, *_: int) -> None:
        if self.streams.asked:
            self.run(self.streams.answer)

    def time_passes(self, *_: int) -> None:
        self.loop.run_until_complete(asyncio.sleep(0))

    def keep_alive(self, *_: int) -> None:
        for reader in list(self.hub.readers):
            self.run(reader.keep_alive)

    def finish(self, which: int, count: int) -> None:
        """The server ends a stream in good order."""
        for visitor in self.visitors[which : which + 1]:
            if count == 0 and (reader := visitor.reader) is not None:
                self.run(reader.finish)

    # ------------------------------------------------------------------------------------------------- the clients

    def come(self, which: int, count: int) -> None:
        """Somebody new opens a stream, or somebody known a new one from where they were."""
        if which < len(self.visitors):
            visitor = self.visitors[which]
            self.leave(which)
            visitor.listener.reconnect()
        else:
            visitor = Visitor(SUBSCRIPTIONS[count % 4], Listener(chunked=which % 2 == 0))
            self.visitors.append(visitor)
        self.loop.run_until_complete(self._open(visitor, CAPACITIES[count % 4]))

    def read(self, which: int, _: int = 0) -> None:
        for visitor in self.visitors[which : which + 1]:
            if visitor.wire is not None:
                self.run(visitor.wire.drain)
            self.run(visitor.room.set)

    def leave(self, which: int, _: int = 0) -> None:
        """The connection is cut, with what was on its way."""
        for visitor in self.visitors[which : which + 1]:
            if visitor.wire is not None:
                self.run(visitor.wire.cut)
            if visitor.serving is not None:
                self.run(visitor.gone.set)
                while not visitor.serving.done():
                    self.answer()
                    self.run(visitor.room.set)
                visitor.serving.result()
            visitor.wire = visitor.waiting = visitor.serving = None

    async def _open(self, visitor: Visitor, capacity: int) -> None:
        """What `Streams` does for a request, from the question about the logs to the reader."""
        resumed = cursors.resume(visitor.listener.cursor, visitor.log_ids)
        feeds = [self.hub.follow(log_id, self.streams.committed[log_id]) for log_id in visitor.log_ids]
        positions = {one.log_id: min(resumed.get(one.log_id, one.end), one.end) for one in feeds}
        visitor.began = visitor.began or dict(positions)
        visitor.listener.cursor = visitor.listener.cursor or cursors.of(positions)
        style = Style(server_sent=True, chunked=visitor.listener.chunked)
        following = Following(self.hub, feeds, positions, style)
        if visitor.listener.chunked:
            reader = ConnectionReader(1, following, gone=lambda _: None, read_on=self.streams._read_on)
            visitor.wire = Wire(reader, capacity=capacity, take=visitor.listener.take)
            reader.begin(visitor.wire)
        else:
            visitor.waiting = WaitingReader(1, following)
            visitor.room, visitor.gone = asyncio.Event(), asyncio.Event()
            visitor.serving = asyncio.get_running_loop().create_task(self._serve(visitor, visitor.waiting))

    async def _serve(self, visitor: Visitor, reader: WaitingReader) -> None:
        async def receive() -> dict[str, Any]:
            await visitor.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            await visitor.room.wait()
            visitor.room.clear()
            if not visitor.gone.is_set():
                visitor.listener.take(message["body"])

        await self.streams._serve(reader, receive, send)

    # --------------------------------------------------------------------------------------------------- promises

    def check(self) -> None:
        for one in self.hub._feeds.values():
            assert one.live <= self.hub.readers
            assert all(reader.wants_more() for reader in one.live)
        for visitor in self.visitors:
            assert visitor.wire is None or visitor.wire.waiting_bytes <= visitor.wire.capacity + feed.TAIL_LENGTH * 100
            for log_id in visitor.log_ids:
                numbers = visitor.heard(log_id)
                expected = range(visitor.began[log_id] + 1, numbers[-1] + 1 if numbers else 0)
                assert numbers == sorted(set(numbers))
                assert self._kept(log_id, expected) <= set(numbers) <= set(expected)

    def settle(self) -> None:
        """Let everything happen that is still to come, and see that everybody has everything."""
        while self.pending:
            self.announce()
        calm = 0
        while calm < 8:
            before = len(self.streams.asked), [len(visitor.listener.events) for visitor in self.visitors]
            self.answer()
            for which in range(len(self.visitors)):
                self.read(which)
            self.time_passes()
            now = len(self.streams.asked), [len(visitor.listener.events) for visitor in self.visitors]
            calm = calm + 1 if now == before == (0, before[1]) else 0
        for visitor in self.visitors:
            for log_id in visitor.log_ids if visitor.is_served else ():
                expected = range(visitor.began[log_id] + 1, self.streams.committed[log_id] + 1)
                assert self._kept(log_id, expected) <= set(visitor.heard(log_id))

    def end(self) -> None:
        """See that nothing is left of those who left."""
        for which in range(len(self.visitors)):
            self.leave(which)
        self.time_passes()
        assert self.hub.readers == set()
        assert self.hub._feeds == {}

    def _kept(self, log_id: int, numbers: range) -> set[int]:
        return {number for number in numbers if (log_id, number) not in self.streams.removed}
