"""The live tail of one log.

A feed keeps the newest frames and the readers that have everything up to its end. Such a reader gets each commit the
moment it is announced; one that cannot keep up leaves the live ones and later reads on from its position, here or, when
the tail no longer reaches back, in the log. First connect, resume and slow reader are therefore the same.

What other processes append is not announced here, only how far the log has grown. Then the part that was not heard is
read from the log, once for everybody.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

TAIL_LENGTH = 512

log = logging.getLogger("flowdock.hub")


class Frame(NamedTuple):
    """One event as JSON, empty where something was removed.

    `number` is the position of a reader that has it; a whisper leaves the position where it was. `expels` is the user
    whose streams end with it, 0 for nobody.
    """

    number: int
    event: bytes
    expels: int = 0


Framing = Callable[[Sequence[Frame]], bytes]


class Batch:
    """What one commit brought to one log, encoded once per framing however many readers there are.

    `after` is the position of a reader that had everything before it.
    """

    __slots__ = ("_encoded", "after", "frames")

    def __init__(self, frames: Sequence[Frame], *, after: int) -> None:
        self.frames = frames
        self.after = after
        self._encoded: dict[Framing, bytes] = {}

    def encoded(self, framing: Framing) -> bytes:
        """The bytes of all frames."""
        known = self._encoded.get(framing)
        if known is None:
            known = self._encoded[framing] = framing(self.frames)
        return known


class Reader(Protocol):
    """Somebody who follows feeds."""

    user_id: int
    token_id: int
    """The token they came with, 0 for a password."""

    @property
    def feeds(self) -> Sequence["Feed"]:
        """What is followed."""

    def deliver(self, feed: "Feed", batch: Batch) -> None:
        """Take what one commit brought: it comes right after what was had, and the feed's end is already behind it."""

    def fall_behind(self, feed: "Feed", number: int) -> None:
        """Something after `number` was not heard here: look into the log."""

    def wants_more(self) -> bool:
        """Whether it can take more now; one that is gone or too slow cannot become live."""

    def keep_alive(self) -> None:
        """Show that the stream lives."""

    def finish(self) -> None:
        """End the stream in good order."""


class Feed:
    """The tail of one log and its live readers.

    `end` is the number of the newest event that came through here, `known` that of the newest event heard of.
    """

    __slots__ = ("_delivered", "_tail", "end", "followers", "known", "live", "log_id")

    def __init__(self, log_id: int, end: int) -> None:
        self.log_id = log_id
        self.end = end
        self.known = end
        self.live: set[Reader] = set()
        self.followers = 0
        self._delivered = end
        """What every live reader has; behind `end` only between `announce` and `deliver`."""
        self._tail: deque[Frame] = deque(maxlen=TAIL_LENGTH)

    def since(self, number: int) -> Sequence[Frame] | None:
        """The frames after a position, None when the tail does not reach back that far."""
        if number >= self.end:
            return ()
        if not self._tail or self._tail[0].number > number + 1:
            return None
        missed = self.end - number
        return [self._tail[at] for at in range(len(self._tail) - missed, len(self._tail))]

    def announce(self, number: int, event: bytes, expels: int = 0) -> Frame | None:
        """Let the tail grow by one event, in order; None when it came already, or when one before it was not heard."""
        if number == 0:
            return Frame(self.end, event)
        self.known = max(self.known, number)
        if number != self.end + 1:
            return None
        frame = Frame(number, event, expels)
        self.end = number
        self._tail.append(frame)
        return frame

    def deliver(self, frames: Sequence[Frame]) -> None:
        """Hand frames to every live reader; one that cannot take more leaves while they are written."""
        if not frames:
            return
        batch = Batch(frames, after=self._delivered)
        self._delivered = self.end
        for reader in list(self.live):
            if reader not in self.live:  # delivering to another may have ended this one
                continue
            try:
                reader.deliver(self, batch)
            except Exception:
                log.exception("an event could not be delivered; that stream ends, and its client resumes")
                reader.fall_behind(self, batch.after)
                reader.finish()
