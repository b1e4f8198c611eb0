"""The two framings of a stream: encode one event, decode incrementally.

What the encoders write is held so narrow that every known client reads it: no record without an object in it, one
`data:` line for each event, no `event:` and no `retry:` line. The decoders take all that a server may send.

Source: wire facts 5.2 (JSON stream) and 5.3 (server-sent events); the WHATWG HTML standard, 9.2.6.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, NamedTuple

from flowdock.protocol.errors import StreamBroken

JSON_KEEP_ALIVE = b"\n"
SSE_KEEP_ALIVE = b":\n\n"

FRAME_LIMIT_BYTES = 8 * 1024 * 1024
"""The longest frame a decoder takes; a server that sends a longer one is broken or hostile."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_RETRY_DIGITS_LIMIT = 12


class Frame(NamedTuple):
    """One event of a stream, and the cursor from which to resume after it.

    `event` is whatever JSON the server sent; a Flowdock sends objects. `cursor` is the last `id:` seen so far and
    `None` on a JSON stream, which has none.
    """

    event: Any
    cursor: str | None


def encode_json(event: bytes) -> bytes:
    r"""One record of the JSON stream: a compact JSON object and `\r\n`.

    Raises:
        ValueError: the event is empty or holds a line break, at which clients would cut it.
    """
    _check_one_line(event, name="event")
    return event + b"\r\n"


def encode_sse(event: bytes, cursor: str | bytes) -> bytes:
    """One server-sent event: its `id:` line, its `data:` line, and the empty line that sends it off.

    Raises:
        ValueError: the event or the cursor is empty or holds a line break, or the cursor holds a NUL.
    """
    mark = cursor.encode() if isinstance(cursor, str) else cursor
    _check_one_line(event, name="event")
    _check_one_line(mark, name="cursor")
    if b"\0" in mark:
        raise ValueError(f"cursor {mark!r} holds a NUL, for which clients ignore it; choose one without")
    return b"id: %b\ndata: %b\n\n" % (mark, event)


class _Decoder(ABC):
    """What both framings share: whole frames are handed out before a broken one is reported."""

    def __init__(self) -> None:
        self._pending = bytearray()
        self._broken: StreamBroken | None = None

    def decode(self, chunk: bytes) -> list[Frame]:
        """The frames that the next bytes of the stream complete, in order.

        `chunk` may end anywhere, even inside a character; the rest is kept for the next call. Keep-alives yield
        nothing. Frames that came whole before a broken one are returned first; then every further call raises.

        Raises:
            StreamBroken: a complete frame is not JSON, or a frame is longer than `FRAME_LIMIT_BYTES`.
        """
        frames: list[Frame] = []
        if self._broken is None:
            try:
                for frame in self._frames(chunk):
                    frames.append(frame)  # noqa: PERF402 - what came before a broken frame is kept
            except StreamBroken as error:
                self._broken = error
        if self._broken is not None and not frames:
            raise self._broken
        return frames

    @abstractmethod
    def _frames(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that the chunk completes, one by one."""


class JsonDecoder(_Decoder):
    r"""Decodes the JSON stream: records of one JSON value each, cut at `\r\n`, with keep-alives of `\n` between them.

    Blank records, which other servers send to keep the connection alive, are passed over.
    """

    def _frames(self, chunk: bytes) -> Iterator[Frame]:
        searched = max(0, len(self._pending) - 1)  # a `\r` at the very end may be half of a delimiter
        self._pending += chunk
        if self._pending.find(b"\r\n", searched) != -1:
            *records, self._pending = self._pending.split(b"\r\n")
            for record in records:
                yield from self._frame(record.lstrip(b"\n"))
        if self._pending.startswith(b"\n"):
            self._pending = self._pending.lstrip(b"\n")
        _check_length(len(self._pending) - self._pending.endswith(b"\r"))

    def _frame(self, record: bytearray) -> Iterator[Frame]:
        _check_length(len(record))
        if record and not record.isspace():
            yield Frame(_parsed(record, errors="strict"), None)


class SseDecoder(_Decoder):
    """Decodes server-sent events as the WHATWG describes it; an event that nothing terminates is dropped.

    The type of an event is not looked at, since Flowdock's events have none.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cursor: str | None = None
        """The last `id:` whose event is complete: what to send as `Last-Event-ID`."""
        self.retry_seconds: float | None = None
        """How long the server asked to wait before reconnecting, if it did."""
        self._id: str | None = None
        self._data: list[bytearray] = []
        self._data_length = 0
        self._at_start = True
        self._after_cr = False

    def _frames(self, chunk: bytes) -> Iterator[Frame]:
        for line in self._lines(chunk):
            _check_length(len(line))
            if line:
                self._take(line)
                continue
            data, self._data, self._data_length = b"\n".join(self._data), [], 0
            frames = [Frame(_parsed(data, errors="replace"), self._id)] if data and not data.isspace() else []
            self.cursor = self._id  # after parsing, so that nobody resumes behind an event that came broken
            yield from frames
        _check_length(len(self._pending))

    def _lines(self, chunk: bytes) -> list[bytearray]:
        r"""The lines that the chunk completes: a line ends at `\n`, `\r\n` or `\r`."""
        if self._after_cr and chunk:
            chunk, self._after_cr = chunk.removeprefix(b"\n"), False
        self._pending += chunk
        if b"\n" not in chunk and b"\r" not in chunk:
            return []
        lines = self._pending.splitlines()
        self._after_cr = chunk.endswith(b"\r")
        self._pending = bytearray() if chunk.endswith((b"\n", b"\r")) else lines.pop()
        if self._at_start:
            lines[0], self._at_start = lines[0].removeprefix(_BYTE_ORDER_MARK), False
        return lines

    def _take(self, line: bytearray) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
            self._data_length += len(value) + 1
            _check_length(self._data_length)
        elif field == b"id" and b"\0" not in value:
            self._id = value.decode(errors="replace") or None
        elif field == b"retry" and value.isdigit() and len(value) <= _RETRY_DIGITS_LIMIT:
            self.retry_seconds = int(value) / 1000


def _check_one_line(content: bytes, *, name: str) -> None:
    if not content or content.isspace():
        raise ValueError(f"{name} {content[:60]!r} is blank; a frame needs one")
    if b"\n" in content or b"\r" in content:
        raise ValueError(
            f"{name} {content[:60]!r} holds a line break, at which clients would cut it; keep it on one line"
        )


def _check_length(length: int) -> None:
    if length > FRAME_LIMIT_BYTES:
        raise StreamBroken(f"the stream sent a frame of more than {FRAME_LIMIT_BYTES} bytes; reconnect to resume")


def _parsed(content: bytes | bytearray, *, errors: str) -> Any:
    try:
        return json.loads(content.decode(errors=errors))
    except (ValueError, RecursionError) as error:
        beginning = content[:60].decode(errors="replace")
        raise StreamBroken(f"the stream sent {beginning!r}, which is not JSON; reconnect to resume") from error
