"""One end of a move: a database that is read from or written to, and what the two kinds of it differ in."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Self

from flowdock.server.records import Site
from flowdock.server.store.moving.tables import Table
from flowdock.server.store.schema import HEAD, State
from flowdock.server.store.transaction import Row, Transaction

NOBODY = Site(api_url="", web_url="", mail_domain="", secret=b"")
"""Nothing that a move does needs to know where the site is reached."""


class CannotMove(Exception):
    """A move cannot begin, go on or be finished; the text says why and what to do."""


def check_age(name: str, state: State) -> None:
    """See that a database, which is about to be migrated, cannot be somebody's who did not ask for that."""
    if state.revision is not None and state.revision < HEAD and not state.is_half_a_site:
        raise CannotMove(f"{name} holds tables of an older version of Flowdock; give an empty database")


class End(ABC):
    """A database at one end of a move. Open it with `with`.

    `name` is how people may read where it is; `errors` are what its driver raises.
    """

    name: str
    errors: tuple[type[Exception], ...]

    @abstractmethod
    def __enter__(self) -> Self:
        """Connect."""

    @abstractmethod
    def __exit__(self, *_: object) -> None:
        """Undo what is not committed, and let go."""

    @abstractmethod
    def prepare_source(self) -> None:
        """Bring what is there to this version's schema; `CannotMove` when there is nothing."""

    @abstractmethod
    def prepare_target(self) -> None:
        """Make the tables, or migrate those of an unfinished move; `CannotMove` when an older version's are there."""

    @abstractmethod
    def secret(self, tx: Transaction) -> bytes:
        """The secret of the site that is there; empty in a database that was never opened by a server."""

    @abstractmethod
    def adopt(self, tx: Transaction, secret: bytes) -> None:
        """Have the secret of the site that is on its way here."""

    @abstractmethod
    def check_silence(self) -> None:
        """See that no server is at work here, as far as that can be seen; `CannotMove` otherwise."""

    @abstractmethod
    def silence(self, tables: Sequence[Table]) -> AbstractContextManager[Transaction]:
        """A transaction that sees one moment; until it ends nobody writes to these tables."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Transaction]:
        """A transaction that sees one moment."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[Transaction]:
        """A transaction that need not be safe on the disk before the next one is."""

    @abstractmethod
    def add(self, tx: Transaction, table: Table, rows: Iterable[Row]) -> None:
        """Store rows of a table, as fast as it goes."""

    @abstractmethod
    def counters(self, tx: Transaction, tables: Sequence[Table]) -> Mapping[str, int]:
        """The highest id that each table which gives out ids has ever given out."""

    @abstractmethod
    def set_counters(self, tx: Transaction, counters: Mapping[str, int]) -> None:
        """Let ids go on after these."""

    @abstractmethod
    def settle(self) -> None:
        """Do what makes a database quick into which much was put."""

    @abstractmethod
    def finish(self) -> None:
        """Take the mark of the move away, which is safe on the disk then with all that came before."""
