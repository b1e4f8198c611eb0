"""Who acts. Everything an action decides starts from one of them."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import TypeAlias

from flowdock.protocol.resources import Scope


@dataclass(frozen=True, slots=True)
class Person:
    """A signed-in user; `scopes` is what their token is limited to, None when it may be used for everything.

    `application_id` is that of the OAuth application that acts for them, 0 when they act themselves; `token_id` that of
    the token they came with, 0 when they came with their password.
    """

    user_id: int
    scopes: AbstractSet[Scope] | None = None
    application_id: int = 0
    token_id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Integration:
    """The holder of a source's flow token: may post into that source's flow, and tend that source."""

    source_id: int
    log_id: int


@dataclass(frozen=True, slots=True)
class Provisioner:
    """The holder of an organization's SCIM token: may make, change and remove its people."""

    organization_id: int


@dataclass(frozen=True, slots=True)
class Nobody:
    """Somebody without credentials; what they may do, a token in the address or in the parameters allows."""


Actor: TypeAlias = Person | Integration | Provisioner | Nobody


def idempotency_owner(actor: Actor) -> int:
    """Within what a uuid must be unique: one author's messages. Sources count below zero, nobody is nobody."""
    if isinstance(actor, Person):
        return actor.user_id
    return -actor.source_id if isinstance(actor, Integration) else 0
