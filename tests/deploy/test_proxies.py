"""Two Flowdocks behind each proxy, with the files that are deployed."""

import ssl
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from flowdock.testing import Server
from tests.conftest import FreshDatabase
from tests.deploy.proxies import Caddy, Nginx, Proxy
from tests.services.machine import Missing

SECONDS = 10
"""Less than the 20 after which a sign of life would push out what a proxy holds back."""
LARGE_BYTES = 20_000_000


@pytest.fixture
def flowdocks(tmp_path: Path, fresh_database: FreshDatabase) -> Iterator[list[Server]]:
    database = fresh_database()
    with (
        Server(tmp_path / "one", database=database) as one,
        Server(tmp_path / "two", database=database, beside=one) as two,
    ):
        yield [one, two]


@pytest.fixture(params=[Nginx, Caddy], ids=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest, flowdocks: list[Server]) -> Iterator[Proxy]:
    kind: type[Proxy] = request.param
    with closing(kind([one.url.removeprefix("http://") for one in flowdocks])) as running:
        try:
            running.start()
        except Missing as missing:
            pytest.skip(str(missing))
        yield running


@pytest.fixture
def client(proxy: Proxy, flowdocks: list[Server]) -> Iterator[httpx2.Client]:
    verify = ssl.create_default_context(cafile=proxy.authority) if proxy.authority else True
    with httpx2.Client(
        base_url=proxy.url, auth=(flowdocks[0].user.token, ""), verify=verify, timeout=SECONDS
    ) as client:
        yield client


def say(client: httpx2.Client, text: str) -> int:
    return client.post("/flows/acme/main/messages", json={"event": "message", "content": text}).status_code


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_an_event_comes_through_at_once(client: httpx2.Client, accept: str) -> None:
    with client.stream("GET", "/stream/flows/acme/main", headers={"Accept": accept}) as stream:
        assert say(client, "Does it come through?") == 201

        seen = b""
        for piece in stream.iter_bytes():
            seen += piece
            if b"Does it come through?" in seen:
                break

    assert b"Does it come through?" in seen


def test_a_large_upload_goes_through(client: httpx2.Client) -> None:
    answer = client.post(
        "/flows/acme/main/messages",
        data={"event": "file"},
        files={"content": ("large.bin", bytes(LARGE_BYTES), "application/octet-stream")},
    )

    assert answer.status_code == 201
    assert answer.json()["content"]["file_size"] == LARGE_BYTES


def test_when_one_flowdock_ends_nobody_notices(client: httpx2.Client, proxy: Proxy, flowdocks: list[Server]) -> None:
    if fault := proxy.known_fault():
        pytest.skip(fault)
    texts = [f"message {number}" for number in range(12)]
    before = [say(client, text) for text in texts[:4]]

    flowdocks[0].stop()

    after = [say(client, text) for text in texts[4:]]
    assert (before, after) == ([201] * 4, [201] * 8)
    stored = client.get("/flows/acme/main/messages", params={"event": "message"}).json()
    assert [message["content"] for message in stored if message["user"] != "0"] == texts
