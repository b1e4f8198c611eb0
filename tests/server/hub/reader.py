"""What a hub is told, and a reader that writes down what it is given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flowdock.server.hub.feed import Batch, Feed


@dataclass(frozen=True)
class News:
    """Something that was appended to a log."""

    log_id: int
    number: int
    frame: bytes = b"{}"
    expels: int = 0


class Notebook:
    """Follows feeds; `numbers` are those of the events it got, whispers by the position at which they came."""

    def __init__(self, user_id: int = 1, *, on_delivery: Callable[[], None] = lambda: None) -> None:
        self.user_id = user_id
        self.token_id = 0
        self.feeds: Sequence[Feed] = ()
        self.got: list[tuple[int, int, bytes]] = []
        self.fell_behind: list[tuple[int, int]] = []
        self.finished = False
        self._on_delivery = on_delivery

    @property
    def numbers(self) -> list[int]:
        return [number for _, number, _ in self.got]

    def deliver(self, feed: Feed, batch: Batch) -> None:
        assert batch.after == self.position(feed, batch)
        self.got += [(feed.log_id, frame.number, frame.event) for frame in batch.frames]
        self._on_delivery()

    def position(self, feed: Feed, batch: Batch) -> int:
        """Where it stood in a feed before the batch, by what it got itself."""
        own = [number for log_id, number, _ in self.got if log_id == feed.log_id]
        return own[-1] if own else batch.after

    def fall_behind(self, feed: Feed, number: int) -> None:
        feed.live.discard(self)
        self.fell_behind.append((feed.log_id, number))

    def wants_more(self) -> bool:
        return not self.finished

    def keep_alive(self) -> None:
        self.got.append((0, 0, b""))

    def finish(self) -> None:
        self.finished = True


async def nothing_is_missing(log_id: int, number: int) -> list[News]:
    """For a hub that hears everything itself."""
    raise AssertionError((log_id, number))
