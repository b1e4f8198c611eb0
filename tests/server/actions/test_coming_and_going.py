"""People come and go at random: what a flow heard of it is what is stored, and it always has an admin."""

import random
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from flowdock.server.actions import flows, membership, organizations
from flowdock.server.domain.actors import Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.transaction import NotFound
from tests.server.actions.test_flows import colleague
from tests.server.stage import ON_SQLITE, PLACE, Stage

STEPS = 120

Step: TypeAlias = tuple[Person, Callable[..., Any], dict[str, Any]]


def any_step(chance: random.Random, people: list[Person]) -> Step:
    """Somebody who does something about somebody."""
    by, whom = chance.choice(people), chance.choice(people).user_id
    about: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (membership.add_flow_user, {**PLACE, "id": whom}),
        (membership.update_flow_user, {**PLACE, "user_id": whom, "disabled": chance.random() < 0.5}),
        (membership.update_flow_user, {**PLACE, "user_id": whom, "flow_admin": chance.random() < 0.5}),
        (membership.update_flow_user, {**PLACE, "user_id": by.user_id, "disabled": True}),
        (flows.update_flow, {**PLACE, "open": True}),
        (flows.update_flow, {**PLACE, "access_mode": "organization"}),
        (organizations.update_organization_user, {"org": "acme", "user_id": whom, "admin": chance.random() < 0.5}),
    ]
    rarely = (organizations.remove_user, {"org": "acme", "user_id": whom})
    return by, *(rarely if chance.random() < 0.02 else chance.choice(about))


def heard_in(stage: Stage) -> set[int]:
    """Who is in the flow, as its readers heard."""
    present = {stage.alice.user_id, stage.bob.user_id, stage.carol.user_id}
    for one in stage.hub.heard:
        if one.event["event"] == "backend.user.join":
            assert int(one.event["user"]) not in present
            present.add(int(one.event["user"]))
        elif one.event["event"] == "backend.user.block":
            present.remove(int(one.event["content"]))
    return present


def stored_in(stage: Stage) -> dict[int, tuple[bool, bool]]:
    """Who is in the flow; of each whether they administer it, and whether they are blocked."""
    sql = "SELECT user_id, flow_admin, blocked FROM flow_users WHERE in_flow = 1"
    return {row[0]: (bool(row[1]), bool(row[2])) for row in stage.read(lambda tx: tx.rows(sql))}


@ON_SQLITE
@pytest.mark.parametrize("seed", range(6))
def test_what_is_heard_is_what_is_so(stage: Stage, seed: int) -> None:
    chance, told = random.Random(seed), 0
    people = [stage.alice, stage.bob, stage.carol, colleague(stage), colleague(stage, "erin")]
    for _ in range(STEPS):
        by, action, arguments = any_step(chance, people)
        try:
            told += bool(stage.act(by, action, **arguments).told)
        except (Refusal, NotFound):
            continue
        present = stored_in(stage)
        assert present.keys() == heard_in(stage)
        assert not present or any(is_admin for is_admin, _ in present.values())
        assert not any(is_blocked for _, is_blocked in present.values())
    assert told > 5
