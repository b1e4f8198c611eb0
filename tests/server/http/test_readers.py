import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from flowdock.server.http import readers
from flowdock.server.http.following import Following, Style
from flowdock.server.http.readers import ConnectionReader
from flowdock.server.hub import feed
from flowdock.server.hub.hub import Hub
from tests.server.http.wires import Wire
from tests.server.http.world import World
from tests.server.hub.reader import nothing_is_missing

OWNS, BORROWS = 0, 1
"""Visitors with an even number own their connection."""
ROOMY, TIGHT = 3, 0
BOTH = 2


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(feed, "TAIL_LENGTH", 3)
    monkeypatch.setattr(readers, "WAITING_LIMIT", 2)
    world = World()
    yield world
    world.close()


def come_behind(world: World, which: int, *, subscription: int, missed: int = 10) -> None:
    """Let a visitor come back who missed so much that the log of its last subscription has to be read."""
    for before in range(which + 1):
        world.come(before, subscription)
    world.settle()
    world.leave(which)
    world.commit_at_once(1, missed)
    world.come(which, subscription)
    for _ in range(3):
        world.time_passes()
    assert world.database.asked


@pytest.mark.parametrize("which", [OWNS, BORROWS])
def test_what_is_missed_is_read_in_the_log_and_then_followed(world: World, which: int) -> None:
    come_behind(world, which, subscription=BOTH)
    world.commit_at_once(1, 2)
    world.settle()
    world.commit_at_once(1, 1)
    world.settle()
    assert world.visitors[which].heard(2) == list(range(1, 14))


@pytest.mark.parametrize("which", [OWNS, BORROWS])
def test_what_the_log_answers_after_the_end_is_not_sent(world: World, which: int) -> None:
    come_behind(world, which, subscription=BOTH)
    reader = world.visitors[which].reader
    assert reader is not None
    world.run(reader.finish)
    world.settle()
    assert world.visitors[which].heard(2) == []
    assert world.visitors[which].listener.ended or which == BORROWS


def test_a_client_that_is_gone_before_the_log_answers_leaves_nothing(world: World) -> None:
    come_behind(world, OWNS, subscription=BOTH)
    world.leave(OWNS)
    world.settle()
    world.end()


def test_a_reader_that_had_to_stop_while_the_log_was_read_gets_the_rest(world: World) -> None:
    come_behind(world, OWNS, subscription=BOTH)
    wire = world.visitors[OWNS].wire
    assert wire is not None
    wire.capacity = 0
    world.commit_at_once(0, 1)
    assert not world.visitors[OWNS].reader.wants_more()  # type: ignore[union-attr]
    world.read(OWNS)
    world.settle()
    assert (world.visitors[OWNS].heard(1), len(world.visitors[OWNS].heard(2))) == ([1], 10)


@pytest.mark.parametrize("whispers", [0, 3])
def test_a_reader_that_does_not_take_what_waits_becomes_a_position(world: World, whispers: int) -> None:
    for which in (OWNS, BORROWS):
        world.come(which, 0)
    world.settle()
    for _ in range(5):
        world.commit_at_once(0, 1)
        world.commit_at_once(0, whispers)
        world.time_passes()
    reader = world.visitors[BORROWS].reader
    assert reader is not None
    assert reader not in reader.feeds[0].live
    world.settle()
    assert world.visitors[BORROWS].heard(1) == list(range(1, 6 + 5 * whispers))


def test_what_waits_is_sent_before_the_end(world: World) -> None:
    for which in (OWNS, BORROWS):
        world.come(which, 0)
    world.settle()
    world.commit_at_once(0, 2)
    world.run(world.hub.finish)
    world.settle()
    assert [visitor.heard(1) for visitor in world.visitors] == [[1, 2], [1, 2]]


# -------------------------------------------------------------------------------------------------------- patience


def on_a_wire(*, capacity: int) -> tuple[ConnectionReader, Wire, list[Any]]:
    """A reader of an empty log; the list grows when its connection is gone."""
    hub = Hub(nothing_is_missing)
    gone: list[Any] = []
    following = Following(hub, [hub.follow(1, 0)], {1: 0}, Style(server_sent=False, chunked=True), compound=False)
    reader = ConnectionReader(1, following, gone=gone.append, read_on=lambda _: None)
    wire = Wire(reader, capacity=capacity, take=lambda _: None)
    reader.begin(wire)
    return reader, wire, gone


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "PATIENCE_SECONDS", 0.01)


def test_a_client_that_takes_nothing_is_cut_off_at_last(hurried: None) -> None:
    async def never_read() -> list[Any]:
        reader, _, gone = on_a_wire(capacity=0)
        reader.keep_alive()
        await asyncio.sleep(0.1)
        return gone

    assert len(asyncio.run(never_read())) == 1


def test_so_is_one_that_does_not_take_the_end(hurried: None) -> None:
    async def never_read_the_end() -> list[Any]:
        reader, _, gone = on_a_wire(capacity=1000)
        reader.finish()
        await asyncio.sleep(0.1)
        return gone

    assert len(asyncio.run(never_read_the_end())) == 1


def test_a_client_that_reads_again_is_kept(hurried: None) -> None:
    async def read_in_time() -> list[Any]:
        reader, wire, gone = on_a_wire(capacity=0)
        for _ in range(20):
            reader.keep_alive()
            await asyncio.sleep(0.002)
            wire.drain()
        return gone

    assert asyncio.run(read_in_time()) == []


def test_the_end_is_said_once(hurried: None) -> None:
    async def end_twice() -> int:
        reader, wire, _ = on_a_wire(capacity=1000)
        reader.finish()
        reader.shutdown()
        return wire.waiting_bytes

    assert asyncio.run(end_twice()) == len(b"0\r\n\r\n")


def test_keep_alives_are_not_heaped_up_for_who_does_not_read() -> None:
    async def stay_silent() -> int:
        reader, wire, _ = on_a_wire(capacity=0)
        for _ in range(50):
            reader.keep_alive()
        return wire.waiting_bytes

    assert asyncio.run(stay_silent()) == len(b"1\r\n\n\r\n")
