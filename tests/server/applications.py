"""An application of the smallest kind, and a client that sees when its connection ends."""

import asyncio
import http.client
import os
from contextlib import suppress
from typing import Self

from starlette.types import Receive, Scope, Send

from flowdock.server.http.answering import answer


class Plain:
    """Answers at once with the id of its process; `/asgi` part by part, `/late…` only when `go_on` was called."""

    def __init__(self) -> None:
        self.begun = 0
        self.streams_finished = False
        self._may_go_on: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def go_on(self) -> None:
        """Let what is late be answered."""
        if self._loop is not None and self._may_go_on is not None:
            with suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(self._may_go_on.set)

    def finish_streams(self) -> None:
        self.streams_finished = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        assert self._may_go_on is not None
        self.begun += 1
        body, path = b"%d" % os.getpid(), scope["path"]
        if path == "/late":
            await self._may_go_on.wait()
        if path in {"/asgi", "/late-end"}:
            headers = [(b"content-length", b"%d" % len(body))]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            if path == "/late-end":
                await self._may_go_on.wait()
            await send({"type": "http.response.body", "body": body})
        else:
            await answer(scope, send, 200, body, [])

    async def _live(self, receive: Receive, send: Send) -> None:
        self._loop, self._may_go_on = asyncio.get_running_loop(), asyncio.Event()
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


class Asking(http.client.HTTPConnection):
    """One connection, which is never opened anew behind its user's back."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port, timeout=20)
        self.auto_open = 0
        self.connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, path: str) -> http.client.HTTPResponse:
        """The head of an answer."""
        self.request("GET", path)
        return self.getresponse()

    def goes_on_after(self, path: str) -> bool:
        """Whether the connection was promised to be kept after an answer, of which everything came."""
        response = self.ask(path)
        assert response.status == 200
        assert response.read().isdigit()
        return not response.will_close

    def ended(self) -> bool:
        """Whether the other side ended it; waits for that."""
        return self.sock.recv(1) == b""
