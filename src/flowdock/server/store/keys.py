"""The integer that names an event: its log in the upper bits, its number in that log in the lower 32.

One integer keeps a log's events side by side on disk and makes "the newest of this flow" a range of one index.
"""

from collections.abc import Collection, Iterator
from itertools import islice

NUMBER_BITS = 32
LAST_NUMBER = (1 << NUMBER_BITS) - 1
LISTED = 500
"""So many values a statement may list: every database takes as many."""


def key_of(log_id: int, number: int) -> int:
    """The key of event `number` of a log."""
    return log_id << NUMBER_BITS | number


def number_of(key: int) -> int:
    """An event's number in its log: the `id` on the wire."""
    return key & LAST_NUMBER


def log_of(key: int) -> int:
    """The log that an event is in."""
    return key >> NUMBER_BITS


def span_of(log_id: int, *, after: int = 0, before: int | None = None) -> tuple[int, int]:
    """The lowest and highest key of a log's events with `after` < number < `before`; never beyond the log."""
    low = min(max(after, 0), LAST_NUMBER)
    high = LAST_NUMBER if before is None else min(max(before - 1, 0), LAST_NUMBER)
    return key_of(log_id, low) + 1, key_of(log_id, high)


def pieces(ids: Collection[int]) -> Iterator[tuple[int, ...]]:
    """Many ids in pieces that a statement can list."""
    remaining = iter(ids)
    while some := tuple(islice(remaining, LISTED)):
        yield some
