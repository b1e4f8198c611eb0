"""What every reader of a stream has, however its bytes leave: the feeds it follows and its position in each.

While a reader is live in a feed, its position there is the feed's end; written down it is only when it falls behind.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass

from flowdock.protocol import stream
from flowdock.server.domain import cursors
from flowdock.server.http import framings
from flowdock.server.hub.feed import Batch, Feed, Frame, Framing, Reader
from flowdock.server.hub.hub import Heard, Hub

PAGE = 256

Replay = Callable[[int, int], Awaitable[Sequence[Heard]]]
"""The next events of a log after a number, at most a page of them."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a stream is written: which framing, in HTTP chunks or bare."""

    server_sent: bool
    chunked: bool

    @property
    def framing(self) -> Framing:
        """The encoding shared by all readers of one log alone, and by all JSON readers."""
        if self.server_sent:
            return framings.as_sse_chunk if self.chunked else framings.as_sse
        return framings.as_json_chunk if self.chunked else framings.as_json

    @property
    def keep_alive(self) -> bytes:
        """What is written when there is nothing to say."""
        sign = stream.SSE_KEEP_ALIVE if self.server_sent else stream.JSON_KEEP_ALIVE
        return framings.chunk(sign) if self.chunked else sign


class Following:
    """A reader's feeds and positions."""

    __slots__ = ("compound", "feeds", "hub", "positions", "style")

    def __init__(
        self, hub: Hub, feeds: Sequence[Feed], positions: dict[int, int], style: Style, *, compound: bool
    ) -> None:
        self.hub = hub
        self.feeds = tuple(feeds)
        self.positions = positions
        self.style = style
        self.compound = style.server_sent and compound

    def encode(self, feed: Feed, batch: Batch) -> bytes:
        """The bytes of a batch for this reader; shared ones unless the cursor names several logs."""
        if not self.compound:
            return batch.encoded(self.style.framing)
        encoded = []
        for frame in batch.frames:
            self.positions[feed.log_id] = frame.number
            if frame.event:
                encoded.append(stream.encode_sse(frame.event, cursors.of_several(self.positions)))
        content = b"".join(encoded)
        return framings.chunk(content) if self.style.chunked else content

    def leave_live(self, reader: Reader, feed: Feed, number: int) -> None:
        """Remember where to read on."""
        if reader in feed.live:
            feed.live.discard(reader)
            self.positions[feed.log_id] = number

    def leave_all_live(self, reader: Reader) -> None:
        """Remember where to read on in every feed."""
        for feed in self.feeds:
            self.leave_live(reader, feed, feed.end)

    def is_behind(self, reader: Reader) -> bool:
        """Whether there is something to catch up with."""
        return any(reader not in feed.live for feed in self.feeds)

    async def catch_up(self, reader: Reader, replay: Replay) -> AsyncIterator[bytes]:
        """The bytes between the reader's positions and the ends of its feeds; afterwards it is live in all.

        The position is behind each page before it is handed out: whoever stops after a page goes on after it. It ends
        early when the reader can take no more, which may come about while the log is read, and with an event that
        expels.
        """
        for feed in self.feeds:
            while reader not in feed.live and reader.wants_more():
                position = self.positions[feed.log_id]
                frames = feed.since(position)
                if frames is None:
                    page = await replay(feed.log_id, position)
                    if not reader.wants_more():
                        return
                    # What is stored but not yet announced will be announced: to deliver it here would double it.
                    frames = [Frame(one.number, one.frame, one.expels) for one in page if one.number <= feed.end]
                frames, is_expelled = _readable(frames, reader.user_id)
                if not frames:
                    self.positions[feed.log_id] = feed.end
                    feed.live.add(reader)
                    break
                encoded = self.encode(feed, Batch(frames, after=position))
                self.positions[feed.log_id] = frames[-1].number
                if encoded:
                    yield encoded
                if is_expelled:
                    reader.finish()
                    return


def _readable(frames: Sequence[Frame], user_id: int) -> tuple[Sequence[Frame], bool]:
    """The frames that are for a user, and whether the last of them ends their stream."""
    for at, frame in enumerate(frames):
        if frame.expels == user_id:
            return frames[: at + 1], True
    return frames, False
