# Generated from src/flowdock/client/_async/service.py by tools/unasync.py; edit that file instead
"""An outside service that presents its items in a flow."""

from types import TracebackType
from typing import Self

from flowdock.client import calls
from flowdock.client._sync.conversation import new_uuid
from flowdock.client._sync.transport import Transport
from flowdock.protocol.types import Author, ThreadState


class Service:
    """The owner of a flow token: one source in one flow.

    Example:
        from flowdock import constructors as new

        with flowdock.connect(flow_token=FLOW_TOKEN) as service:
            service.present("ITEM-1", new.author("Ray"), "created item", thread=new.thread("Item 1"))
    """

    def __init__(self, transport: Transport, *, flow_token: str) -> None:
        self._transport = transport
        self._flow_token = flow_token

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self._transport.settings.api_url}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._transport.close()

    def present(
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
        self._transport.answer(call)
