from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from tests.server.files.bucket import Bucket
from tests.server.files.office import Office
from tests.services.objects import ObjectStore


@pytest.fixture(params=["memory", "folder", "bucket"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    """Files whose bytes this server hands out itself, wherever they are kept."""
    if request.param == "memory":
        return Office("memory:///")
    if request.param == "folder":
        return Office(tmp_path / "files")
    bucket: Bucket = request.getfixturevalue("bucket")
    return Office(bucket.address(downloads="server"))


@pytest.fixture
def http(office: Office) -> Iterator[httpx2.Client]:
    with office.http() as client:
        yield client


@pytest.fixture
def bucket(objects: ObjectStore) -> Bucket:
    """A bucket that only this test uses."""
    return Bucket(objects, f"test-{uuid4().hex}")
