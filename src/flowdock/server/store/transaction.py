"""What an action works on: a database connection inside a transaction, the present moment, fresh randomness.

Actions append events; whoever runs the transaction announces them after the commit, and only then.
"""

import os
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flowdock.server.records import Site

Value = int | str | bytes | None


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
    """The database cannot do its work now; nothing of this request was stored."""


@dataclass(slots=True)
class Transaction:
    """One unit of work. `now` is in milliseconds since 1970."""

    connection: sqlite3.Connection
    now: int
    site: Site
    shelf: dict[int, tuple[int, object]] = field(default_factory=dict)
    """What was worked out of a flow's people, by log and by the stamp it is good for; shared by all transactions."""
    entropy: Callable[[int], bytes] = os.urandom
    appended: list[Appended] = field(default_factory=list)
    credentials_changed: bool = False

    def execute(self, sql: str, values: Sequence[Value] = ()) -> sqlite3.Cursor:
        """Run one statement of the subset that both databases share; `?` marks a value."""
        return self.connection.execute(sql, values)

    def one(self, sql: str, values: Sequence[Value] = ()) -> tuple[Any, ...] | None:
        """The first row, None when there is none."""
        row: tuple[Any, ...] | None = self.connection.execute(sql, values).fetchone()
        return row

    def returned(self, sql: str, values: Sequence[Value] = ()) -> tuple[Any, ...]:
        """The one row of a statement that always gives one, such as `INSERT … RETURNING`."""
        row: tuple[Any, ...] = self.connection.execute(sql, values).fetchone()
        return row

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.connection.execute(sql, values).fetchall()
