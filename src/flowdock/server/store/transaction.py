"""What an action works on: a database inside a transaction, the present moment, fresh randomness.

Actions append events; whoever runs the transaction announces them after the commit, and only then.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flowdock.server.records import Site
from flowdock.server.store.words import WordIndex

Value = int | str | bytes | Sequence[int] | Sequence[str] | None
"""A sequence is an array, which only PostgreSQL has."""
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Appended:
    """An event that a transaction put into a log: `frame` is its JSON as streams carry it.

    `number` is 0 for a whisper, which is heard but never stored. `expels` is the user whose streams of this log end
    with this event.
    """

    log_id: int
    number: int
    frame: bytes
    expels: int = 0


class NotFound(LookupError):
    """A query that must give something found nothing."""


class Unavailable(Exception):
    """The database cannot do its work now; nothing of this request was acknowledged."""


@dataclass(slots=True, kw_only=True)
class Transaction(ABC):
    """One unit of work. `now` is in milliseconds since 1970.

    Statements are of the subset that both databases share; `?` marks a value.
    """

    words: ClassVar[WordIndex]
    """How this database finds messages by words."""

    now: int
    site: Site
    shelf: dict[int, tuple[int, object]] = field(default_factory=dict)
    """What was worked out of a flow's people, by log and by the stamp it is good for; shared by all transactions."""
    entropy: Callable[[int], bytes] = os.urandom
    appended: list[Appended] = field(default_factory=list)
    credentials_changed: bool = False

    @abstractmethod
    def execute(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Run one statement that changes something."""

    @abstractmethod
    def execute_each(self, sql: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run one statement that changes something for each of these rows of values."""

    @abstractmethod
    def returned(self, sql: str, values: Sequence[Value] = ()) -> Row:
        """The one row of a statement that changes something and always gives one, such as `INSERT … RETURNING`."""

    @abstractmethod
    def one(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """The first row of a query, None when there is none."""

    @abstractmethod
    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows of a query."""

    @abstractmethod
    def lock(self, sql: str, values: Sequence[Value] = ()) -> None:
        """Keep everybody else from changing the rows of a query until the commit; nothing in a read.

        What is read afterwards stays true. Where there is one writer anyway, that is so without.
        """

    @abstractmethod
    def claim(self, sql: str, values: Sequence[Value] = ()) -> bool:
        """Lock the rows of a query unless somebody else has them: for duties that one process at a time performs."""
