"""Running the server: uvicorn, set up so that streams are fast and stopping is gentle."""

import signal
import socket
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Literal

import uvicorn

from flowdock.server.app import Flowdock
from flowdock.server.http.takeover import FlowdockProtocol

GRACE_SECONDS = 3
BACKLOG = 2048
SWITCH_SECONDS = 0.001
"""How long the loop may keep the writer from running. Measured: a tenth more sends than with Python's 5 ms."""


class Server(uvicorn.Server):
    """uvicorn's server, which ends with exit code 0 on SIGTERM and SIGINT, after it ended the streams properly."""

    def __init__(self, app: Flowdock, *, http: type[FlowdockProtocol] | Literal["h11"] = FlowdockProtocol) -> None:
        config = uvicorn.Config(
            app,
            http=http,
            ws="none",
            loop="auto",
            lifespan="on",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
            date_header=False,
            backlog=BACKLOG,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        super().__init__(config)
        self._app = app
        self.on_ready: Callable[[], None] = lambda: None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until told to stop, in a process that does nothing else."""
        sys.setswitchinterval(SWITCH_SECONDS)
        super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        self._app.finish_streams()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop on a signal without dying of it afterwards. Outside the main thread there are no signals to hear."""
        try:
            previous = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
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
