from typing import Any

import pytest

from flowdock.server.actions import organizations
from flowdock.server.domain.actors import Person
from flowdock.server.store import people
from flowdock.server.store.transaction import NotFound
from tests.server.actions.test_flows import colleague, refused
from tests.server.stage import Stage


def test_an_organization_has_its_people(stage: Stage) -> None:
    shown = stage.ask(stage.bob, organizations.show_organization, org="acme")
    assert shown.keys() == {
        "id",
        "parameterized_name",
        "name",
        "user_limit",
        "user_count",
        "active",
        "url",
        "subscription",
        "users",
    }
    assert (shown["user_count"], shown["subscription"]) == (3, {"trial": False})
    assert [(user["nick"], user["admin"]) for user in shown["users"]] == [
        ("alice", True),
        ("bob", False),
        ("carol", False),
    ]
    assert stage.ask(stage.bob, organizations.list_organizations) == [shown]
    assert stage.ask(stage.bob, organizations.find_organization, id=shown["id"]) == shown
    assert stage.ask(stage.bob, organizations.organization_users, org="acme") == shown["users"]
    assert stage.ask(stage.bob, organizations.organization_user, org="acme", user_id=2) == shown["users"][1]


def test_an_organization_elsewhere_and_none_look_the_same(stage: Stage) -> None:
    stranger = colleague(stage, "eve", org=None)
    assert stage.ask(stranger, organizations.list_organizations) == []
    assert refused(stage, stranger, organizations.show_organization, org="acme").status == 404
    assert refused(stage, stranger, organizations.find_organization, id=1).status == 404
    for org, number in (("absent", 0), ("4711", 1 << 70)):
        with pytest.raises(NotFound):
            stage.ask(stranger, organizations.show_organization, org=org)
        with pytest.raises(NotFound):
            stage.ask(stranger, organizations.find_organization, id=number)


@pytest.mark.parametrize("org, changes", [("acme", {"name": " New "}), ("1", {"Name": "New"})])
def test_an_admin_renames_an_organization_that_keeps_its_address(
    stage: Stage, org: str, changes: dict[str, Any]
) -> None:
    shown = stage.act(stage.alice, organizations.update_organization, org=org, **changes).result
    assert (shown["name"], shown["parameterized_name"]) == ("New", "acme")
    assert refused(stage, stage.bob, organizations.update_organization, org=org, **changes).status == 403


def test_admins_make_admins(stage: Stage) -> None:
    wanted: dict[str, Any] = {"org": "acme", "user_id": stage.bob.user_id, "admin": True}
    assert refused(stage, stage.bob, organizations.update_organization_user, **wanted).status == 403
    assert stage.act(stage.alice, organizations.update_organization_user, **wanted).result["admin"] is True
    stage.act(stage.bob, organizations.update_organization_user, org="acme", user_id=1, admin=False)
    assert refused(stage, stage.alice, organizations.remove_user, org="acme", user_id=2).status == 403


def test_the_last_admin_of_an_organization_stays(stage: Stage) -> None:
    for action, changes in (
        (organizations.update_organization_user, {"admin": False}),
        (organizations.remove_user, {}),
    ):
        refusal = refused(stage, stage.alice, action, org="acme", user_id=stage.alice.user_id, **changes)
        assert (refusal.status, "last admin of Acme" in str(refusal.errors)) == (400, True)


def test_who_is_not_of_the_organization_cannot_be_changed_there(stage: Stage) -> None:
    for absent in (colleague(stage, "eve", org=None), Person(4711), Person(1 << 70)):
        for action in (organizations.organization_user, organizations.remove_user):
            with pytest.raises(NotFound):
                stage.act(stage.alice, action, org="acme", user_id=absent.user_id)


def test_an_audit_tells_when_each_was_last_here(stage: Stage) -> None:
    stage.write(lambda tx: people.seen(tx, stage.bob.user_id, active=False))
    stage.write(lambda tx: tx.execute("UPDATE tokens SET last_used_at = 1488363072001 WHERE user_id = 3"))
    audited = stage.ask(stage.alice, organizations.audit_users, org="acme")
    assert audited[0].keys() == {"id", "nick", "email", "avatar", "name", "website", "admin", "accessed_at"}
    assert [user["accessed_at"] is None for user in audited] == [True, False, False]
    assert audited[2]["accessed_at"] == "2017-03-01T10:11:12.001000Z"
    assert refused(stage, stage.bob, organizations.audit_users, org="acme").status == 403
