"""What every test of the client starts from: a peer to talk to, and either flavour to talk with."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import flowdock
from flowdock import oauth
from flowdock.client.patience import Patience
from tests.client.flavours import HURRIED, Awaited, Connect
from tests.client.peer import Handler, Peer, Serve


@pytest.fixture(autouse=True)
def _nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TOKEN", "FLOW_TOKEN", "API_URL", "STREAM_URL"):
        monkeypatch.delenv(f"FLOWDOCK_{name}", raising=False)
    monkeypatch.setenv("FLOWDOCK_PROFILE", str(tmp_path / "no-profile.json"))


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it runs with both."""
    return str(request.param)


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """What runs all that is asynchronous in a test."""
    with asyncio.Runner() as one:
        yield one


@pytest.fixture
def connect(flavour: str, runner: asyncio.Runner) -> Iterator[Connect]:
    """`flowdock.connect` or its twin, in a hurry; everything it opened is closed in the end."""
    opened: list[Any] = []

    def connect_one(*, patience: Patience = HURRIED, **keywords: Any) -> Any:
        if flavour == "sync":
            thing: Any = flowdock.connect(**keywords)
            opened.append(thing._transport)
        else:
            bare = {name: value.thing if isinstance(value, Awaited) else value for name, value in keywords.items()}
            thing = Awaited(flowdock.connect_async(**bare), runner, opened)
            opened.append(Awaited(thing.thing._transport, runner, opened))
        thing._transport.patience = patience
        return thing

    yield connect_one
    for thing in reversed(opened):
        thing.close()


@pytest.fixture
def authorize(flavour: str, runner: asyncio.Runner) -> Connect:
    """`flowdock.oauth.OAuth` or its twin."""

    def authorize_one(**keywords: Any) -> Any:
        if flavour == "sync":
            return oauth.OAuth(**keywords)
        return Awaited(oauth.AsyncOAuth(**keywords), runner, [])

    return authorize_one


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a peer that does what the given function says."""
    peers: list[Peer] = []

    def start(handler: Handler, **options: Any) -> Peer:
        peers.append(Peer(handler, **options))
        return peers[-1]

    yield start
    for peer in peers:
        peer.stop()
