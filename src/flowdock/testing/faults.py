"""Faults of a server under test: refusals, delays, lost answers, cut and doubled streams."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from weakref import WeakSet

from starlette.types import Message, Receive, Scope, Send

from flowdock.server.http.takeover import CONNECTION, FlowdockProtocol
from flowdock.server.running import Application

if TYPE_CHECKING:
    from flowdock.testing.server import Server

Kind: TypeAlias = Literal["fail", "delay", "drop_answer", "duplicate_events"]

STREAM = "/stream/"


@dataclass(slots=True)
class Fault:
    """Something that goes wrong for the next requests that it is meant for."""

    kind: Kind
    times: int
    path: re.Pattern[str]
    method: str | None = None
    status: int = 500
    seconds: float = 0.0
    retry_after: float | None = None

    def __str__(self) -> str:
        what = {"fail": f"fail({self.status})", "delay": f"delay({self.seconds:g})"}.get(self.kind, f"{self.kind}()")
        return f"{what} {self.times} more times at {self.method or 'any method'} {self.path.pattern or 'any path'}"


class Faults:
    """What goes wrong. `path` is a regular expression that is looked for in the address, `method` such as "POST".

    Example:
        flowdock_server.faults.cut_streams()
        flowdock_server.faults.fail(503, times=2)
        flowdock_server.faults.drop_answer(path="/messages")
        flow.send("Hello")
    """

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._waiting: list[Fault] = []
        self._transports: WeakSet[asyncio.Transport] = WeakSet()
        self.hits: Counter[str] = Counter()
        """How often each kind of fault happened."""

    def fail(
        self,
        status: int = 503,
        *,
        times: int = 1,
        path: str = "",
        method: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Refuse the next requests with a status, before anything is done.

        Example:
            flowdock_server.faults.fail(503, times=2)
            flow.send("Hello")
        """
        self._add("fail", times, path, method, status=status, retry_after=retry_after)

    def delay(self, seconds: float, *, times: int = 1, path: str = "", method: str | None = None) -> None:
        """Let the next requests wait before anything is done.

        Example:
            flowdock_server.faults.delay(0.05, path="/messages", method="POST")
            flow.send("Hello")
        """
        self._add("delay", times, path, method, seconds=seconds)

    def drop_answer(self, *, times: int = 1, path: str = "", method: str | None = None) -> None:
        """Do what the next requests ask for, and cut their connections in place of an answer.

        Example:
            flowdock_server.faults.drop_answer(path="/messages")
            flow.send("Once")
            assert [message["content"] for message in flow.list()].count("Once") == 1
        """
        self._add("drop_answer", times, path, method)

    def duplicate_events(self, *, times: int = 1, path: str = "") -> None:
        """Send all that the next streams bring twice.

        Example:
            flowdock_server.faults.duplicate_events()
            with flow.events(since=msg["id"] - 1) as stream:
                assert next(stream)["id"] == msg["id"]
        """
        self._add("duplicate_events", times, path or STREAM, None)

    def cut_streams(self) -> None:
        """Reset the connections of all open streams."""
        self._server.call(self._cut)

    def restart(self) -> None:
        """Stop the server and start it again."""
        self.hits["restart"] += 1
        self._server.stop()
        self._server.start()

    @property
    def left(self) -> list[str]:
        """What was to go wrong, and nobody came for."""
        return [str(fault) for fault in self._waiting]

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        self._waiting.clear()

    def next_for(self, method: str, path: str) -> Fault | None:
        """The fault that a request meets; it is used up."""
        for fault in self._waiting:
            if fault.method in {None, method} and fault.path.search(path):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                self.hits[fault.kind] += 1
                return fault
        return None

    def note_stream(self, connection: FlowdockProtocol | None) -> None:
        """Remember the connection of a stream."""
        if connection is not None:
            self._transports.add(connection.transport)

    def _add(self, kind: Kind, times: int, path: str, method: str | None, **rest: Any) -> None:
        self._waiting.append(Fault(kind, times, re.compile(path), method, **rest))

    def _cut(self) -> None:
        for transport in list(self._transports):
            if not transport.is_closing():
                self.hits["cut_streams"] += 1
                transport.abort()
        self._transports.clear()


class Faulty:
    """The application as it is served: it does what the faults say before, after or in place of its work."""

    def __init__(self, app: Application, faults: Faults) -> None:
        self._app = app
        self._faults = faults

    def finish_streams(self) -> None:
        """End all streams in good order and take no more."""
        self._app.finish_streams()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live from start to end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        connection = (scope.get("extensions") or {}).get(CONNECTION)
        if scope["path"].startswith(STREAM):
            self._faults.note_stream(connection)
        fault = self._faults.next_for(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        elif fault.kind == "fail":
            await _refuse(send, fault)
        elif fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, send)
        elif fault.kind == "drop_answer":
            await self._app({**scope, "extensions": {}}, receive, _swallow)
            _cut(connection)
        else:
            await self._app({**scope, "extensions": {}}, receive, _doubled(send))


async def _refuse(send: Send, fault: Fault) -> None:
    headers: Sequence[tuple[bytes, bytes]] = [(b"content-type", b"application/json")]
    if fault.retry_after is not None:
        headers = [*headers, (b"retry-after", f"{fault.retry_after:g}".encode())]
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"message":"this is a test of faults"}'})


async def _swallow(_message: Message) -> None:
    pass


def _doubled(send: Send) -> Send:
    async def send_twice(message: Message) -> None:
        await send(message)
        # Events are written whole; the rest is signs of life.
        if message["type"] == "http.response.body" and b"{" in message.get("body", b""):
            await send(message)

    return send_twice


def _cut(connection: FlowdockProtocol | None) -> None:
    if connection is None:
        raise RuntimeError("answers can only be dropped by a server that serves as usual, not with http='h11'")
    connection.transport.abort()
