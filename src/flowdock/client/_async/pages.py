"""More than one answer holds, one after the other."""

from collections import deque
from typing import Generic, Protocol, Self, TypeVar

from flowdock.client._async.transport import AsyncTransport
from flowdock.client.walks import Walk

Item = TypeVar("Item")
Item_co = TypeVar("Item_co", covariant=True)


class Begin(Protocol[Item_co]):
    """How pages learn where they lead; finding it out may take a question."""

    async def __call__(self) -> Walk[Item_co]: ...


class AsyncPages(Generic[Item]):
    """An iterator over all there is of something, asked for a page at a time, when one comes to it.

    Each page is tried again as every call is. When it fails for good the error comes out, and asking the same iterator
    for the next thing tries that page once more; nothing is passed over.

    Example:
        async for msg in flow.messages(newest_first=True):
            if "#release" in str(msg["content"]):
                break
    """

    def __init__(self, transport: AsyncTransport, begin: Begin[Item]) -> None:
        self._transport = transport
        self._begin = begin
        self._walk: Walk[Item] | None = None
        self._waiting: deque[Item] = deque()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._transport.settings.api_url}>"

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        while not self._waiting:
            if self._walk is None:
                self._walk = await self._begin()
            call = self._walk.call()
            if call is None:
                raise StopAsyncIteration
            self._waiting.extend(self._walk.took(await self._transport.answer(call)))
        return self._waiting.popleft()
