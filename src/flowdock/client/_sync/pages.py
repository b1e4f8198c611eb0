# Generated from src/flowdock/client/_async/pages.py by tools/unasync.py; edit that file instead
"""More than one answer holds, one after the other."""

from collections import deque
from typing import Generic, Protocol, Self, TypeVar

from flowdock.client._sync.transport import Transport
from flowdock.client.walks import Walk

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Begin(Protocol[Item_co]):
    """How pages learn where they lead; finding it out may take a question."""

    def __call__(self) -> Walk[Item_co]: ...


class Pages(Generic[Item]):
    """An iterator over all there is of something, asked for a page at a time, when one comes to it.

    Each page is tried again as every call is. When it fails for good the error comes out, and asking the same iterator
    for the next thing tries that page once more; nothing is passed over.

    Example:
        for msg in flow.messages(newest_first=True):
            if "#release" in str(msg["content"]):
                break
    """

    def __init__(self, transport: Transport, begin: Begin[Item]) -> None:
        self._transport = transport
        self._begin = begin
        self._walk: Walk[Item] | None = None
        self._waiting: deque[Item] = deque()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._transport.settings.api_url}>"

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Item:
        while not self._waiting:
            if self._walk is None:
                self._walk = self._begin()
            call = self._walk.call()
            if call is None:
                raise StopIteration
            self._waiting.extend(self._walk.took(self._transport.answer(call)))
        return self._waiting.popleft()
