"""Walks through more than one answer holds: what to ask next, and what of the answer is new. Pure.

A page begins where the one before ended, by the number of a message, by the moment and id of a thread, or by a cursor.
How many things come meanwhile or go does not move such an edge, so nothing is passed over or comes twice.

Source: wire facts 2.2 and 2.4.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from flowdock.client import calls
from flowdock.client.calls import Call
from flowdock.client.places import Place
from flowdock.protocol.resources import Hit, SearchResults
from flowdock.protocol.types import Message, Thread

PAGE = 100
"""So many a server gives at once."""

Item_co = TypeVar("Item_co", covariant=True)


class Walk(Protocol[Item_co]):
    """What has been asked and what remains."""

    def call(self) -> Call[Any] | None:
        """The next question, the same until it is answered; None at the end."""

    def took(self, page: Any) -> Iterable[Item_co]:
        """What its answer holds that was not handed out yet."""


class MessageWalk:
    """Through the messages of a place, by their numbers."""

    def __init__(
        self,
        where: Place,
        *,
        since_id: int | None,
        until_id: int | None,
        newest_first: bool,
        event: Iterable[str] | str | None,
        search: str | None,
        tags: Iterable[str] | str | None,
        tag_mode: str | None,
    ) -> None:
        self._where = where
        self._newest_first = newest_first
        self._bounds = {"since_id": since_id or 0, "until_id": until_id}
        by_words = {"search": search, "tags": tags if tags is None or isinstance(tags, str) else list(tags)}
        self._events: frozenset[str] | None = None
        if any(by_words.values()):
            # Whoever asks by words is given every kind.
            self._conditions: dict[str, object] = {**by_words, "tag_mode": tag_mode}
            self._events = _names(event)
        else:
            self._conditions = {"event": event if event is None or isinstance(event, str) else list(event)}
        self._is_over = False

    def call(self) -> Call[Any] | None:
        """The next page from the last message on."""
        if self._is_over:
            return None
        order = {"sort": "desc" if self._newest_first else "asc", "limit": PAGE}
        return calls.messages.list_messages(self._where, {**self._conditions, **self._bounds, **order})

    def took(self, page: list[Message]) -> list[Message]:
        """Its messages in the order of the walk."""
        # A server that knows no bounds in a search gives the same page for ever.
        fresh = [message for message in page if self._is_within(message["id"])]
        self._is_over = len(page) < PAGE or not fresh
        if fresh and self._newest_first:
            fresh.reverse()
            self._bounds["until_id"] = fresh[-1]["id"]
        elif fresh:
            self._bounds["since_id"] = fresh[-1]["id"]
        return [message for message in fresh if self._events is None or message["event"] in self._events]

    def _is_within(self, number: int) -> bool:
        low, high = self._bounds["since_id"] or 0, self._bounds["until_id"]
        return low < number and (high is None or number < high)


class ThreadWalk:
    """Through the threads of a flow from the one updated last on.

    A thread that is updated meanwhile jumps to the front, behind the walk's back. So there are rounds: each begins at
    the front and ends where the one before began, until one fits into a single page and thereby is of one moment, or
    until nothing has moved.
    """

    def __init__(
        self, org: str, flow: str, *, since: str | None, until: str | None, until_id: str | None, empty: bool | None
    ) -> None:
        self._flow = (org, flow)
        self._conditions = {"since": since, "until": until, "until_id": until_id, "empty": empty, "limit": PAGE}
        self._edge: Thread | None = None
        self._front: tuple[str, str] | None = None
        self._is_still = False
        self._began: str | None = None
        self._seen: set[str] = set()
        self._is_over = False

    def call(self) -> Call[Any] | None:
        """The next page from the last thread on, or from the front."""
        if self._is_over:
            return None
        edge = {} if self._edge is None else {"until": self._edge["updated_at"], "until_id": self._edge["id"]}
        return calls.threads.list_threads(*self._flow, {**self._conditions, **edge})

    def took(self, page: list[Thread]) -> list[Thread]:
        """Its threads, without those that have been handed out and those that began after the walk."""
        is_first = self._edge is None
        if is_first and page:
            front = (page[0]["updated_at"], page[0]["id"])
            self._began = self._began or front[0]
            self._is_still, self._front = front == self._front, front
        began = self._began or ""
        fresh = [one for one in page if one["id"] not in self._seen and one["created_at"] <= began]
        self._seen.update(one["id"] for one in fresh)
        self._is_still = self._is_still and not fresh
        if len(page) == PAGE:
            self._edge = page[-1]
        elif is_first or self._is_still or self._front is None or self._conditions["until"] is not None:
            self._is_over = True
        else:
            self._edge, self._conditions["since"] = None, _just_before(self._front[0])
        return fresh


class HitWalk:
    """Through what a search finds, by the cursors of its answers."""

    def __init__(self, q: str) -> None:
        self._q = q
        self._cursor: str | None = None
        self._is_over = False

    def call(self) -> Call[Any] | None:
        """The next page."""
        return None if self._is_over else calls.searching.search(self._q, limit=PAGE, cursor=self._cursor)

    def took(self, page: SearchResults) -> list[Hit]:
        """Its hits."""
        self._cursor = page["next"]
        self._is_over = self._cursor is None
        return page["results"]


def _names(event: Iterable[str] | str | None) -> frozenset[str] | None:
    if event is None:
        return None
    return frozenset(name.strip() for name in (event.split(",") if isinstance(event, str) else event))


def _just_before(moment: str) -> str:
    """The millisecond before, so that a thread of the moment itself is among those since then."""
    return (datetime.fromisoformat(moment) - timedelta(milliseconds=1)).isoformat()
