"""The other end of the network: a server of raw sockets that does exactly what a test says, down to the byte.

It knows nothing of Flowdock. A test gives it an `async def` that is called with each `Exchange`, in the order in which
requests arrive; what that raises comes out of `Peer.stop`.
"""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

Handler: TypeAlias = Callable[["Exchange"], Awaitable[None]]
Serve: TypeAlias = Callable[..., "Peer"]
"""Starts a peer with a handler."""


class Gone(Exception):
    """The handler ended the connection itself."""


@dataclass
class Exchange:
    """One request and the means to answer it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    number: int = 0
    pieces: list[int] = field(default_factory=list)

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    async def answer(
        self, status: int, content: object = None, *, raw: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """A complete answer."""
        body = json.dumps(content).encode() if raw is None else raw
        sent = {"Content-Type": "application/json", "Content-Length": str(len(body)), **(headers or {})}
        await self.write(self._head(status, sent) + body)

    async def open_stream(self, headers: Mapping[str, str] | None = None) -> None:
        """The head of a stream of server-sent events."""
        sent = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked", **(headers or {})}
        await self.write(self._head(200, sent))

    async def chunk(self, content: bytes) -> None:
        """The next bytes of a stream; none ends it."""
        await self.write(b"%x\r\n%b\r\n" % (len(content), content))

    @property
    def now(self) -> float:
        """The time on the peer's clock, in seconds."""
        return asyncio.get_running_loop().time()

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def write(self, content: bytes) -> None:
        self.writer.write(content)
        await self.writer.drain()

    async def skip_body(self) -> None:
        """Read the body and forget it, but for the sizes of the pieces it came in."""
        left = int(self.headers["content-length"])
        while left > 0:
            piece = await self.reader.read(1 << 20)
            if not piece:
                raise AssertionError(f"the body ended {left} bytes early")
            self.pieces.append(len(piece))
            left -= len(piece)

    def cut(self) -> None:
        """Reset the connection."""
        self.writer.transport.abort()
        raise Gone

    def _head(self, status: int, headers: Mapping[str, str]) -> bytes:
        lines = [f"HTTP/1.1 {status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")


class Peer:
    """A server on a free port of this machine, in a thread of its own."""

    def __init__(self, handler: Handler, *, reads_bodies: bool = True) -> None:
        self.requests: list[Exchange] = []
        self.connections = 0
        self.open_connections = 0
        self._handler = handler
        self._reads_bodies = reads_bodies
        self._failures: list[BaseException] = []
        self._started = threading.Event()
        self._stop: asyncio.Event
        self._loop: asyncio.AbstractEventLoop
        self._port = 0
        self._thread = threading.Thread(target=asyncio.run, args=(self._run(),), daemon=True)
        self._thread.start()
        assert self._started.wait(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        """End it; raises what a handler raised."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)
        assert not self._thread.is_alive()
        if self._failures:
            raise self._failures[0]

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        tasks: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            await self._serve(reader, writer)

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        self._port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_connections += 1
        try:
            while exchange := await self._next_request(reader, writer):
                self.requests.append(exchange)
                exchange.number = len(self.requests)
                await self._handler(exchange)
        except (Gone, ConnectionError, asyncio.CancelledError):
            pass
        except BaseException as failure:  # noqa: BLE001 - it is raised where the test can see it
            self._failures.append(failure)
        finally:
            self.open_connections -= 1
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _next_request(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange | None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        exchange = Exchange(reader, writer, method, target, headers)
        if self._reads_bodies:
            exchange.body = await reader.readexactly(int(headers.get("content-length", 0)))
        return exchange


def eventually(condition: Callable[[], bool], *, seconds: float = 5) -> None:
    """Wait until the condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)
