"""Running the server: uvicorn, set up so that streams are fast and that stopping and retiring are gentle."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Literal, Protocol

import uvicorn
from starlette.types import Receive, Scope, Send

from flowdock.server.http.takeover import Connections, FlowdockProtocol
from flowdock.server.lifespan import Lifespan

GRACE_SECONDS = 3
"""How long a server that stops waits for requests under way."""
RETIRE_SECONDS = 60
"""The same for one that retires: others serve meanwhile, so nobody waits for it."""
BACKLOG = 2048
SWITCH_SECONDS = 0.001
"""How long the loop may keep the writer from running. Measured: a tenth more sends than with Python's 5 ms."""

_GLANCE_SECONDS = 0.05
_STOPPING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))


class Application(Protocol):
    """An ASGI application that has streams."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live from start to end."""

    def finish_streams(self) -> None:
        """End all streams in good order and take no more."""


class CannotStart(Exception):
    """The application did not start; the cause says why."""


class Server(uvicorn.Server):
    """uvicorn's server, which ends with exit code 0 on a signal, after it ended the streams properly."""

    server_state: Connections

    def __init__(self, app: Application, *, http: type[FlowdockProtocol] | Literal["h11"] = FlowdockProtocol) -> None:
        config = uvicorn.Config(
            app,
            http=http,
            ws="none",
            loop="auto",
            lifespan="off",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        super().__init__(config)
        self.server_state = Connections()
        self.on_ready: Callable[[], None] = lambda: None
        self._app = app
        self._life = Lifespan(app)
        self._is_retiring = False

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop, in a process that does nothing else.

        Raises:
            CannotStart: the application did not start.
        """
        sys.setswitchinterval(SWITCH_SECONDS)
        super().run(sockets)

    def stop(self) -> None:
        """End soon: with the requests under way, or told for the second time without them."""
        self.force_exit = self.should_exit and not self._is_retiring
        self._is_retiring = False
        self.should_exit = True

    def retire(self) -> None:
        """End without anybody's harm, while others serve the same socket. `stop` makes it quick."""
        self._is_retiring = self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        try:
            await self._life.begin()
        except Exception as error:
            raise CannotStart(str(error)) from error
        await super().startup(sockets)
        if self.started:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        if self._is_retiring:
            await self._drain()
        self._app.finish_streams()
        await super().shutdown(sockets)
        if not self.force_exit:
            await self._life.end()

    async def _drain(self) -> None:
        """Let connections end by themselves: each may ask once more, for as long as it may ever be idle."""
        for server in self.servers:
            server.close()
        self.server_state.drain()
        # What was accepted last is no connection yet, and may want a stream.
        await asyncio.sleep(_GLANCE_SECONDS)
        self._app.finish_streams()
        clock = asyncio.get_running_loop().time
        give_up = clock() + RETIRE_SECONDS
        while self.server_state.connections or self.server_state.tasks:
            if not self._is_retiring or clock() > give_up:
                return
            await asyncio.sleep(_GLANCE_SECONDS)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop on a signal without dying of it afterwards. Outside the main thread there are no signals to hear."""
        try:
            previous = {number: signal.signal(number, self.handle_exit) for number in _STOPPING}
        except ValueError:
            yield
            return
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A socket to serve on.

    Raises:
        OSError: the address is in use, or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
