"""Two processes of a server, their streams and clients, on a loop that moves only when a test says so."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flowdock.server.domain import cursors
from flowdock.server.http import following as paging
from flowdock.server.http.following import Following, Style
from flowdock.server.http.presence import Company
from flowdock.server.http.readers import ConnectionReader, WaitingReader
from flowdock.server.http.stream import Streams
from flowdock.server.hub import feed
from flowdock.server.hub.hub import Hub
from tests.server.http.wires import Listener, Wire, event
from tests.server.hub.reader import News

LOGS = (1, 2)
SUBSCRIPTIONS = ((1,), (2,), (1, 2), (2, 1))
CAPACITIES = (0, 200, 1000, 10**6)


class Database:
    """The logs, which answer when they are told to."""

    def __init__(self) -> None:
        self.committed = dict.fromkeys(LOGS, 0)
        self.removed: set[tuple[int, int]] = set()
        self.asked: list[tuple[int, int, asyncio.Future[list[News]]]] = []

    async def read(self, log_id: int, number: int) -> list[News]:
        answer: asyncio.Future[list[News]] = asyncio.get_running_loop().create_future()
        self.asked.append((log_id, number, answer))
        return await answer

    def answer(self) -> None:
        """Answer the oldest question as it is now."""
        log_id, number, answer = self.asked.pop(0)
        page = range(number + 1, min(self.committed[log_id], number + paging.PAGE) + 1)
        if not answer.done():
            gone = self.removed
            answer.set_result([News(log_id, at, b"" if (log_id, at) in gone else event(log_id, at)) for at in page])


class Process(Streams):
    """All streams of one process, which hears what it committed itself, and how far the other let a log grow."""

    def begin(self, database: Database) -> None:
        self.database = database
        self.pending: list[list[News]] = []
        self.told: list[tuple[int, int]] = []

    async def _replay(self, log_id: int, number: int) -> list[News]:
        return await self.database.read(log_id, number)


@dataclass(eq=False)
class Visitor:
    """A client with everything that belongs to its connection."""

    log_ids: tuple[int, ...]
    listener: Listener
    process: Process
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
        self.database = Database()
        self.processes = [self._process() for _ in range(2)]
        self.visitors: list[Visitor] = []

    @property
    def hub(self) -> Hub:
        """That of the first process."""
        return self.processes[0].hub

    def _process(self) -> Process:
        hub = Hub(self.database.read)
        process = Process(lambda: None, hub, Company(lambda: None, hub, seconds=60, is_alone=True), limit=100)  # type: ignore[arg-type, return-value]
        process.begin(self.database)
        return process

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
        """A process stores a group, but nobody was told yet; none at all is a whisper."""
        log_id, process = LOGS[which % 2], self.processes[which // 2]
        group = [News(log_id, 0, event(log_id, 0))] if count in (0, 3) else []
        for _ in range(count):
            self.database.committed[log_id] += 1
            number = self.database.committed[log_id]
            group.append(News(log_id, number, event(log_id, number)))
        process.pending.append(group)
        self.processes[1 - which // 2].told.append((log_id, self.database.committed[log_id]))

    def announce(self, which: int, _: int = 0) -> None:
        """A process hears of what it stored."""
        process = self.processes[which // 2]
        if process.pending:
            group = process.pending.pop(0)
            self.run(lambda: process.hub.announce(group))

    def tell(self, which: int, _: int = 0) -> None:
        """A process hears how far the other let a log grow; or it does not, and hears of a later time."""
        process = self.processes[which // 2]
        if process.told:
            log_id, number = process.told.pop(0)
            if which % 2:
                self.run(lambda: process.hub.reached(log_id, number))

    def look(self, which: int, _: int = 0) -> None:
        """A process looks at the ends of the logs."""
        process = self.processes[which // 2]
        for log_id, number in self.database.committed.items():
            self.run(lambda log_id=log_id, number=number: process.hub.reached(log_id, number))  # type: ignore[misc]

    def commit_at_once(self, which: int, count: int) -> None:
        self.commit(which, count)
        while self.processes[which // 2].pending:
            self.announce(which)

    def remove(self, which: int, count: int) -> None:
        """What is removed leaves its number in the log, and nothing else."""
        log_id = LOGS[which % 2]
        last = self.database.committed[log_id]
        self.database.removed |= {(log_id, number) for number in range(max(1, last - count), last + 1)}

    def answer(self, *_: int) -> None:
        if self.database.asked:
            self.run(self.database.answer)

    def time_passes(self, *_: int) -> None:
        self.loop.run_until_complete(asyncio.sleep(0))

    def keep_alive(self, *_: int) -> None:
        for process in self.processes:
            for reader in list(process.hub.readers):
                self.run(reader.keep_alive)

    def finish(self, which: int, count: int) -> None:
        """The server ends a stream in good order."""
        for visitor in self.visitors[which : which + 1]:
            if count == 0 and (reader := visitor.reader) is not None:
                self.run(reader.finish)

    # ------------------------------------------------------------------------------------------------- the clients

    def come(self, which: int, count: int) -> None:
        """Somebody new opens a stream, or somebody known a new one from where they were, wherever that leads."""
        process = self.processes[count // 3]
        if which < len(self.visitors):
            visitor = self.visitors[which]
            self.leave(which)
            visitor.listener.reconnect()
            visitor.process = process
        else:
            visitor = Visitor(SUBSCRIPTIONS[count % 4], Listener(chunked=which % 2 == 0), process)
            self.visitors.append(visitor)
        opening = self.loop.create_task(self._open(visitor, CAPACITIES[count % 4]))
        while not opening.done():
            self.answer()
            self.time_passes()
        opening.result()

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
        resumed = cursors.resume(visitor.listener.cursor, visitor.log_ids) or {}
        hub, ends = visitor.process.hub, {log_id: self.database.committed[log_id] for log_id in visitor.log_ids}
        feeds = [hub.follow(log_id, end) for log_id, end in ends.items()]
        compound = len(ends) > 1
        positions = {log_id: min(resumed.get(log_id, end), end) for log_id, end in ends.items()}
        await hub.come_up_to(ends)
        visitor.began = visitor.began or dict(positions)
        visitor.listener.cursor = visitor.listener.cursor or cursors.of(positions, compound=compound)
        style = Style(server_sent=True, chunked=visitor.listener.chunked)
        following = Following(hub, feeds, positions, style, compound=compound)
        if visitor.listener.chunked:
            reader = ConnectionReader(1, following, gone=lambda _: None, read_on=visitor.process._read_on)
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

        await visitor.process._serve(reader, receive, send)

    # --------------------------------------------------------------------------------------------------- promises

    def check(self) -> None:
        for process in self.processes:
            for one in process.hub._feeds.values():
                assert one.live <= process.hub.readers
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
        for which in (0, 2):
            while self.processes[which // 2].pending:
                self.announce(which)
            self.look(which)
        calm = 0
        while calm < 8:
            before = len(self.database.asked), [len(visitor.listener.events) for visitor in self.visitors]
            self.answer()
            for which in range(len(self.visitors)):
                self.read(which)
            self.time_passes()
            now = len(self.database.asked), [len(visitor.listener.events) for visitor in self.visitors]
            calm = calm + 1 if now == before == (0, before[1]) else 0
        for visitor in self.visitors:
            for log_id in visitor.log_ids if visitor.is_served else ():
                expected = range(visitor.began[log_id] + 1, self.database.committed[log_id] + 1)
                assert self._kept(log_id, expected) <= set(visitor.heard(log_id))

    def end(self) -> None:
        """See that nothing is left of those who left."""
        for which in range(len(self.visitors)):
            self.leave(which)
        self.time_passes()
        for process in self.processes:
            assert process.hub.readers == set()
            assert process.hub._feeds == {}

    def _kept(self, log_id: int, numbers: range) -> set[int]:
        return {number for number in numbers if (log_id, number) not in self.database.removed}
