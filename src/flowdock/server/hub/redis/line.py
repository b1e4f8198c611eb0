"""Hearing: one connection that is subscribed to channels of one server."""

import asyncio
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any, Never, Protocol

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ResponseError

from flowdock.server.hub.redis.connecting import stay_connected
from flowdock.server.hub.redis.servers import Server

BATCH = 500
"""Subscriptions that are asked for at once."""


class Listener(Protocol):
    """Who is told what a line hears."""

    def confirmed(self, line: "Line", channels: Sequence[bytes]) -> None:
        """What is said on these channels is heard from now on."""

    def heard(self, channel: bytes, content: bytes) -> None:
        """Somebody said this."""

    def moved(self, line: "Line", channel: bytes) -> None:
        """The server gave this channel to another and will say no more of it."""

    def refused(self, line: "Line", why: str) -> None:
        """A channel cannot be had from this server now; it stays unconfirmed."""

    def lost(self, line: "Line") -> None:
        """Nothing is heard any more. The line connects again by itself, and then asks for everything anew."""


class Line:
    """Listens on one server. Each `ask` that is not taken back is answered by `Listener.confirmed` or worse.

    A server from which nothing came for `silence_seconds`, though it was asked for a sign of life, is given up.
    """

    def __init__(self, server: Server, listener: Listener, *, silence_seconds: float) -> None:
        self._server = server
        self._listener = listener
        self._silence_seconds = silence_seconds
        self._wanted: set[bytes] = set()
        self._asked: dict[bytes, bool] = {}
        """What is still to be sent, in order: True for a channel that is wanted, False for one that no longer is."""
        self._leaving: Counter[bytes] = Counter()
        """How often a channel was given up without an answer yet; a server that moves it says the same unasked."""
        self._confirmed: list[bytes] = []
        self._to_send = asyncio.Event()
        self._ping = False
        self._silent = False
        self._up = True
        self._prefix = b"S" if server.sharded else b""

    def ask(self, channel: bytes) -> None:
        """Listen to this channel, if possible; what is listened to already is confirmed again."""
        self._wanted.add(channel)
        self._send(channel, wanted=True)

    def drop(self, channel: bytes) -> None:
        """Listen to it no longer."""
        self._wanted.discard(channel)
        self._send(channel, wanted=False)

    async def run(self) -> Never:
        """Listen, until cancelled."""
        await stay_connected(self._server, self._talk, self._lose)

    def _send(self, channel: bytes, *, wanted: bool) -> None:
        self._asked.pop(channel, None)
        self._asked[channel] = wanted
        self._to_send.set()

    def _lose(self) -> None:
        if self._up:
            self._up = False
            self._confirmed.clear()
            self._listener.lost(self)

    async def _talk(self, connection: AbstractConnection) -> Never:
        self._up = True
        self._leaving.clear()
        self._asked = dict.fromkeys(self._wanted, True)
        self._to_send.set()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ask(connection))
            tasks.create_task(self._watch())
            await self._hear(connection)
        raise AssertionError("hearing never ends by itself")

    async def _ask(self, connection: AbstractConnection) -> Never:
        while True:
            await self._to_send.wait()
            self._to_send.clear()
            while self._asked or self._ping:
                commands = self._next_commands()
                await connection.send_packed_command(connection.pack_commands(commands), check_health=False)

    def _next_commands(self) -> list[tuple[bytes, ...]]:
        commands: list[tuple[bytes, ...]] = [(b"PING",)] if self._ping else []
        self._ping = False
        # One command for each: in a cluster those of several slots may not share one.
        for channel in list(self._asked)[:BATCH]:
            wanted = self._asked.pop(channel)
            commands.append((self._prefix + (b"SUBSCRIBE" if wanted else b"UNSUBSCRIBE"), channel))
            self._leaving[channel] += not wanted
        return commands

    async def _watch(self) -> Never:
        half = self._silence_seconds / 2
        while True:
            self._silent = True
            await asyncio.sleep(half)
            if self._silent:
                self._ping = True
                self._to_send.set()
                await asyncio.sleep(half)
                if self._silent:
                    raise TimeoutError(f"{self._server.name} was silent for {self._silence_seconds:g} s")

    async def _hear(self, connection: AbstractConnection) -> Never:
        while True:
            try:
                message = await connection.read_response(timeout=math.inf, disconnect_on_error=False)
            except ResponseError as error:
                if not self._server.sharded:
                    raise
                # It does not say which channel is meant, if that is another's by now, or nobody's.
                self._listener.refused(self, str(error))
            else:
                self._take(message)
            self._silent = False

    def _take(self, message: Any) -> None:
        match message:
            case [b"message" | b"smessage", channel, content]:
                self._listener.heard(channel, content)
            case [b"subscribe" | b"ssubscribe", channel, _]:
                self._confirm(channel)
            case [b"unsubscribe" | b"sunsubscribe", channel, _]:
                self._leave(channel)

    def _confirm(self, channel: bytes) -> None:
        # What came in one piece is reported at once: it is read without waiting in between.
        if not self._confirmed:
            asyncio.get_running_loop().call_soon(self._report)
        self._confirmed.append(channel)

    def _report(self) -> None:
        confirmed, self._confirmed = self._confirmed, []
        wanted = [channel for channel in confirmed if channel in self._wanted]
        if wanted:
            self._listener.confirmed(self, wanted)

    def _leave(self, channel: bytes) -> None:
        if self._leaving[channel] > 0:
            self._leaving[channel] -= 1
        elif channel in self._wanted:
            self._listener.moved(self, channel)
        if not self._leaving[channel]:
            del self._leaving[channel]
