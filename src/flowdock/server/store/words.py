"""How a database finds messages by words; each has its own way.

What a word is, was decided before: both ways keep the words they are given and find exactly these.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from flowdock.server.store.transaction import Transaction


class WordIndex(Protocol):
    """A table `words` whose column `key` names it is; a query adds its conditions to `matching`."""

    key: str
    """The column that holds the key of the message."""

    matching: str
    """The condition that a message has all of the words; its one value is `sought`."""

    recent: int
    """How many of the newest events to look at first, because the index gives its answers in no order; 0 if it does."""

    by_index: str
    """The key in words that keep the database from reading keys in order instead of using the index."""

    beginnings_cost_all_logs: bool
    """Whether messages with the beginning of a word take as long to find in one log as in all."""

    def sought(self, log_id: int, words: Sequence[str], beginnings: Sequence[str] = ()) -> str:
        """The value for `matching`: all of these words, and for each beginning a word that begins so."""

    def add(self, tx: "Transaction", entries: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Let messages be found by words, given by the messages' keys."""

    def discard(self, tx: "Transaction", key: int, words: Sequence[str]) -> None:
        """Let a message be found no more; the words are those it was added with."""
