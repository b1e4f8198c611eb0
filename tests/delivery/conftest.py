"""What every proof of delivery starts from: a server, a bad network before it, and either flavour of the client."""

from collections.abc import Iterator

import pytest

from flowdock.testing import Server
from flowdock.testing.proxy import Proxy
from tests.client.conftest import connect, flavour, runner

__all__ = ["connect", "flavour", "runner"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def proxy(server: Server) -> Iterator[Proxy]:
    with Proxy(server.url) as one:
        yield one
