"""An outside service that presents its items in a flow."""

from types import TracebackType
from typing import Self

from flowdock.client import calls
from flowdock.client._async.conversation import new_uuid
from flowdock.client._async.transport import AsyncTransport
from flowdock.protocol.types import Author, ThreadState


class AsyncService:
    """The owner of a flow token: one source in one flow.

    Example:
        from flowdock import constructors as new

        async with flowdock.connect_async(flow_token=FLOW_TOKEN) as service:
            await service.present("ITEM-1", new.author("Ray"), "created item", thread=new.thread("Item 1"))
    """

    def __init__(self, transport: AsyncTransport, *, flow_token: str) -> None:
        self._transport = transport
        self._flow_token = flow_token

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._transport.settings.api_url}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the connections."""
        await self._transport.close()

    async def present(
        self,
        id: str,
        author: Author,
        title: str,
        body: str | None = None,
        thread: ThreadState | None = None,
    ) -> None:
        """Say what happened to the item `id`; with a `body`, what was said about it.

        `id` is the service's own, and each has a thread. `title` may hold links, `body` is HTML. `thread` replaces the
        state of the thread and is needed the first time; `flowdock.constructors` makes it and the `author`.
        """
        call = calls.present(
            self._flow_token, id=id, author=author, title=title, body=body, thread=thread, uuid=new_uuid()
        )
        await self._transport.answer(call)
