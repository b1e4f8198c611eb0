import threading
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from flowdock import Flow
from flowdock.cli import history
from flowdock.testing import Account
from tests.cli.programs import SECONDS


class SlowToOpen:
    """A flow whose stream is opened only when it is let."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self.may_open = threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._flow, name)

    def events(self) -> Iterator[Any]:
        self.may_open.wait(SECONDS)
        yield from self._flow.events()


def newest(flow: Flow) -> int:
    return flow.list(limit=1)[0]["id"]


def test_while_somebody_writes_every_message_comes_once_and_in_order(flow: Flow) -> None:
    start = newest(flow)
    sent: list[str] = []

    def write() -> None:
        for number in range(300):
            sent.append(f"message {number}")
            flow.send(sent[-1])

    for _ in range(5):
        flow.send("from before")
    writer = threading.Thread(target=write)
    writer.start()

    heard = [event["content"] for event in islice(history.since(flow, start), 305)]

    writer.join(SECONDS)
    assert heard == ["from before"] * 5 + sent


def test_more_messages_than_fit_on_a_page_are_all_read(flow: Flow) -> None:
    start = newest(flow)
    ids = [flow.send(f"message {number}")["id"] for number in range(2 * history.PAGE + 1)]

    assert [event["id"] for event in islice(history.since(flow, start), len(ids))] == ids


def test_what_came_before_the_stream_was_open_comes_before_its_first_event(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "SETTLING_SECONDS", SECONDS)
    slow, start = SlowToOpen(flow), newest(flow)
    flow.send("past")
    events = history.since(slow, start)  # type: ignore[arg-type]  # it is a flow in all but its class
    sent = ["past", "between"]

    heard = [next(events)["content"]]
    listening = threading.Thread(target=lambda: heard.extend(event["content"] for event in islice(events, 3)))
    flow.send("between")
    listening.start()
    slow.may_open.set()
    while len(heard) < 4 and listening.is_alive():
        sent.append(f"live {len(sent)}")
        flow.send(sent[-1])

    listening.join(SECONDS)
    assert heard == sent[:4]


def test_what_came_before_the_stream_was_open_does_not_wait_for_its_first_event(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "SETTLING_SECONDS", 0)
    slow, start = SlowToOpen(flow), newest(flow)
    flow.send("past")
    events = history.since(slow, start)  # type: ignore[arg-type]  # as above

    assert next(events)["content"] == "past"
    flow.send("between")
    assert next(events)["content"] == "between"
    slow.may_open.set()


def test_a_stream_that_is_refused_is_an_error_here(flow: Flow, alice: Account) -> None:
    slow = SlowToOpen(flow)
    slow.events = lambda: iter([1 // 0])  # type: ignore[method-assign]

    with pytest.raises(ZeroDivisionError):
        list(history.since(slow, newest(flow)))  # type: ignore[arg-type]
