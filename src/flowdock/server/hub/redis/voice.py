"""Telling: one connection that publishes on one server."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Never

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from flowdock.server.hub.redis.connecting import stay_connected
from flowdock.server.hub.redis.letters import Channels, Letter, Outbox
from flowdock.server.hub.redis.servers import Server

ANSWER_SECONDS = 2.0
FAREWELL_SECONDS = 1.0
"""How long the end of a process may take for telling what still waits."""


class Voice:
    """Tells the processes that listen on one server. What is given while it tells goes along next time, all at once.

    `failed` is called when the server could not be told: it is gone, or a log is another's by now.
    """

    def __init__(self, server: Server, channels: Channels, *, failed: Callable[[], None]) -> None:
        self._server = server
        self._channels = channels
        self._failed = failed
        self._outbox = Outbox()
        self._filled = asyncio.Event()
        self._publish = b"SPUBLISH" if server.sharded else b"PUBLISH"

    def tell(self, letters: Iterable[Letter]) -> None:
        """Tell this as soon as possible."""
        self._outbox.put(letters)
        self._filled.set()

    def silence(self) -> list[Letter]:
        """What was not told yet, for somebody else to tell."""
        return self._outbox.take()

    async def run(self) -> Never:
        """Tell, until cancelled; and then what is left, if that is quick."""
        try:
            await stay_connected(self._server, self._talk, self._failed)
        finally:
            if self._outbox:
                with suppress(RedisError, OSError):
                    await self._say_farewell()

    async def _talk(self, connection: AbstractConnection) -> Never:
        while True:
            await self._filled.wait()
            # Nobody answers what was not asked: what can be read now is the end of this connection.
            if await connection.can_read():
                raise ConnectionResetError(f"{self._server.name} ended the connection")
            self._filled.clear()
            await self._tell(connection)

    async def _tell(self, connection: AbstractConnection) -> None:
        letters = self._outbox.take()
        commands = [
            (self._publish, self._channels.name(letter.log_id), self._channels.written(letter)) for letter in letters
        ]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await connection.send_packed_command(connection.pack_commands(commands), check_health=False)
                for _ in letters:
                    await connection.read_response()
        except BaseException:
            self._outbox.put_back(letters)
            self._filled.set()
            raise

    async def _say_farewell(self) -> None:
        async with asyncio.timeout(FAREWELL_SECONDS), self._server.connected() as connection:
            await self._tell(connection)
