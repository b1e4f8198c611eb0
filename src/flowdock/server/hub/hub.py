"""All feeds of this process, and everybody who reads."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Protocol

from flowdock.server.hub.feed import Feed, Reader

RETRY_SECONDS = 0.5
COME_UP_SECONDS = 10

log = logging.getLogger("flowdock.hub")


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


Fetch = Callable[[int, int], Awaitable[Sequence[Heard]]]
"""The next events of a log after a number, as they are stored, at most a page of them."""


class Hub:
    """Knows which logs are followed. A log that nobody follows costs nothing.

    `fetch` reads in a log what was not heard. `on_follow` and `on_unfollow` are told of each log that has its first
    reader here, or lost its last.
    """

    def __init__(
        self,
        fetch: Fetch,
        *,
        on_follow: Callable[[int], None] = lambda _: None,
        on_unfollow: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.readers: set[Reader] = set()
        self.on_leave: Callable[[Reader], None] = lambda _: None
        """Told of each reader that reads no more."""
        self._fetch = fetch
        self._on_follow = on_follow
        self._on_unfollow = on_unfollow
        self._feeds: dict[int, Feed] = {}
        self._fetching: dict[Feed, asyncio.Task[None]] = {}

    @property
    def followed(self) -> list[int]:
        """The logs that have readers here."""
        return list(self._feeds)

    def follow(self, log_id: int, end: int) -> Feed:
        """The feed of a log; `end` is the number of the log's newest event, as read a moment ago.

        What was stored since then is not announced again; whoever hears `on_follow` looks at the log once more.
        """
        feed = self._feeds.get(log_id)
        if feed is None:
            feed = self._feeds[log_id] = Feed(log_id, end)
            self._on_follow(log_id)
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
        self.on_leave(reader)

    def unfollow(self, feeds: Iterable[Feed]) -> None:
        """Take `follow` back."""
        for feed in feeds:
            feed.followers -= 1
            if not feed.followers and self._feeds.pop(feed.log_id, None) is not None:
                self._on_unfollow(feed.log_id)

    def announce(self, appended: Iterable[Heard]) -> None:
        """Let everybody hear what was committed, log by log, in order."""
        by_feed: dict[Feed, list[Heard]] = {}
        for one in appended:
            feed = self._feeds.get(one.log_id)
            if feed is not None:
                by_feed.setdefault(feed, []).append(one)
        # One feed after the other: until a feed has delivered, its end must not be ahead of what its readers got.
        for feed, heard in by_feed.items():
            frames = []
            for one in heard:
                frame = feed.announce(one.number, one.frame, one.expels)
                if frame is None:
                    continue
                frames.append(frame)
                if frame.expels:
                    # What comes after is not for them, though it was committed or read together with this.
                    feed.deliver(frames)
                    frames = []
                    self._expel(feed, frame.expels)
            feed.deliver(frames)
            self._fetch_what_is_missing(feed)

    def reached(self, log_id: int, number: int) -> None:
        """Hear that a log has grown to this number, by whomever."""
        feed = self._feeds.get(log_id)
        if feed is not None and number > feed.known:
            feed.known = number
            self._fetch_what_is_missing(feed)

    async def come_up_to(self, ends: Mapping[int, int]) -> None:
        """Return once everything up to these numbers came through here; only logs that are followed count.

        Raises:
            TimeoutError: the log could not be read.
        """
        for log_id, number in ends.items():
            self.reached(log_id, number)
            feed = self._feeds.get(log_id)
            task = None if feed is None or feed.end >= number else self._fetching.get(feed)
            if feed is not None and task is not None:
                await asyncio.wait([task], timeout=COME_UP_SECONDS)
                if feed.end < number:
                    raise TimeoutError(f"log {log_id} could not be read up to {number}")

    def _fetch_what_is_missing(self, feed: Feed) -> None:
        if feed.known > feed.end and feed not in self._fetching:
            task = asyncio.get_running_loop().create_task(self._catch_up(feed))
            self._fetching[feed] = task

    async def _catch_up(self, feed: Feed) -> None:
        """Read on in the log until nothing is missing, for all readers of the feed at once."""
        try:
            while feed.known > feed.end and feed.followers:
                try:
                    heard = await self._fetch(feed.log_id, feed.end)
                except Exception as error:  # noqa: BLE001 - a log that cannot be read now is read later
                    log.warning("log %d cannot be read now: %s", feed.log_id, error)
                    await asyncio.sleep(RETRY_SECONDS)
                    continue
                if not heard:
                    # Somebody spoke of what is not there, as a broker may that outlived a restored database.
                    feed.known = feed.end
                    return
                self.announce(heard)
        finally:
            del self._fetching[feed]

    def _expel(self, feed: Feed, user_id: int) -> None:
        """End the streams of somebody who may no longer read a log, whether they are live or behind."""
        for reader in [reader for reader in self.readers if reader.user_id == user_id and feed in reader.feeds]:
            reader.finish()

    def finish(self) -> None:
        """End every stream in good order, and read no more."""
        for reader in list(self.readers):
            reader.finish()
        for task in self._fetching.values():
            task.cancel()
