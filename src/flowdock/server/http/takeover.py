"""Handing a connection from uvicorn to a reader, and answers that leave in one write.

uvicorn's protocol class is extended here and nowhere else. A stream's response head goes out through uvicorn as usual;
then the reader becomes the transport's protocol, as uvicorn itself does for WebSocket, so that an open stream costs no
task, no queue and no parser. Other servers do not offer this; there a stream is plain ASGI.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

EXTENSION = "flowdock.connection"


class OneWriteTransport:
    """A transport that sends a response's head together with its body, since each write is a system call.

    The head waits for the body until the loop's next turn at most.
    """

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, content: bytes) -> None:
        """Write, or wait for what follows."""
        if self._head:
            content, self._head = self._head + content, b""
            self._transport.write(content)
        elif content.startswith(b"HTTP/1.1 ") and not content.startswith(b"HTTP/1.1 100"):
            self._head = content
            self._loop.call_soon(self.flush)
        elif content:
            self._transport.write(content)

    def flush(self) -> None:
        """Send what waits."""
        if self._head:
            content, self._head = self._head, b""
            self._transport.write(content)

    def close(self) -> None:
        """Send what waits, then close."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._transport.is_closing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class FlowdockProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, whose connections can be taken over by a reader."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let answers leave in one write."""
        super().connection_made(transport)
        self.transport = OneWriteTransport(transport, self.loop)  # type: ignore[assignment]

    def on_message_begin(self) -> None:
        """Offer the connection to the application."""
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: self}  # type: ignore[typeddict-item]

    @property
    def may_be_taken_over(self) -> bool:
        """Whether nothing of this or another request is still under way on the connection."""
        return (
            not self.pipeline
            and self.cycle is not None
            and not self.cycle.more_body
            and not self.cycle.disconnected
            and self.scope["http_version"] == "1.1"
            and not self.transport.is_closing()
        )

    def take_over(self, reader: asyncio.Protocol) -> asyncio.Transport:
        """Give the connection, whose response head was sent, to a reader; it stays among the server's connections."""
        transport: asyncio.Transport = self.transport._transport  # type: ignore[attr-defined]  # noqa: SLF001
        self.transport.flush()  # type: ignore[attr-defined]
        self.cycle.response_complete = True
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        self.connections.add(reader)  # type: ignore[arg-type]
        transport.set_protocol(reader)
        transport.resume_reading()
        self.parser = None  # type: ignore[assignment]
        return transport


def offered_by(scope: Any) -> FlowdockProtocol | None:
    """The connection of a request, when the server lets it be taken over."""
    connection = (scope.get("extensions") or {}).get(EXTENSION)
    return connection if isinstance(connection, FlowdockProtocol) and connection.may_be_taken_over else None
