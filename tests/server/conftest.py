import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flowdock.server.actions.founding import Founded
from tests.server.stage import Stage
from tests.services.postgres import Databases

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def stage(
    request: pytest.FixtureRequest, tmp_path: Path, scenes: Callable[[str | None], tuple[Path, Founded]]
) -> Iterator[Stage]:
    """A stage on each database, but for tests that are about one of them."""
    url = _fresh_postgres(request, scenes) if request.param == "postgresql" else None
    scene, founded = scenes(url)
    shutil.copytree(scene, tmp_path / "data")
    stage = Stage(tmp_path / "data", url, founded=founded)
    yield stage
    stage.close()


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], tuple[Path, Founded]]:
    """The folder of a stage on the database of this address, or on SQLite, and what it founded: each set only once."""
    known: dict[bool, tuple[Path, Founded]] = {}

    def scene(url: str | None) -> tuple[Path, Founded]:
        if (url is None) not in known:
            folder = tmp_path_factory.mktemp("scene")
            stage = Stage(folder, url)
            stage.close()
            known[url is None] = folder, stage.founded
        return known[url is None]

    return scene


def _fresh_postgres(request: pytest.FixtureRequest, scenes: Callable[[str | None], tuple[Path, Founded]]) -> str:
    """A database of this test's own, on which a stage was set already."""
    databases: Databases = request.getfixturevalue("postgres")
    template = databases.template("scene", scenes)
    return str(request.getfixturevalue("fresh_database")(template=template))
