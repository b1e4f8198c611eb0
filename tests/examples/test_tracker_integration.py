import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest

import flowdock
from flowdock.protocol.types import InboxItem
from tests.examples.conftest import Run


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


class Tracker:
    """Somebody else's service: the tickets are a file that is served as it is at the moment."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "tickets.json"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self._server.server_port}/tickets.json"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def has(self, *tickets: dict[str, Any]) -> None:
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(tickets))
        fresh.replace(self.file)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    running = Tracker(tmp_path)
    yield running
    running.close()


def ticket(**changes: Any) -> dict[str, Any]:
    lamp = {
        "id": "T-7",
        "title": "Lamp is dark",
        "state": "open",
        "author": "Ray",
        "url": "https://tracker.example/T-7",
    }
    return lamp | {"comment": None} | changes


@pytest.fixture
def number() -> str:
    """An id of a ticket that no other test has."""
    return f"T-{uuid4().hex[:8]}"


def items(bob: flowdock.Flow, title: str) -> list[InboxItem]:
    found = bob.list(event="activity,discussion", limit=100)
    inbox = [one for one in found if one["event"] == "activity" or one["event"] == "discussion"]
    return [one for one in inbox if one["thread"]["title"] == title]


def test_a_ticket_becomes_a_thread_with_a_status(run: Run, tracker: Tracker, bob: flowdock.Flow, number: str) -> None:
    tracker.has(ticket(id=number, title=number))

    assert run("tracker_integration.py", tracker.url, "--once").end() == (0, "")

    (item,) = items(bob, number)
    thread = item["thread"]
    assert (item["event"], item["title"], item["author"]["name"]) == ("activity", "reported this", "Ray")
    assert thread["status"] == {"color": "yellow", "value": "open"}
    assert thread["fields"] == [{"label": "Reported by", "value": "Ray"}]
    assert thread["external_url"] == "https://tracker.example/T-7"


def test_a_change_and_a_comment_go_to_the_same_thread(
    run: Run, tracker: Tracker, bob: flowdock.Flow, number: str
) -> None:
    program = run("tracker_integration.py", tracker.url, "--every", "0.05")

    tracker.has(ticket(id=number, title=number))
    assert program.line() == f"presented {number}: open"
    tracker.has(ticket(id=number, title=number, state="fixed"))
    assert program.line() == f"presented {number}: fixed"
    tracker.has(ticket(id=number, title=number, state="fixed", comment="a < b & c"))
    assert program.line() == f"presented {number}: fixed"

    told = items(bob, number)
    assert [one["title"] for one in told] == ["reported this", "set it to fixed", "commented"]
    assert told[-1]["body"] == "<p>a &lt; b &amp; c</p>"
    assert len({one["thread_id"] for one in told}) == 1
    assert bob.thread(told[0]["thread_id"]).show()["status"] == {"color": "green", "value": "fixed"}


def test_what_was_presented_does_not_come_again_after_a_restart(
    run: Run, tracker: Tracker, bob: flowdock.Flow, number: str
) -> None:
    tracker.has(ticket(id=number, title=number))

    for _ in range(2):
        assert run("tracker_integration.py", tracker.url, "--once").end() == (0, "")

    assert len(items(bob, number)) == 1


def test_it_goes_on_after_a_look_that_failed(run: Run, tracker: Tracker, bob: flowdock.Flow, number: str) -> None:
    tracker.file.write_text("not JSON")
    program = run("tracker_integration.py", tracker.url, "--every", "0.05")

    tracker.has(ticket(id=number, title=number))

    assert program.line() == f"presented {number}: open"


def test_a_single_look_that_failed_is_told_in_one_line(run: Run, tracker: Tracker) -> None:
    tracker.file.write_text('{"error": "later"}')

    code, said = run("tracker_integration.py", tracker.url, "--once").end()

    assert code == 1
    assert said == f"this time without success: {tracker.url} is not a list of tickets but \"{{'error': 'later'}}\"\n"


def test_ctrl_c_ends_it_in_silence(run: Run, tracker: Tracker, number: str) -> None:
    tracker.has(ticket(id=number, title=number))
    program = run("tracker_integration.py", str(tracker.file), "--every", "1000")
    program.line()

    assert program.interrupt() == (0, "")
