"""What the tests of the examples start from: a server, a gate before its streams, and a way to run a program."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

import flowdock
from flowdock.testing import Account, Server
from tests import gate
from tests.examples.program import Program
from tests.gate import Gate


class Run(Protocol):
    """How a test starts an example, as the owner of a token."""

    def __call__(self, name: str, *arguments: str, account: Account | None = None) -> Program: ...


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests of a file."""
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def streams(server: Server) -> Iterator[Gate]:
    """The way to the server's streams."""
    with gate.before(server.stream_url) as one:
        yield one


@pytest.fixture
def place(server: Server) -> str:
    """The flow as it is written on a command line."""
    return f"{server.org}/{server.flow}"


@pytest.fixture
def bob(server: Server) -> Iterator[flowdock.Flow]:
    """The flow, for somebody who talks to the program."""
    token = server.second_user.token
    with flowdock.connect(token=token, org=server.org, flow=server.flow, api_url=server.url) as flow:
        yield flow


@pytest.fixture
def run(server: Server, streams: Gate, tmp_path: Path) -> Iterator[Run]:
    """Start an example; what still runs in the end is killed."""
    started: list[Program] = []

    def start(name: str, *arguments: str, account: Account | None = None) -> Program:
        environment = {
            "FLOWDOCK_API_URL": server.url,
            "FLOWDOCK_STREAM_URL": streams.url,
            "FLOWDOCK_FLOW_TOKEN": server.flow_token,
            "FLOWDOCK_TOKEN": (account or server.third_user).token,
        }
        started.append(Program(name, *arguments, environment=environment, folder=tmp_path))
        return started[-1]

    yield start
    for program in started:
        program.kill()
