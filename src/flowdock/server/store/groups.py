"""Groups of writes that are committed together, so that one flush to disk serves many requests.

A write that fails must not undo its neighbours: the group is rolled back and run again one by one, in savepoints.
Nothing is answered and nothing is announced before the commit.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from flowdock.server.store.transaction import Appended, NotFound, Transaction, Unavailable

GROUP_LIMIT = 64
ATTEMPTS = 4
"""How often a write is run that collides with what another process does."""

Write = Callable[[Transaction], Any]

log = logging.getLogger("flowdock.store")


@dataclass(slots=True)
class Outcome:
    """What became of a write: its result, or what it raised."""

    ticket: object
    result: Any = None
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class Committed:
    """A group that is safely stored: what each write got, and what they appended, in order.

    `in_doubt` is one whose commit was never answered: it was refused, but may have been stored all the same.
    """

    outcomes: list[Outcome]
    appended: list[Appended] = field(default_factory=list)
    credentials_changed: bool = False
    in_doubt: bool = False


class Session(Protocol):
    """A connection on which groups of writes run."""

    def transaction(self, *, one_by_one: bool) -> AbstractContextManager[Transaction]:
        """Begin; commit at the end, roll back when something is raised. Savepoints work only `one_by_one`."""

    def savepoint(self, tx: Transaction) -> AbstractContextManager[None]:
        """What fails inside is undone, and raised."""

    def changes(self, tx: Transaction) -> int:
        """A number that grows when something is changed."""

    def concerns_all(self, error: Exception) -> bool:
        """Whether the database itself failed, and not what one write wanted of it."""

    def is_collision(self, error: Exception) -> bool:
        """Whether another process got in between, so that the same write, run again, finds what that one left."""


class Collided(Exception):
    """Another process got in between, and nothing of a group is stored: run each of its writes as a group of its own.

    What a group has locked for one write must not be kept while the next one waits for who may be waiting for it.
    """


class _SpoiledError(Exception):
    """A write failed after it had changed something: the group has to be run one by one."""


def committed(
    session: Session, group: Sequence[tuple[Write, object]], refusals: tuple[type[Exception], ...]
) -> Committed:
    """What became of a group, once it is stored.

    Raises whatever says that the database could store none of it; Collided when there are several writes.
    """
    expected = (*refusals, NotFound)
    try:
        return _all_at_once(session, group, expected)
    except _SpoiledError:
        return _one_by_one(session, group, expected)


def none_stored(group: Sequence[tuple[Write, object]], error: Exception, *, in_doubt: bool = False) -> Committed:
    """The outcome of a group that the database could not store, or did not say that it had."""
    return Committed([Outcome(ticket, error=Unavailable(str(error))) for _, ticket in group], in_doubt=in_doubt)


def _all_at_once(
    session: Session, group: Sequence[tuple[Write, object]], expected: tuple[type[Exception], ...]
) -> Committed:
    outcomes: list[Outcome] = []
    try:
        with session.transaction(one_by_one=False) as tx:
            for write, ticket in group:
                before = session.changes(tx), len(tx.appended)
                try:
                    outcomes.append(Outcome(ticket, write(tx)))
                except Exception as error:
                    if session.concerns_all(error):
                        raise
                    if session.is_collision(error) or (session.changes(tx), len(tx.appended)) != before:
                        raise _SpoiledError from error
                    outcomes.append(_failed(ticket, error, expected))
    except _SpoiledError:
        raise
    except Exception as error:
        # Of statements that are sent ahead, a failure may show as late as at the commit, which then did not happen.
        if session.concerns_all(error):
            raise
        raise _SpoiledError from error
    return Committed(outcomes, tx.appended, tx.credentials_changed)


def _one_by_one(
    session: Session, group: Sequence[tuple[Write, object]], expected: tuple[type[Exception], ...]
) -> Committed:
    is_only_one = len(group) == 1
    with session.transaction(one_by_one=True) as tx:
        outcomes = [_alone(session, tx, write, ticket, expected, is_only_one=is_only_one) for write, ticket in group]
    return Committed(outcomes, tx.appended, tx.credentials_changed)


def _alone(
    session: Session,
    tx: Transaction,
    write: Write,
    ticket: object,
    expected: tuple[type[Exception], ...],
    *,
    is_only_one: bool,
) -> Outcome:
    for attempt in range(1, ATTEMPTS + 1):
        appended = len(tx.appended)
        try:
            with session.savepoint(tx):
                return Outcome(ticket, write(tx))
        except Exception as error:
            if session.concerns_all(error):
                raise
            del tx.appended[appended:]
            if not session.is_collision(error):
                return _failed(ticket, error, expected)
            if not is_only_one:
                raise Collided from error
            if attempt == ATTEMPTS:
                return _failed(ticket, error, expected)
    raise AssertionError("unreachable")


def _failed(ticket: object, error: Exception, expected: tuple[type[Exception], ...]) -> Outcome:
    if not isinstance(error, expected):
        log.error("a write failed", exc_info=error)
    return Outcome(ticket, error=error)
