from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import obstore
import pytest
from obstore.store import S3Store

from tests.services.objects import ObjectStore


@pytest.fixture
def store(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    """Made as a server would: from a URL and the environment."""
    for name, value in objects.environment().items():
        monkeypatch.setenv(name, value)
    return S3Store.from_url(f"{objects.bucket('a-bucket')}/files")


def test_an_object_is_fetched_at_its_signed_url(store: S3Store) -> None:
    obstore.put(store, "diagram.png", b"12345")

    with urlopen(obstore.sign(store, "GET", "diagram.png", timedelta(minutes=1))) as answer:
        assert answer.read() == b"12345"


def test_an_object_that_is_not_there_is_not_found(store: S3Store) -> None:
    with pytest.raises(HTTPError, match="404") as refused:
        urlopen(obstore.sign(store, "GET", "nothing.png", timedelta(minutes=1)))
    refused.value.close()


def test_a_bucket_can_be_asked_for_again(objects: ObjectStore) -> None:
    assert objects.bucket("again") == objects.bucket("again") == "s3://again"


def test_a_bucket_that_s3_would_refuse_is_refused(objects: ObjectStore) -> None:
    with pytest.raises(ValueError, match=r"^the object store answered 400 to a bucket named 'x'$"):
        objects.bucket("x")
