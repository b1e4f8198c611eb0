"""All feeds of this process, and everybody who reads."""

from collections.abc import Iterable
from typing import Protocol

from flowdock.server.hub.feed import Feed, Reader


class Heard(Protocol):
    """Something that was appended to a log; number 0 is a whisper, `expels` a user who may no longer read it."""

    @property
    def log_id(self) -> int:
        """Which log."""

    @property
    def number(self) -> int:
        """Its number in the log."""

    @property
    def frame(self) -> bytes:
        """Its JSON as streams carry it."""

    @property
    def expels(self) -> int:
        """Whose streams end with it; 0 for nobody's."""


class Hub:
    """Knows which logs are followed. A log that nobody follows costs nothing."""

    def __init__(self) -> None:
        self.readers: set[Reader] = set()
        self._feeds: dict[int, Feed] = {}

    def follow(self, log_id: int, end: int) -> Feed:
        """The feed of a log; `end` is the number of the log's newest event, as just read.

        Nothing may be awaited between that read and this: what is announced to nobody is not announced again.
        """
        feed = self._feeds.get(log_id)
        if feed is None:
            feed = self._feeds[log_id] = Feed(log_id, end)
        feed.followers += 1
        return feed

    def leave(self, reader: Reader, feeds: Iterable[Feed]) -> None:
        """Forget a reader."""
        if reader not in self.readers:
            return
        self.readers.discard(reader)
        followed = tuple(feeds)
        for feed in followed:
            feed.live.discard(reader)
        self.unfollow(followed)

    def unfollow(self, feeds: Iterable[Feed]) -> None:
        """Take `follow` back."""
        for feed in feeds:
            feed.followers -= 1
            if not feed.followers:
                self._feeds.pop(feed.log_id, None)

    def announce(self, appended: Iterable[Heard]) -> None:
        """Let everybody hear what was committed, log by log, in order."""
        by_feed: dict[Feed, list[Heard]] = {}
        for one in appended:
            feed = self._feeds.get(one.log_id)
            if feed is not None:
                by_feed.setdefault(feed, []).append(one)
        # One feed after the other: until a feed has delivered, its end must not be ahead of what its readers got.
        for feed, heard in by_feed.items():
            frames = [frame for one in heard if (frame := feed.announce(one.number, one.frame)) is not None]
            feed.deliver(frames)
            for one in heard:
                if one.expels:
                    self._expel(feed, one.expels)

    def _expel(self, feed: Feed, user_id: int) -> None:
        """End the streams of somebody who may no longer read a log, whether they are live or behind."""
        for reader in [reader for reader in self.readers if reader.user_id == user_id and feed in reader.feeds]:
            reader.finish()

    def finish(self) -> None:
        """End every stream in good order."""
        for reader in list(self.readers):
            reader.finish()
