"""One server for the journeys of a file that do not disturb each other."""

from collections.abc import Iterator

import pytest

from flowdock.testing import Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running
