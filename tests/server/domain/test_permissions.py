from collections.abc import Callable

import pytest

from flowdock.server.domain import permissions
from flowdock.server.domain.actors import Actor, Integration, Person, idempotency_owner
from flowdock.server.domain.permissions import Role
from flowdock.server.domain.refusals import Refusal

MEMBER, AUTHOR = {Role.MEMBER}, {Role.MEMBER, Role.AUTHOR}
ALICE, BOB, SOURCE = Person(1), Person(2), Integration(3, 4)


def allows(demand: Callable[[], None]) -> bool:
    try:
        demand()
    except Refusal:
        return False
    return True


@pytest.mark.parametrize(
    "event, author_edits, author_retracts, member_retracts, leaves_a_trace",
    [
        ("message", True, True, False, True),
        ("comment", True, True, False, True),
        ("file", False, True, False, False),
        ("status", False, False, False, False),
        ("line", False, False, False, False),
        ("action", False, False, False, False),
        ("activity", False, True, True, False),
        ("discussion", False, True, True, False),
        ("mail", False, True, True, False),
        ("tag-change", False, False, False, False),
    ],
)
def test_who_may_do_what(
    event: str, author_edits: bool, author_retracts: bool, member_retracts: bool, leaves_a_trace: bool
) -> None:
    assert allows(lambda: permissions.demand_edit(ALICE, AUTHOR, event=event)) is author_edits
    assert allows(lambda: permissions.demand_edit(BOB, MEMBER, event=event)) is False
    assert allows(lambda: permissions.demand_retraction(ALICE, AUTHOR, event=event)) is author_retracts
    assert allows(lambda: permissions.demand_retraction(BOB, MEMBER, event=event)) is member_retracts
    if author_retracts:
        assert permissions.leaves_a_trace(event) is leaves_a_trace


@pytest.mark.parametrize("event", sorted(permissions.EDITABLE | permissions.INBOX | {"file"}))
def test_an_integration_takes_nothing_back(event: str) -> None:
    assert not allows(lambda: permissions.demand_edit(SOURCE, {Role.SOURCE}, event=event))
    assert not allows(lambda: permissions.demand_retraction(SOURCE, {Role.SOURCE}, event=event))


@pytest.mark.parametrize("actor, owner", [(ALICE, 1), (SOURCE, -3)])
def test_people_and_sources_own_their_uuids(actor: Actor, owner: int) -> None:
    assert idempotency_owner(actor) == owner
