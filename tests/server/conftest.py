from collections.abc import Iterator
from pathlib import Path

import pytest

from flowdock.server.store.postgres import opening
from tests.server.stage import Stage
from tests.services.postgres import Databases

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    """A stage on each database, but for tests that are about one of them."""
    stage = Stage(tmp_path / "data", _fresh_postgres(request) if request.param == "postgresql" else None)
    yield stage
    stage.close()


def _fresh_postgres(request: pytest.FixtureRequest) -> str:
    """A database of this test's own, with the tables made already."""
    databases: Databases = request.getfixturevalue("postgres")
    template = databases.template("tables", _prepare)
    return str(request.getfixturevalue("fresh_database")(template=template))


def _prepare(url: str) -> None:
    opening.prepare(url)
