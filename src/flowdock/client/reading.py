"""Where a reader of a stream stands, and how well it goes. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from flowdock.client.subscriptions import Subscription
from flowdock.protocol.errors import FlowdockError, StreamBroken

State: TypeAlias = Literal["connecting", "backfilling", "open", "waiting", "closed"]
"""Of a stream; while it waits it is about to be opened again."""
OnState: TypeAlias = Callable[[State, FlowdockError | None], None]
"""Called when the state of a stream has changed, with what went wrong if something did."""


@dataclass(slots=True, kw_only=True)
class Reader:
    """A position in a stream."""

    cursor: str | None = None
    """Of the last event it has seen; the stream goes on right after it."""
    last: dict[str, int] = field(default_factory=dict)
    """By place the highest `id` that it has seen: from there the messages are listed that the stream cannot bring."""
    is_behind: bool = False
    """Whether there is something to list before the stream's own events are its."""
    failures: int = 0
    """How often in a row the stream was lost before a byte came."""
    was_open: bool = False
    broken_at: tuple[str | None] | None = None
    """The cursor, in a tuple, after which something came that is not an event."""

    _streamed: dict[str, int] = field(default_factory=dict, repr=False, compare=False)
    """By place the highest `id` that the stream itself has brought."""

    def opened(self, begins_at: str | None, *, gap: str | None) -> None:
        """Take note of a stream that begins, at the cursor the server named, if it did; an own one is kept.

        `gap` is why it does not begin right after that one.
        """
        self.was_open = True
        self.is_behind = self.is_behind or gap is not None
        if self.cursor is None and not self.is_behind:
            self.cursor = begins_at

    def caught_up(self, begins_at: str | None) -> None:
        """Take note that what came before the stream's own events was listed, or is lost."""
        self.is_behind = False
        self.cursor = begins_at

    def forget(self) -> None:
        """Take note that numbers begin anew somewhere before those that were seen."""
        self.last.clear()
        self._streamed.clear()

    def saw(self, cursor: str | None, place: str | None = None, number: object = None) -> None:
        """Take note of an event; one without a cursor does not move it in the stream."""
        if cursor:
            self.cursor = cursor
        if place is not None and isinstance(number, int) and number > self.last.get(place, 0):
            self.last[place] = number

    def is_new(self, place: str | None, number: object) -> bool:
        """Whether the stream brings this number for the first time; within a place they grow."""
        if place is None or not isinstance(number, int):
            return True
        is_new = number > self._streamed.get(place, 0)
        if is_new:
            self._streamed[place] = number
        return is_new

    def lost(self, error: FlowdockError | None) -> None:
        """Take note that the stream is over, by an error or properly."""
        if isinstance(error, StreamBroken):
            self.broken_at = (self.cursor,)
        self.failures += 1


def begun(subscription: Subscription, since: str | int | Mapping[str, int] | None) -> Reader:
    """The reader of a stream that begins after an event, which a cursor or the number of a message tells, or now.

    Of several places there is a number for each, by the names that `Subscription.place_of` gives.
    """
    if isinstance(since, Mapping):
        return Reader(last=dict(since), is_behind=True)
    if not isinstance(since, int):
        return Reader(cursor=since)
    # A flow's stream has the numbers of its messages for cursors; that of private events has not.
    place, is_flow = subscription.name, subscription.partner is None
    return Reader(cursor=str(since) if is_flow else None, last={place: since}, is_behind=not is_flow)
