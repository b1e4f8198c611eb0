"""Handing a connection from uvicorn to a reader, and sending answers in one write.

uvicorn's protocol class is extended here and nowhere else. A stream's response head goes out through uvicorn as usual;
then the reader becomes the transport's protocol, as uvicorn itself does for WebSocket, so that an open stream costs no
task, no queue and no parser. Other servers do not offer this; there a stream is plain ASGI.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

CONNECTION = "flowdock.connection"
"""The extension by which a stream gets the connection."""
ANSWER = "flowdock.answer"
"""The extension by which an answer leaves in one write."""


class Connections(ServerState):
    """uvicorn's record of all connections, which can be asked to come to an end."""

    def __init__(self) -> None:
        super().__init__()
        self.are_draining = False

    def drain(self) -> None:
        """Answer one more request on each connection, and tell its client that it was the last."""
        self.are_draining = True
        for connection in list(self.connections):
            if isinstance(connection, FlowdockProtocol):
                connection.drain()


class FlowdockProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, whose connections can be taken over by a reader."""

    @property
    def _is_draining(self) -> bool:
        return isinstance(self.server_state, Connections) and self.server_state.are_draining

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # uvicorn's own type
        """Begin with a new connection."""
        super().connection_made(transport)
        if self._is_draining:  # accepted just before
            self.drain()

    def on_message_begin(self) -> None:
        """Offer the connection to the application."""
        super().on_message_begin()
        self.scope["extensions"] = {CONNECTION: self, ANSWER: self}  # type: ignore[dict-item]

    def on_headers_complete(self) -> None:
        """Begin with a request."""
        before: RequestResponseCycle | None = self.cycle
        super().on_headers_complete()
        if self._is_draining:
            if before is not None and not before.response_started:
                before.keep_alive = True  # it is not the last one any more
            self.cycle.keep_alive = False

    def drain(self) -> None:
        """Let the request under way be the last, or else the next one; an idle connection ends when it always would.

        An answer whose head was sent has promised to keep the connection: its client may be about to ask again.
        """
        cycle: RequestResponseCycle | None = self.cycle  # of a connection on which nothing was asked yet there is none
        if cycle is None:
            # So far it might have waited for ever.
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )
        elif not cycle.response_started:
            cycle.keep_alive = False

    @property
    def may_be_taken_over(self) -> bool:
        """Whether nothing of this or another request is still under way on the connection."""
        return (
            not self.pipeline
            and not self.cycle.more_body
            and not self.cycle.disconnected
            and self.scope["http_version"] == "1.1"
            and not self.transport.is_closing()
        )

    def answer(self, scope: Any, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
        """Send a whole answer in one write: through ASGI its head and its body would be two system calls.

        False, and nothing sent, where that is not possible; the answer then goes through ASGI. Headers are trusted.
        """
        cycle = self.cycle
        if cycle.scope is not scope or cycle.response_started or self.flow.write_paused or scope["method"] == "HEAD":
            return False
        if cycle.disconnected:
            return True
        lines = [STATUS_LINE[status]]
        for name, value in headers:
            lines += [name, b": ", value, b"\r\n"]
        lines.append(b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
        lines.append(body)
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        self.transport.write(b"".join(lines))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()
        return True

    @property
    def forget(self) -> Callable[[asyncio.Protocol], None]:
        """What a reader calls once its connection is gone.

        Not a method of this object: thousands of readers would each keep one alive, with the request it parsed.
        """
        return cast("Callable[[asyncio.Protocol], None]", self.connections.discard)

    def take_over(self, reader: asyncio.Protocol) -> asyncio.Transport:
        """Give the connection, whose response head was sent, to a reader; it stays among the server's connections."""
        transport = self.transport
        self.cycle.response_complete = True
        self._unset_keepalive_if_required()
        self.connections.discard(self)
        self.connections.add(reader)  # type: ignore[arg-type]
        transport.set_protocol(reader)
        transport.resume_reading()
        self.parser = None  # type: ignore[assignment]
        return transport


def answer(scope: Any, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
    """Send a whole answer in one write, where the server lets us; whether it was sent."""
    connection = (scope.get("extensions") or {}).get(ANSWER)
    return isinstance(connection, FlowdockProtocol) and connection.answer(scope, status, headers, body)


def offered_by(scope: Any) -> FlowdockProtocol | None:
    """The connection of a request, when the server lets it be taken over."""
    connection = (scope.get("extensions") or {}).get(CONNECTION)
    return connection if isinstance(connection, FlowdockProtocol) and connection.may_be_taken_over else None
