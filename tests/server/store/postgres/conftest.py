from collections.abc import Iterator
from pathlib import Path

import pytest

from flowdock.server.store.postgres import opening
from tests.conftest import FreshDatabase
from tests.server.store.postgres.stores import Stores
from tests.services.postgres import Databases


@pytest.fixture
def stores(postgres: Databases, fresh_database: FreshDatabase, tmp_path: Path) -> Iterator[Stores]:
    """Two stores on a database with people and a flow in it."""
    template = postgres.template("tables", _prepare)
    stores = Stores(tmp_path / "data", fresh_database(template=template))
    yield stores
    stores.close()


def _prepare(url: str) -> None:
    opening.prepare(url)
