"""What happened since some message, and then what happens: no message left out, none twice.

The stream is opened first and the past is listed meanwhile, but nobody can tell when a stream began. So the first event
it brings decides: whatever lies between the end of the list and that event is listed before it is handed out. From
there on the stream itself leaves nothing out.
"""

import queue
import threading
from collections.abc import Iterator
from typing import Any

from flowdock import Flow, Private
from flowdock.cli.lines import Event

PAGE = 100
SETTLING_SECONDS = 1.0
"""After so long the stream is surely open: one more look at the list shows what came just before that."""


def since(place: Flow | Private, number: int) -> Iterator[Event]:
    """The messages after `number`, then every event, without end."""
    stream, past = _Stream(place), _Past(place, after=number)
    yield from past.read()
    event = stream.next(timeout=SETTLING_SECONDS)
    if event is None:
        yield from past.read()
    is_seamless = False
    while True:
        if event is None:
            event = stream.next(timeout=None)
            continue
        at = event.get("id")
        if isinstance(at, int) and not is_seamless:
            is_seamless = True
            yield from past.read(until=at)
        if at not in past.listed:
            yield event
        event = None


class _Past:
    """The messages of a place from `after` on, listed in pages."""

    def __init__(self, place: Flow | Private, *, after: int) -> None:
        self.listed: set[int] = set()
        self._place = place
        self._last = after

    def read(self, *, until: int | None = None) -> Iterator[dict[str, Any]]:
        """Those that were not listed yet, up to now, or up to before the message `until`."""
        while True:
            if until is None:
                page = self._place.list(since_id=self._last, sort="asc", limit=PAGE)
            else:
                page = self._place.list(since_id=self._last, until_id=until, sort="asc", limit=PAGE)
            for message in page:
                self._last = message["id"]
                self.listed.add(self._last)
                yield dict(message)
            if len(page) < PAGE:
                return


class _Stream:
    """The events of a place, read by a thread of its own so that the past can be listed meanwhile."""

    def __init__(self, place: Flow | Private) -> None:
        self._heard: queue.SimpleQueue[Event | Exception] = queue.SimpleQueue()
        threading.Thread(target=self._listen, args=(place,), name="flowdock-stream", daemon=True).start()

    def next(self, *, timeout: float | None) -> Event | None:
        """The next event; None when none came for so many seconds."""
        try:
            heard = self._heard.get(timeout=timeout)
        except queue.Empty:
            return None
        if isinstance(heard, Exception):
            raise heard
        return heard

    def _listen(self, place: Flow | Private) -> None:
        try:
            for event in place.events():
                self._heard.put(event)
        except Exception as error:  # noqa: BLE001 - it is raised where the events are read
            self._heard.put(error)
