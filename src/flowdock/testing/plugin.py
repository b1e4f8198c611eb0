"""The pytest plug-in: a real Flowdock for each test, people in it, and the means to let things go wrong.

Nothing is imported before a fixture is asked for.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flowdock import AsyncFlow, Client, Flow, Service
    from flowdock.testing.clock import Clock
    from flowdock.testing.server import Image, Server


@pytest.fixture(scope="session")
def _flowdock_image(tmp_path_factory: pytest.TempPathFactory) -> "Image":
    """What every server begins with, made once."""
    from flowdock.testing.server import Server  # noqa: PLC0415 - a plug-in costs nothing while nobody uses it

    server = Server(tmp_path_factory.mktemp("flowdock-image"))
    server.start()
    server.stop()
    return server.image()


@pytest.fixture
def clock() -> "Clock":
    """The server's clock; `clock.advance(hours=3)` moves it."""
    from flowdock.testing.clock import Clock  # noqa: PLC0415

    return Clock()


@pytest.fixture
def flowdock_server(_flowdock_image: "Image", clock: "Clock", tmp_path: Path) -> "Iterator[Server]":
    """A Flowdock of this test's own: `url`, `org`, `flow`, people with tokens, `faults`.

    A fault that nobody met until the end of the test fails it.
    """
    from flowdock.testing.server import Server  # noqa: PLC0415

    with Server(tmp_path / "flowdock", image=_flowdock_image, chance=clock.chance) as server:
        yield server
        left = server.faults.left
    assert not left, f"faults that no request met: {'; '.join(left)}"


@pytest.fixture
def flow(flowdock_server: "Server") -> "Iterator[Flow]":
    """The flow, as alice, who administers everything, has it."""
    import flowdock  # noqa: PLC0415

    server = flowdock_server
    with flowdock.connect(token=server.user.token, org=server.org, flow=server.flow, api_url=server.url) as opened:
        yield opened


@pytest.fixture
def async_flow(flowdock_server: "Server") -> "AsyncFlow":
    """The same for asynchronous tests, which close it: `async with async_flow: …`."""
    import flowdock  # noqa: PLC0415

    server = flowdock_server
    return flowdock.connect_async(token=server.user.token, org=server.org, flow=server.flow, api_url=server.url)


@pytest.fixture
def second_user(flowdock_server: "Server") -> "Iterator[Client]":
    """The client of bob, who is in the flow as well."""
    import flowdock  # noqa: PLC0415

    with flowdock.connect(token=flowdock_server.second_user.token, api_url=flowdock_server.url) as client:
        yield client


@pytest.fixture
def service(flowdock_server: "Server") -> "Iterator[Service]":
    """An integration of the flow, which presents items."""
    import flowdock  # noqa: PLC0415

    with flowdock.connect(flow_token=flowdock_server.flow_token, api_url=flowdock_server.url) as integration:
        yield integration
