"""People who come and go through two processes at once: who is where is the same, whoever was first."""

from typing import Any

import pytest

from flowdock.server.actions import flows, membership, organizations, profiles, setting_up
from flowdock.server.actions.profiles import Changes
from flowdock.server.domain.refusals import Refusal
from tests.server.stage import PLACE, Write
from tests.server.store.postgres.stores import Stores


@pytest.fixture
def dave(stores: Stores) -> int:
    """Somebody of the organization, in no flow."""
    wanted: dict[str, Any] = {"nick": "dave", "email": "dave@example.com", "name": "", "password_hash": None}
    user_id: int = stores.write(lambda tx: setting_up.create_user(tx, **wanted, org="acme", admin=False))
    return user_id


def add(stores: Stores, user_id: int) -> Write:
    return lambda tx: membership.add_flow_user(tx, stores.alice, **PLACE, id=user_id)


def remove(stores: Stores, user_id: int) -> Write:
    return lambda tx: organizations.remove_user(tx, stores.alice, org="acme", user_id=user_id)


def rename(user_id: int, nick: str) -> Write:
    return lambda tx: profiles.update_user(tx, user_id, Changes(nick=nick), proved=None, password_hash=None)


def in_flow(stores: Stores, user_id: int) -> bool:
    rows = stores.read(lambda tx: tx.rows("SELECT 1 FROM flow_users WHERE user_id = ? AND in_flow = 1", (user_id,)))
    return bool(rows)


def test_nobody_is_added_to_a_flow_while_they_are_removed_from_the_organization(stores: Stores, dave: int) -> None:
    _, added = stores.overlapping(remove(stores, dave), add(stores, dave))
    assert isinstance(added, Refusal)
    assert list(added.errors) == ["id"]
    assert not in_flow(stores, dave)


def test_who_is_removed_from_the_organization_while_they_are_added_is_out(stores: Stores, dave: int) -> None:
    assert stores.overlapping(add(stores, dave), remove(stores, dave)) == (None, None)
    assert not in_flow(stores, dave)


def test_who_is_added_twice_at_once_is_added_once(stores: Stores, dave: int) -> None:
    stores.overlapping(add(stores, dave), add(stores, dave))
    told = stores.read(lambda tx: tx.rows("SELECT count(*) FROM events WHERE event = 'backend.user.join'"))
    assert told == [(4,)]


def test_of_two_admins_who_step_down_at_once_one_stays(stores: Stores) -> None:
    stores.write(lambda tx: organizations.update_organization_user(tx, stores.alice, org="acme", user_id=2, admin=True))

    def step_down(user_id: int) -> Write:
        return lambda tx: organizations.update_organization_user(
            tx, stores.alice if user_id == 1 else stores.bob, org="acme", user_id=user_id, admin=False
        )

    first, second = stores.overlapping(step_down(1), step_down(2))
    assert first["admin"] is False
    assert isinstance(second, Refusal)


def test_of_two_who_change_to_one_nick_at_once_one_is_refused(stores: Stores, dave: int) -> None:
    first, second = stores.overlapping(rename(2, "Same"), rename(dave, "same"))
    assert first["nick"] == "Same"
    assert isinstance(second, Refusal)
    assert list(second.errors) == ["nick"]


def test_people_in_the_same_flows_change_at_once(stores: Stores) -> None:
    stores.write(lambda tx: flows.create_flow(tx, stores.alice, org="acme", name="Second"))
    stores.write(lambda tx: membership.add_flow_user(tx, stores.alice, org="acme", flow="second", id=2))
    first, second = stores.overlapping(rename(1, "Ada"), rename(2, "Ben"))
    assert (first["nick"], second["nick"]) == ("Ada", "Ben")
