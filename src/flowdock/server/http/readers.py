"""Readers of streams: one that owns its connection, and a slower one for servers that do not hand connections over."""

import asyncio
import socket
from collections.abc import Callable, Sequence

from flowdock.server.http.following import Following
from flowdock.server.http.framings import LAST_CHUNK
from flowdock.server.hub.feed import Batch, Feed

SEND_BUFFER_BYTES = 256 * 1024
"""What the kernel may hold for a slow reader; without a bound it would hide thousands of events."""
PATIENCE_SECONDS = 120
"""A reader that takes nothing for so long is cut off."""
WAITING_LIMIT = 64
"""How many batches may wait for a reader that has no connection of its own."""


class ConnectionReader(asyncio.Protocol):
    """A stream's reader on a connection of its own: shared bytes go straight to the transport."""

    __slots__ = (
        "_deadline",
        "_gone",
        "_read_on",
        "_transport",
        "following",
        "paused",
        "reading",
        "token_id",
        "user_id",
    )

    def __init__(
        self,
        user_id: int,
        following: Following,
        *,
        token_id: int = 0,
        gone: Callable[[asyncio.Protocol], None],
        read_on: Callable[["ConnectionReader"], None],
    ) -> None:
        self.user_id = user_id
        self.token_id = token_id
        self.following = following
        self.paused = False
        self.reading = False
        """Whether somebody is fetching from the log for it."""
        self._gone = gone
        self._read_on = read_on
        self._deadline: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None

    def begin(self, transport: asyncio.Transport) -> None:
        """Start to read on a connection that was taken over."""
        self._transport = transport
        peer = transport.get_extra_info("socket")
        if peer is not None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.following.hub.readers.add(self)
        self._read_on(self)

    @property
    def feeds(self) -> Sequence[Feed]:
        """What is followed."""
        return self.following.feeds

    @property
    def closed(self) -> bool:
        """Whether nothing more can be sent."""
        return self._transport is None or self._transport.is_closing()

    def wants_more(self) -> bool:
        """Whether it is worth fetching the next page."""
        return not self.paused and not self.closed

    def write(self, content: bytes) -> None:
        """Send bytes that are chunked already."""
        if self._transport is not None and content:
            self._transport.write(content)

    def deliver(self, feed: Feed, batch: Batch) -> None:
        """Send what one commit brought."""
        self.write(self.following.encode(feed, batch))

    def fall_behind(self, feed: Feed, number: int) -> None:
        """Read on in the log."""
        self.following.leave_live(self, feed, number)
        if not self.paused:
            self._read_on(self)

    def keep_alive(self) -> None:
        """Show that the stream lives."""
        if not self.paused:
            self.write(self.following.style.keep_alive)

    def finish(self) -> None:
        """End the body properly, then the connection."""
        if self._transport is None or self._transport.is_closing():
            return
        self.following.hub.leave(self, self.following.feeds)
        self.write(LAST_CHUNK)
        self._transport.close()
        # Closing waits until everything is sent, which a client that takes nothing would never let happen.
        self._set_deadline()

    def shutdown(self) -> None:
        """What uvicorn calls on each connection when it stops."""
        self.finish()

    def pause_writing(self) -> None:
        """The transport holds enough: from now on this is a reader with a position."""
        self.paused = True
        self.following.leave_all_live(self)
        self._set_deadline()

    def resume_writing(self) -> None:
        """The transport has room again."""
        self.paused = False
        if not self.closed:
            self._clear_deadline()
            self._read_on(self)

    def data_received(self, data: bytes) -> None:
        """A client has nothing to say once its stream runs; what it says all the same is not heard."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone."""
        del exc
        self._clear_deadline()
        self.following.hub.leave(self, self.following.feeds)
        self._gone(self)
        self._transport = None

    def _set_deadline(self) -> None:
        if self._deadline is None:
            self._deadline = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._cut_off)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _cut_off(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class WaitingReader:
    """A stream's reader on any ASGI server: what comes waits here until the stream's own task sends it."""

    def __init__(self, user_id: int, following: Following, *, token_id: int = 0) -> None:
        self.user_id = user_id
        self.token_id = token_id
        self.following = following
        self.finished = False
        self.something = asyncio.Event()
        self._waiting: list[bytes] = []
        following.hub.readers.add(self)

    @property
    def feeds(self) -> Sequence[Feed]:
        """What is followed."""
        return self.following.feeds

    def push(self, content: bytes) -> None:
        """Queue bytes behind what waits."""
        self._waiting.append(content)
        self.something.set()

    def take(self) -> bytes:
        """All that waits."""
        content, self._waiting = b"".join(self._waiting), []
        return content

    def deliver(self, feed: Feed, batch: Batch) -> None:
        """Queue what one commit brought; when too much waits, become a position instead."""
        if len(self._waiting) < WAITING_LIMIT:
            self.push(self.following.encode(feed, batch))
        else:
            self.fall_behind(feed, batch.after)

    def fall_behind(self, feed: Feed, number: int) -> None:
        """Read on in the log."""
        self.following.leave_live(self, feed, number)
        self.something.set()

    def wants_more(self) -> bool:
        """Whether the stream goes on."""
        return not self.finished

    def keep_alive(self) -> None:
        """Show that the stream lives."""
        if not self._waiting:
            self.push(self.following.style.keep_alive)

    def finish(self) -> None:
        """Let the stream's task send what waits, and end."""
        self.finished = True
        self.leave()
        self.something.set()

    def leave(self) -> None:
        """The client is gone, or the stream over."""
        self.following.hub.leave(self, self.feeds)
