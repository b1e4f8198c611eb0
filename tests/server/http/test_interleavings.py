"""Every order in which commits, announcements, replays, slow clients and lost connections can come about."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from flowdock.server.domain import cursors
from flowdock.server.http import stream
from flowdock.server.http.following import Following, Style
from flowdock.server.http.readers import ConnectionReader, WaitingReader
from flowdock.server.http.stream import Streams
from flowdock.server.hub import feed
from flowdock.server.hub.hub import Hub
from tests.server.http.wires import Listener, Wire, event
from tests.server.hub.test_hub import News

LOGS = (1, 2)


class Rehearsal(Streams):
    """All streams of a server whose log answers when it is told to."""

    def begin(self) -> None:
        self.committed = dict.fromkeys(LOGS, 0)
        self.asked: list[tuple[int, int, asyncio.Future[list[tuple[int, bytes]]]]] = []

    async def _replay(self, log_id: int, number: int) -> list[tuple[int, bytes]]:
        answer: asyncio.Future[list[tuple[int, bytes]]] = asyncio.get_running_loop().create_future()
        self.asked.append((log_id, number, answer))
        return await answer

    def answer(self) -> None:
        """Let the log answer the oldest question as it is now."""
        log_id, number, answer = self.asked.pop(0)
        page = range(number + 1, min(self.committed[log_id], number + stream.PAGE) + 1)
        if not answer.done():
            answer.set_result([(at, event(log_id, at)) for at in page])


@dataclass
class Visitor:
    """A client with everything that belongs to its connection."""

    log_ids: tuple[int, ...]
    listener: Listener
    began: dict[int, int] = field(default_factory=dict)
    wire: Wire | None = None
    serving: asyncio.Task[None] | None = None
    waiting: WaitingReader | None = None
    room: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def connected(self) -> bool:
        return self.wire is not None or self.serving is not None


class Interleavings(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.hub = Hub()
        self.streams = Rehearsal(lambda: None, self.hub, limit=100)  # type: ignore[arg-type, return-value]
        self.streams.begin()
        self.pending: list[list[News]] = []
        self.visitors: list[Visitor] = []

    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def finish(self) -> None:
        """What must be true in the end."""
        self.settle()
        for visitor in self.visitors:
            if visitor.connected:
                ends = {log_id: self.streams.committed[log_id] for log_id in visitor.log_ids}
                assert {log_id: numbers[-1] for log_id, numbers in self.heard(visitor).items() if numbers} == {
                    log_id: end for log_id, end in ends.items() if end > visitor.began[log_id]
                }
        for visitor in self.visitors:
            self.leave(visitor)
        self.settle()
        assert self.hub.readers == set()
        assert self.hub._feeds == {}

    def settle(self) -> None:
        """Let everything happen that is still to come."""
        while self.pending:
            self.announce()
        calm = 0
        while calm < 8:
            before = [len(visitor.listener.events) for visitor in self.visitors]
            asked = bool(self.streams.asked)
            while self.streams.asked:
                self.run(self.streams.answer)
            for visitor in self.visitors:
                self.drain(visitor)
            self.turn()
            calm = 0 if asked or before != [len(visitor.listener.events) for visitor in self.visitors] else calm + 1

    def turn(self) -> None:
        self.loop.run_until_complete(asyncio.sleep(0))

    def run(self, what: Any) -> None:
        async def running() -> None:
            what()

        self.loop.run_until_complete(running())

    # ------------------------------------------------------------------------------------------------- the server

    @rule(log_id=st.sampled_from(LOGS), count=st.integers(0, 5), whispers=st.booleans())
    def commit(self, log_id: int, count: int, whispers: bool) -> None:
        """A group is stored, but nobody was told yet."""
        group = [News(log_id, 0, event(log_id, 0))] if whispers else []
        for _ in range(count):
            self.streams.committed[log_id] += 1
            number = self.streams.committed[log_id]
            group.append(News(log_id, number, event(log_id, number)))
        self.pending.append(group)

    @precondition(lambda self: self.pending)
    @rule()
    def announce(self) -> None:
        group = self.pending.pop(0)
        self.run(lambda: self.hub.announce(group))

    @precondition(lambda self: self.streams.asked)
    @rule()
    def answer_from_the_log(self) -> None:
        self.run(self.streams.answer)

    @rule()
    def time_passes(self) -> None:
        self.turn()

    @rule()
    def keep_alive(self) -> None:
        self.run(lambda: [reader.keep_alive() for reader in list(self.hub.readers)])

    # ------------------------------------------------------------------------------------------------- the clients

    @precondition(lambda self: len(self.visitors) < 4)
    @rule(log_ids=st.sampled_from([(1,), (2,), (1, 2)]), owns=st.booleans(), capacity=st.sampled_from([0, 200, 10**6]))
    def come(self, log_ids: tuple[int, ...], owns: bool, capacity: int) -> None:
        visitor = Visitor(log_ids, Listener(chunked=owns))
        self.visitors.append(visitor)
        self.loop.run_until_complete(self.open(visitor, capacity))

    @rule(which=st.integers(0, 3), capacity=st.sampled_from([0, 200, 10**6]))
    def come_back(self, which: int, capacity: int) -> None:
        for visitor in self.visitors[which : which + 1]:
            if not visitor.connected:
                visitor.listener.reconnect()
                self.loop.run_until_complete(self.open(visitor, capacity))

    @rule(which=st.integers(0, 3))
    def read(self, which: int) -> None:
        for visitor in self.visitors[which : which + 1]:
            self.drain(visitor)

    @rule(which=st.integers(0, 3))
    def be_cut_off(self, which: int) -> None:
        for visitor in self.visitors[which : which + 1]:
            self.leave(visitor)

    async def open(self, visitor: Visitor, capacity: int) -> None:
        """What `Streams` does for a request, from the question about the logs to the reader."""
        ends = {log_id: self.streams.committed[log_id] for log_id in visitor.log_ids}
        resumed = cursors.resume(visitor.listener.cursor, visitor.log_ids)
        feeds = [self.hub.follow(log_id, end) for log_id, end in ends.items()]
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
            visitor.serving = asyncio.get_running_loop().create_task(self.serve(visitor, visitor.waiting))

    async def serve(self, visitor: Visitor, reader: WaitingReader) -> None:
        async def receive() -> dict[str, Any]:
            await visitor.gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            await visitor.room.wait()
            visitor.room.clear()
            if not visitor.gone.is_set():
                visitor.listener.take(message["body"])

        await self.streams._serve(reader, receive, send)

    def drain(self, visitor: Visitor) -> None:
        if visitor.wire is not None:
            self.run(visitor.wire.drain)
        self.run(visitor.room.set)

    def leave(self, visitor: Visitor) -> None:
        if visitor.wire is not None:
            self.run(visitor.wire.cut)
            visitor.wire = None
        if visitor.serving is not None:
            self.run(visitor.gone.set)
            self.run(visitor.room.set)
            for _ in range(20):
                while self.streams.asked:
                    self.run(self.streams.answer)
                self.run(visitor.room.set)
                self.turn()
            assert visitor.serving.done()
            visitor.serving.result()
            visitor.serving = visitor.waiting = None

    # --------------------------------------------------------------------------------------------------- promises

    def heard(self, visitor: Visitor) -> dict[int, list[int]]:
        return {
            log_id: [
                one["number"] for one in visitor.listener.events if one["log"] == log_id and one["number"]
            ]
            for log_id in visitor.log_ids
        }

    @invariant()
    def everybody_hears_every_number_once_and_in_order(self) -> None:
        for visitor in self.visitors:
            for log_id, numbers in self.heard(visitor).items():
                first = numbers[0] if numbers else 0
                assert numbers == list(range(first, first + len(numbers)))
                assert not numbers or first <= visitor.began[log_id] + 1

    @invariant()
    def who_does_not_read_is_not_written_to_for_ever(self) -> None:
        for visitor in self.visitors:
            if visitor.wire is not None:
                page = feed.TAIL_LENGTH * 100
                assert visitor.wire.waiting_bytes <= visitor.wire.capacity + page


@pytest.mark.parametrize("tail, page", [(512, 256), (3, 2)], ids=["tails as they are", "short tails"])
def test_every_reader_hears_every_event_once_and_in_order(
    monkeypatch: pytest.MonkeyPatch, tail: int, page: int
) -> None:
    monkeypatch.setattr(feed, "TAIL_LENGTH", tail)
    monkeypatch.setattr(stream, "PAGE", page)
    machine = Interleavings.TestCase
    machine.settings = settings(max_examples=300, stateful_step_count=50, deadline=None)
    machine().runTest()
