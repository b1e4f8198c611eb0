"""The chat, driven with keys, against the real server; somebody else writes meanwhile."""

import itertools
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import pytest

import flowdock
from flowdock import Flow
from flowdock.testing import Server
from tests.cli.chat.watching import Watched, run, watching

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@dataclass(frozen=True)
class Room:
    """A flow of the test's own, in which alice watches and bob writes."""

    server: Server
    name: str
    bob: Flow
    alice: Flow

    def watching(self, size: tuple[int, int] = (100, 30)) -> AbstractAsyncContextManager[Watched]:
        return watching(self.server, self.server.user, place=self.name, size=size)


@pytest.fixture
def room(server: Server) -> Iterator[Room]:
    with (
        flowdock.connect(token=server.user.token, api_url=server.url) as alice,
        flowdock.connect(token=server.second_user.token, api_url=server.url) as bob,
    ):
        name = alice.create_flow(server.org, f"Room {next(NUMBERS)}")["parameterized_name"]
        own = alice(org=server.org, flow=name)
        own.add_user(server.second_user.id)
        yield Room(server, f"{server.org}/{name}", bob(org=server.org, flow=name), own)


def test_what_others_say_is_seen_as_they_say_it(room: Room) -> None:
    async def scenario() -> None:
        room.bob.send("said before")
        async with room.watching() as chat:
            await chat.sees("said before")
            room.bob.send("said **now**, @alice")
            await chat.sees("bob    said now, @alice")

    run(scenario())
