"""Both ends of a stream in memory: a transport that fills up, and a client that reads what came through it."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from flowdock.protocol.stream import SseDecoder


class Wire(asyncio.Transport):
    """Holds `capacity` bytes, then asks its protocol to pause; `drain` hands them to the other end."""

    def __init__(self, protocol: Any, *, capacity: int, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self.protocol = protocol
        self.capacity = capacity
        self._take = take
        self._buffer = bytearray()
        self._paused = False
        self._closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._buffer += data
        if len(self._buffer) > self.capacity and not self._paused:
            self._paused = True
            self.protocol.pause_writing()

    def drain(self) -> None:
        """The other end takes all there is."""
        content, self._buffer = bytes(self._buffer), bytearray()
        self._take(content)
        if self._closing:
            self.cut()
        elif self._paused:
            self._paused = False
            self.protocol.resume_writing()

    def cut(self) -> None:
        """The connection is lost, with whatever was on its way."""
        self._closing = True
        self._buffer.clear()
        self.protocol.connection_lost(None)

    def is_closing(self) -> bool:
        return self._closing

    def close(self) -> None:
        self._closing = True
        if not self._buffer:
            asyncio.get_running_loop().call_soon(self.cut)

    def abort(self) -> None:
        self.cut()

    @property
    def waiting_bytes(self) -> int:
        return len(self._buffer)


class Unchunked:
    """HTTP's chunked coding taken off; `ended` by the last chunk."""

    def __init__(self) -> None:
        self.ended = False
        self._pending = b""

    def decode(self, data: bytes) -> bytes:
        self._pending += data
        content = b""
        while b"\r\n" in self._pending:
            assert not self.ended, f"{self._pending!r} came after the last chunk"
            size, _, rest = self._pending.partition(b"\r\n")
            length = int(size, 16)
            if len(rest) < length + 2:
                break
            assert rest[length : length + 2] == b"\r\n"
            content += rest[:length]
            self._pending = rest[length + 2 :]
            self.ended = length == 0
        return content


class Listener:
    """A client that reads server-sent events and remembers where it was."""

    def __init__(self, *, chunked: bool) -> None:
        self.chunked = chunked
        self.events: list[Any] = []
        self.cursor: str | None = None
        self.ended = False
        self.reconnect()

    def reconnect(self) -> None:
        """Begin to read a new answer."""
        self._chunks = Unchunked()
        self._decoder = SseDecoder()

    def take(self, content: bytes) -> None:
        plain = self._chunks.decode(content) if self.chunked else content
        self.ended = self._chunks.ended
        self.events += [frame.event for frame in self._decoder.decode(plain)]
        self.cursor = self._decoder.cursor or self.cursor


def event(log_id: int, number: int, **more: object) -> bytes:
    """An event of a log as JSON; number 0 stands for a whisper."""
    return json.dumps({"log": log_id, "number": number, **more}).encode()
