"""What a check finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from flowdock.client.settings import Settings


class State(StrEnum):
    """How it stands with what was looked at."""

    FINE = "fine"
    NOTE = "note"
    """It may be meant so, and it may be why something does not work."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a diagnosis."""

    about: str
    """What was looked at, in a word."""
    state: State
    found: str
    then: str | None = None
    """The next step, for what is not fine."""
    is_end: bool = False
    """Whether nothing that comes later can be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is to be looked at: a server, and who one is there."""

    where: Settings
    silence_seconds: float
    """So long a stream may say nothing at all."""


Check: TypeAlias = Callable[[Case], Iterator[Finding]]


def fine(about: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(about=about, state=State.FINE, found=found)


def note(about: str, found: str, then: str | None = None) -> Finding:
    """It is worth knowing."""
    return Finding(about=about, state=State.NOTE, found=found, then=then)


def wrong(about: str, found: str, then: str, *, is_end: bool = False) -> Finding:
    """It keeps things from working."""
    return Finding(about=about, state=State.WRONG, found=found, then=then, is_end=is_end)
