"""One server for the journeys of a file that do not disturb each other: on SQLite, and on PostgreSQL with Redis."""

from collections.abc import Iterator

import pytest

from flowdock.testing import Server
from tests.services.postgres import Databases
from tests.services.redis import RunningRedis


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    if request.param == "sqlite":
        with Server(folder) as running:
            yield running
        return
    databases: Databases = request.getfixturevalue("postgres")
    redis: RunningRedis = request.getfixturevalue("redis")
    name = databases.create_unnamed()
    with Server(folder, database=databases.url(name), broker=redis.url) as running:
        yield running
    databases.drop(name)
