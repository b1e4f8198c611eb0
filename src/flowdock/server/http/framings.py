"""How frames leave: as records of the JSON stream or as server-sent events, bare or as one HTTP chunk.

Each is a plain function, so that a batch can remember what it encoded by it.

Source: wire facts 5.2, 5.3; RFC 9112, 7.1 (chunked coding).
"""

from collections.abc import Sequence

from flowdock.protocol import stream
from flowdock.server.domain import cursors
from flowdock.server.hub.feed import Frame

LAST_CHUNK = b"0\r\n\r\n"


def chunk(content: bytes) -> bytes:
    """One HTTP chunk; nothing for nothing, since an empty chunk would end the body."""
    return b"%x\r\n%b\r\n" % (len(content), content) if content else b""


def as_json(frames: Sequence[Frame]) -> bytes:
    """Records of the JSON stream."""
    return b"".join([stream.encode_json(frame.event) for frame in frames if frame.event])


def as_sse(frames: Sequence[Frame]) -> bytes:
    """Server-sent events of a reader that follows one log: its position is the cursor."""
    return b"".join([stream.encode_sse(frame.event, cursors.of_one(frame.number)) for frame in frames if frame.event])


def as_json_chunk(frames: Sequence[Frame]) -> bytes:
    """The same as one HTTP chunk."""
    return chunk(as_json(frames))


def as_sse_chunk(frames: Sequence[Frame]) -> bytes:
    """The same as one HTTP chunk."""
    return chunk(as_sse(frames))
