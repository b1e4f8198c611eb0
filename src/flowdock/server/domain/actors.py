"""Who acts: a person or a source. Everything an action decides starts from one of them."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in user."""

    user_id: int


@dataclass(frozen=True, slots=True)
class Integration:
    """The holder of a source's flow token: may post into that source's flow, nothing else."""

    source_id: int
    log_id: int


Actor: TypeAlias = Person | Integration


def idempotency_owner(actor: Actor) -> int:
    """Within what a uuid must be unique: one author's messages. Sources count below zero."""
    return actor.user_id if isinstance(actor, Person) else -actor.source_id
