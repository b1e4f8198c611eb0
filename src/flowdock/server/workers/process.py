"""The life of a worker's process. It hears from its supervisor through a pipe, and tells it where it is.

A rolling restart may bring a newer version of this module to an older supervisor, so the words on the pipe, the name of
`work` and what it takes stay as they are.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import partial
from multiprocessing.connection import Connection
from socket import socket
from types import FrameType
from typing import Any, TypeAlias

from flowdock.server import running
from flowdock.server.app import create_app
from flowdock.server.settings import Settings

# What a supervisor says, and what a worker does.
PING, RETIRE, STOP = b"ping", b"retire", b"stop"
PONG, READY, LEAVING, FAILED = b"pong", b"ready", b"leaving", b"failed "

LONELY_SECONDS = 8.0
"""How long a worker may take to end whose supervisor is no more."""

Make: TypeAlias = Callable[[], running.Application]
"""What makes the application in a worker; it can be pickled."""


def work(make: Make, listening: socket, supervisor: Connection) -> None:
    """Serve until told otherwise, or until the supervisor is no more."""
    server = _Server(make(), supervisor)
    threading.Thread(target=server.obey, name="flowdock-worker", daemon=True).start()
    try:
        server.run(sockets=[listening])
    except running.CannotStart as error:
        server.tell(FAILED + str(error).encode())
        sys.exit(1)


def flowdock_with(settings: Settings) -> Make:
    """What makes Flowdock in a worker.

    Settings travel by name, so that those which a newer version added have their defaults there.
    """
    return partial(_flowdock, {field.name: getattr(settings, field.name) for field in fields(settings)})


def _flowdock(settings: dict[str, Any]) -> running.Application:
    return create_app(Settings(**settings))


class _Server(running.Server):
    """A server that does as its supervisor says."""

    def __init__(self, app: running.Application, supervisor: Connection) -> None:
        super().__init__(app)
        self._supervisor = supervisor
        self._loop: asyncio.AbstractEventLoop | None = None

    def obey(self) -> None:
        """Do as told, on a thread of its own, as long as there is somebody to tell it."""
        while True:
            try:
                told = self._supervisor.recv_bytes()
            except (EOFError, OSError):
                # Nobody would replace us, and whoever starts the next supervisor needs the address.
                self.stop()
                time.sleep(LONELY_SECONDS)
                os._exit(1)  # nobody else would end us if something hangs
            if told == PING and self._loop is not None:
                # Through the loop: only that shows that it turns.
                with suppress(RuntimeError):  # it has ended
                    self._loop.call_soon_threadsafe(self.tell, PONG)
            elif told == RETIRE:
                self.retire()
            elif told == STOP:
                self.stop()

    def tell(self, word: bytes) -> None:
        """Say something to the supervisor."""
        with suppress(OSError):  # it is gone, which `obey` notices
            self._supervisor.send_bytes(word)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Retire: an operator wants to be rid of this process, and another one will take its place."""
        del sig, frame
        self.retire()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and tell."""
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.tell(READY)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Tell, so that somebody else can begin meanwhile, and end."""
        self.tell(LEAVING)
        await super().shutdown(sockets)
