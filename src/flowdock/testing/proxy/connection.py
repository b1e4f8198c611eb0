"""One connection through the proxy: two directions, and what goes wrong with the request that is on its way."""

import asyncio
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NamedTuple

from flowdock.testing.proxy.faults import Fault, Side
from flowdock.testing.proxy.traffic import Traffic

CHUNK_BYTES = 65536
HELD_BYTES = 1 << 20
"""So much is taken from who sends while nothing is passed on; then they have to wait as well."""

_AT_ONCE = struct.pack("ii", 1, 0)


class End(NamedTuple):
    """The proxy's end of a connection to a client or to the server."""

    reader: StreamReader
    writer: StreamWriter

    def reset(self) -> None:
        """End it so that the other side sees an error."""
        with suppress(OSError):
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.writer.transport.abort()


class _Over(Exception):
    """This connection has ended."""


class Connection:
    """Passes on what comes until one end is gone, or a fault ends both."""

    def __init__(self, traffic: Traffic, client: End, server: End) -> None:
        self._traffic = traffic
        self._ends = {"request": (client, server), "answer": (server, client)}
        self._fault: Fault | None = None
        self._passed = 0
        self._is_asking = False

    async def run(self) -> None:
        """Return when it is over."""
        with suppress(_Over, OSError):
            try:
                async with asyncio.TaskGroup() as directions:
                    directions.create_task(self._pass_on("request"))
                    directions.create_task(self._pass_on("answer"))
            except ExceptionGroup as group:
                raise group.exceptions[0] from None
        for end in self._ends["request"]:
            end.writer.close()

    async def _pass_on(self, side: Side) -> None:
        source, sink = self._ends[side]
        while chunk := await source.reader.read(CHUNK_BYTES):
            self._turn(side)
            if (fault := self._fault) is None or (fault.kind != "fragment" and fault.side != side):
                await self._write(sink, chunk)
            elif fault.kind == "fragment":
                for at in range(0, len(chunk), fault.size):
                    await self._write(sink, chunk[at : at + fault.size])
            else:
                whole = chunk[: fault.after - self._passed]
                self._passed += len(whole)
                await self._write(sink, whole)
                if self._passed == fault.after:
                    self._fault = None
                    await self._write(sink, chunk[len(whole) :] + await self._strike(fault, source, sink))
        raise _Over

    def _turn(self, side: Side) -> None:
        """Notice where one request ends and the next one begins."""
        if side == "request" and not self._is_asking:
            self._is_asking, self._passed = True, 0
            self._fault = self._traffic.begun()
            if self._fault is not None and self._fault.kind == "fragment":
                self._traffic.struck(self._fault)
        elif side == "answer" and self._is_asking:
            self._is_asking = False
            self._traffic.answered()

    async def _strike(self, fault: Fault, source: End, sink: End) -> bytes:
        """Let it happen; gives what has come in the meantime."""
        self._traffic.struck(fault)
        match fault.kind:
            case "stall":
                return await _held(source, asyncio.Event().wait, fault.seconds)
            case "hold":
                return await _held(source, lambda: self._traffic.others(fault.size), fault.seconds)
            case "half_close":
                sink.writer.write_eof()
                while await source.reader.read(CHUNK_BYTES):
                    pass
            case "cut" | "refuse":
                source.reset()
                sink.reset()
        raise _Over

    async def _write(self, sink: End, content: bytes) -> None:
        if content:
            await self._traffic.flowing.wait()
            sink.writer.write(content)
            await sink.writer.drain()


async def _held(source: End, until: Callable[[], Awaitable[object]], seconds: float | None) -> bytes:
    """What arrives while something is waited for, so that it is noticed when nobody is there any more."""
    held = bytearray()

    async def take() -> None:
        while len(held) < HELD_BYTES:
            chunk = await source.reader.read(CHUNK_BYTES)
            if not chunk:
                raise _Over
            held.extend(chunk)

    taking = asyncio.ensure_future(take())
    waiting = asyncio.ensure_future(until())
    try:
        async with asyncio.timeout(seconds):
            await asyncio.wait({taking, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if taking.done():
                await taking
                await waiting
    except TimeoutError:
        pass
    finally:
        for one in (taking, waiting):
            one.cancel()
        await asyncio.gather(taking, waiting, return_exceptions=True)
    return bytes(held)
