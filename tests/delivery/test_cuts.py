"""A connection that is cut at any byte of a request or of its answer: done once, and the right answer given back.

What is said is cut at every byte; of the longer exchanges each run takes a part, and all of them with
`FLOWDOCK_TEST_EVERY_BYTE=1`.
"""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

import flowdock
from flowdock import constructors as new
from flowdock.testing import Server
from flowdock.testing.proxy import Proxy, faults
from tests.client.flavours import Connect

EVERY = "FLOWDOCK_TEST_EVERY_BYTE" in os.environ


@pytest.fixture(params=["request", "answer"])
def side(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def flow(connect: Connect, server: Server, proxy: Proxy) -> Any:
    return connect(token=server.user.token, org=server.org, flow=server.flow, api_url=proxy.url)


@pytest.fixture
def stored(server: Server) -> Iterator[flowdock.Flow]:
    """The same flow over a good network."""
    with flowdock.connect(token=server.user.token, org=server.org, flow=server.flow, api_url=server.url) as flow:
        yield flow


def cut_at_every_byte(proxy: Proxy, side: str, *, step: int = 1) -> Iterator[int]:
    """After how many bytes the next call is cut, until it was not any more."""
    for after in count(0, step):
        before = proxy.faults["cut"]
        proxy.next(faults.cut(**{side: after}))
        yield after
        if proxy.faults["cut"] == before:
            return


def since(flow: flowdock.Flow, number: int) -> Iterator[Any]:
    while page := flow.list(since_id=number, sort="asc", limit=100):
        yield from page
        number = page[-1]["id"]


def test_what_is_sent_is_there_once(flow: Any, stored: flowdock.Flow, proxy: Proxy, side: str) -> None:
    begins = stored.send("before")["id"]

    answers = [flow.send(f"cut after {after}") for after in cut_at_every_byte(proxy, side)]

    assert len(answers) > 250
    assert list(since(stored, begins)) == answers


def test_what_is_presented_is_there_once(
    connect: Connect, server: Server, stored: flowdock.Flow, proxy: Proxy, side: str
) -> None:
    service = connect(flow_token=server.flow_token, api_url=proxy.url)
    author, thread = new.author("Ray"), new.thread("Item 1")
    begins = stored.send("before")["id"]

    answers = [
        service.present(side, author, f"cut after {after}", thread=thread, wait=True)
        for after in cut_at_every_byte(proxy, side, step=1 if EVERY else 11)
    ]

    assert [item["title"] for item in since(stored, begins)] == [item["title"] for item in answers]
    assert [item["id"] for item in since(stored, begins)] == [item["id"] for item in answers]
    assert len({item["thread_id"] for item in answers}) == 1


def test_a_file_is_there_once(flow: Any, stored: flowdock.Flow, proxy: Proxy, side: str, tmp_path: Path) -> None:
    begins = stored.send("before")["id"]
    file = tmp_path / "plan.txt"

    answers = []
    for after in cut_at_every_byte(proxy, side, step=1 if EVERY else 17):
        file.write_text(f"cut after {after}")
        answers.append((after, flow.upload(file)))

    assert [item["id"] for item in since(stored, begins)] == [item["id"] for _, item in answers]
    for after, item in answers:
        assert stored.download(item["content"]["path"]) == f"cut after {after}".encode()


def test_an_edit_is_made(flow: Any, stored: flowdock.Flow, proxy: Proxy, side: str) -> None:
    number = stored.send("before")["id"]

    for after in cut_at_every_byte(proxy, side, step=1 if EVERY else 3):
        flow.edit(number, f"cut after {after}")
        assert stored.show(number)["content"] == f"cut after {after}"

    assert list(since(stored, number)) == []


def test_a_stream_brings_each_event_once(flow: Any, stored: flowdock.Flow, proxy: Proxy) -> None:
    begins = stored.send("before")["id"]
    sent = [stored.send(f"message {number}")["id"] for number in range(3)]

    for _ in cut_at_every_byte(proxy, "answer", step=1 if EVERY else 19):
        with flow.events(since=begins) as stream:
            assert [next(stream)["id"] for _ in sent] == sent
