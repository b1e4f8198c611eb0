"""What happened since some message, and then what happens: nothing left out, nothing twice.

The stream is opened first and the past is listed meanwhile, but nobody can tell when a stream began. So the first event
it brings decides: whatever lies between the end of the list and that event is listed before it is handed out.
"""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import Any

from flowdock import Flow, Private
from flowdock.cli.lines import Event

PAGE = 100
SETTLING_SECONDS = 1.0
"""After so long the stream is surely open: one more look at the list shows at once what came just before that."""


def since(place: Flow | Private, number: int) -> Iterator[Event]:
    """The messages after `number`, then every event, without end."""
    stream = _Stream(place)
    listed: set[int] = set()
    last = number

    def past(until: int | None = None) -> Generator[Event]:
        nonlocal last
        for message in _pages(place, after=last, until=until):
            last = message["id"]
            listed.add(last)
            yield message

    yield from past()
    patience: float | None = SETTLING_SECONDS
    while (event := stream.next(timeout=patience)) is None:
        patience = None
        yield from past()
    while True:
        at = event.get("id")
        if isinstance(at, int) and patience != 0:
            patience = 0  # from here on the stream itself leaves nothing out
            yield from past(until=at)
        if at not in listed:
            yield event
        event = stream.wait()


def _pages(place: Flow | Private, *, after: int, until: int | None) -> Generator[dict[str, Any]]:
    while True:
        bounds = {} if until is None else {"until_id": until}
        page = place.list(since_id=after, sort="asc", limit=PAGE, **bounds)
        for message in page:
            yield dict(message)
        if len(page) < PAGE:
            return
        after = page[-1]["id"]


class _Stream:
    """The events of a place, read by a thread of its own so that the past can be listed meanwhile."""

    def __init__(self, place: Flow | Private) -> None:
        self._heard: queue.SimpleQueue[Event | BaseException] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(place,), name="flowdock-stream", daemon=True).start()

    def next(self, *, timeout: float | None) -> Event | None:
        """The next event; None when none came for so many seconds."""
        try:
            heard = self._heard.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(heard, BaseException):
            raise heard
        return heard

    def _listen(self, place: Flow | Private) -> None:
        try:
            for event in place.events():
                self._heard.put(event)
        except Exception as error:  # noqa: BLE001 - it is raised where the events are read
            self._heard.put(error)
