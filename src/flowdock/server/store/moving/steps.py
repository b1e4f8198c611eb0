"""What a move tells of itself while it goes on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Step:
    """How far a part of the move has come: in rows of the table `what` or, while indexing, in its events."""

    doing: Literal["copying", "indexing", "comparing"]
    what: str
    done: int
    total: int


Told: TypeAlias = Callable[[Step], object]
