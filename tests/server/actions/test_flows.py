from typing import Any

import pytest

from flowdock.server.actions import flow_keys, flows, membership, sending, setting_up, streaming
from flowdock.server.domain.actors import Actor, Person
from flowdock.server.domain.naming import token_digest
from flowdock.server.domain.refusals import Refusal
from tests.server.stage import PLACE, Stage


def colleague(stage: Stage, nick: str = "dave", *, org: str | None = "acme", admin: bool = False) -> Person:
    """Somebody of the organization who is in no flow."""
    wanted: dict[str, Any] = {"nick": nick, "email": f"{nick}@example.com", "name": nick, "password_hash": None}
    return Person(stage.write(lambda tx: setting_up.create_user(tx, **wanted, org=org, admin=admin)))


def refused(stage: Stage, actor: Actor, action: Any, **arguments: Any) -> Refusal:
    """How an action says no."""
    with pytest.raises(Refusal) as caught:
        stage.act(actor, action, **arguments)
    return caught.value


def update(stage: Stage, by: Actor, **changes: Any) -> Any:
    return stage.act(by, flows.update_flow, **PLACE, **changes)


def names(shown: list[dict[str, Any]]) -> list[str]:
    return [flow["parameterized_name"] for flow in shown]


def test_anybody_of_the_organization_makes_flows_and_administers_them(stage: Stage) -> None:
    dave = colleague(stage)
    done = stage.act(dave, flows.create_flow, org="acme", name=" Side Project ", description="Things")
    shown = done.result
    assert done.kinds == ["backend.user.join", "flow-add", "message", "line"]
    assert [one.event["content"] for one in done.told[2:]] == [flows.WELCOME, "This flow is now invitation-only."]
    assert [one.event["user"] for one in done.told[2:]] == ["0", str(dave.user_id)]
    assert (shown["name"], shown["parameterized_name"], shown["description"]) == (
        "Side Project",
        "side-project",
        "Things",
    )
    assert (shown["access_mode"], shown["flow_admin"], shown["joined"], shown["open"]) == (
        "invitation",
        True,
        True,
        True,
    )
    assert [user["nick"] for user in shown["users"]] == ["dave"]


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({}, "name"),
        ({"name": "…"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "main"}, "name"),
        ({"name": "New", "description": "x" * 1001}, "description"),
    ],
)
def test_a_wrong_flow_is_refused_and_leaves_nothing(stage: Stage, wrong: dict[str, Any], field: str) -> None:
    before = stage.row("SELECT (SELECT count(*) FROM flows), (SELECT count(*) FROM logs)")
    refusal = refused(stage, stage.bob, flows.create_flow, org="acme", **wrong)
    assert (refusal.status, list(refusal.errors)) == (400, [field])
    assert stage.row("SELECT (SELECT count(*) FROM flows), (SELECT count(*) FROM logs)") == before


def test_nobody_makes_flows_elsewhere(stage: Stage) -> None:
    stranger = colleague(stage, org=None)
    for org in ("acme", "absent"):
        with pytest.raises((Refusal, LookupError)) as caught:
            stage.act(stranger, flows.create_flow, org=org, name="Mine")
        assert getattr(caught.value, "status", 404) == 404


def test_a_flow_that_may_be_joined_is_listed_without_what_opens_it(stage: Stage) -> None:
    dave = colleague(stage)
    assert stage.ask(dave, flows.all_flows) == []
    update(stage, stage.alice, access_mode="organization")
    [listed] = stage.ask(dave, flows.all_flows, users=True)
    assert (listed["joined"], listed["open"], listed["last_message_id"]) == (False, False, None)
    assert not listed.keys() & {"api_token", "join_url", "users", "sources"}
    assert listed["_links"]["self"] == {"methods": ["GET", "PUT"], "fields": ["open"]}
    assert listed["_links"]["messages"]["methods"] == []
    assert stage.ask(dave, flows.show_flow, **PLACE) == listed == stage.ask(dave, flows.find_flow, id=stage.flow_id)
    assert stage.ask(dave, flows.list_flows) == []


def test_opening_a_joinable_flow_joins_it(stage: Stage) -> None:
    dave = colleague(stage)
    update(stage, stage.alice, access_mode="organization")
    done = update(stage, dave, open=True)
    assert done.kinds == ["action", "backend.user.join", "flow-add"]
    action, joined, added = (one.event for one in done.told)
    assert (action["user"], action["content"]["type"]) == (str(dave.user_id), "join")
    assert action["content"]["id"].endswith("-main")
    assert (joined["user"], joined["content"]["user"]["nick"]) == (str(dave.user_id), "dave")
    assert joined["content"]["user"].keys() == {"id", "nick", "email", "avatar", "name", "website"}
    told = {"id": stage.flow_id, "name": "Main", "organization": "Acme", "open": True}
    assert added["content"] == told | {"since_id": joined["id"] - 1}
    assert (done.result["joined"], done.result["open"], done.result["flow_admin"]) == (True, True, False)
    assert "users" not in done.result
    assert stage.send("hello", by=dave)["user"] == str(dave.user_id)


def test_closing_a_flow_only_hides_it(stage: Stage) -> None:
    done = update(stage, stage.bob, open=False)
    assert (done.result["open"], done.result["joined"], done.told) == (False, True, [])
    assert update(stage, stage.bob, open=True).result["open"] is True
    assert stage.ask(stage.alice, flows.show_flow, **PLACE)["open"] is True


def test_a_flow_by_invitation_is_not_opened_from_outside(stage: Stage) -> None:
    assert refused(stage, colleague(stage), flows.update_flow, **PLACE, open=True).status == 404


def test_who_wants_to_be_of_the_team_is_mentioned_with_it(stage: Stage) -> None:
    assert stage.send("@team hi")["tags"] == [":user:team"]
    update(stage, stage.bob, team_notifications=True)
    assert f":unread:{stage.bob.user_id}" in stage.send("@team hi")["tags"]
    flow = stage.ask(stage.bob, flows.show_flow, **PLACE)
    assert [user["team_notifications"] for user in flow["users"]] == [False, True, False]


def test_an_admin_names_and_describes_a_flow_that_keeps_its_address(stage: Stage) -> None:
    done = update(stage, stage.alice, name="Renamed", description="About")
    shown, told = done.result, done.told[0].event
    assert (shown["name"], shown["description"], shown["parameterized_name"]) == ("Renamed", "About", "main")
    assert (done.kinds, told["content"]["name"], told["user"]) == (["flow-change"], "Renamed", "1")
    assert update(stage, stage.alice, name="Renamed").told == []


def test_a_new_name_may_be_of_any_alphabet(stage: Stage) -> None:
    assert update(stage, stage.alice, name="本線").result["name"] == "本線"
    refusal = refused(stage, stage.alice, flows.create_flow, org="acme", name="本線")
    assert "name in addresses" in refusal.errors["name"][0]


@pytest.mark.parametrize("change", [{"name": "X"}, {"description": "X"}, {"access_mode": "link"}, {"disabled": True}])
def test_nobody_else_changes_a_flow(stage: Stage, change: dict[str, Any]) -> None:
    assert refused(stage, stage.bob, flows.update_flow, **PLACE, **change, open=False).status == 403
    assert stage.ask(stage.bob, flows.show_flow, **PLACE)["open"] is True


@pytest.mark.parametrize(
    "access_mode, line",
    [
        ("organization", "This flow is now open to everyone in the organization."),
        ("link", "This flow is now open to everyone who has its link."),
    ],
)
def test_a_flow_hears_who_may_come_in(stage: Stage, access_mode: str, line: str) -> None:
    done = update(stage, stage.alice, access_mode=access_mode)
    assert done.kinds == ["line", "flow-change"]
    assert done.told[0].event["content"] == line
    assert done.told[1].event["content"]["access_mode"] == access_mode
    assert update(stage, stage.alice, access_mode=access_mode).told == []
    back = update(stage, stage.alice, access_mode="invitation")
    assert back.told[0].event["content"] == "This flow is now invitation-only."


def test_an_archived_flow_is_read_and_no_longer_written_to_until_it_is_in_use_again(stage: Stage) -> None:
    message = stage.send("before")
    shown = update(stage, stage.alice, disabled=True).result
    assert (shown["disabled"], shown["_links"]["messages"]["methods"]) == (True, ["GET"])
    assert stage.show(message["id"])["content"] == "before"
    assert refused(stage, stage.alice, sending.send_to_flow, **PLACE, event="message", content="x").status == 403
    assert refused(stage, stage.alice, membership.add_flow_user, **PLACE, id=colleague(stage).user_id).status == 403
    assert "disabled" not in update(stage, stage.alice, disabled=False).result
    assert stage.send("after")["content"] == "after"


def test_an_archived_flow_is_joined_by_nobody(stage: Stage) -> None:
    dave = colleague(stage)
    update(stage, stage.alice, access_mode="organization", disabled=True)
    assert stage.ask(dave, flows.all_flows) == []
    assert refused(stage, dave, flows.update_flow, **PLACE, open=True).status == 404
    assert names(stage.ask(stage.bob, flows.all_flows)) == ["main"]


def test_a_flow_has_everything_that_was_recorded(stage: Stage) -> None:
    shown = stage.ask(stage.alice, flows.show_flow, **PLACE)
    assert list(shown["_links"]) == [
        "self",
        "invitations",
        "users",
        "sources",
        "join_url",
        "api_token",
        "messages",
        "chat_messages",
        "inbox_messages",
        "emoji",
        "files",
    ]
    assert shown["_links"]["files"]["href"].endswith(f"/files/{stage.flow_log}")
    assert shown["_links"]["join_url"]["methods"] == ["GET", "POST", "DELETE"]
    assert shown["_links"]["self"]["fields"][:3] == ["open", "team_notifications", "name"]
    assert stage.ask(stage.bob, flows.show_flow, **PLACE)["_links"]["join_url"]["methods"] == ["GET"]
    assert shown["organization"].keys() == {
        "active",
        "billing_method",
        "id",
        "name",
        "parameterized_name",
        "url",
        "user_count",
        "user_limit",
        "flow_admins",
    }


def test_a_limited_token_is_not_told_how_to_post(stage: Stage) -> None:
    limited = Person(stage.alice.user_id, frozenset({"manage"}))
    [listed] = stage.ask(limited, flows.list_flows)
    assert "api_token" not in listed
    assert listed["_links"]["messages"]["methods"] == []


def test_a_join_link_that_was_taken_away_never_comes_again(stage: Stage) -> None:
    seen = [stage.ask(stage.bob, flow_keys.show_join_url, **PLACE)["join_url"]]
    for _ in range(2):
        seen.append(stage.act(stage.alice, flow_keys.renew_join_url, **PLACE).result["join_url"])
        stage.act(stage.alice, flow_keys.remove_join_url, **PLACE)
        stage.act(stage.alice, flow_keys.remove_join_url, **PLACE)
        assert stage.ask(stage.bob, flow_keys.show_join_url, **PLACE) == {"join_url": None}
        assert stage.row("SELECT join_digest FROM flows") == (None,)
        assert stage.ask(stage.alice, flows.show_flow, **PLACE)["join_url"] is None
        seen.append(stage.act(stage.alice, flow_keys.renew_join_url, **PLACE).result["join_url"])
    assert len(set(seen)) == len(seen) == 5
    key = seen[-1].rpartition("/")[2].removesuffix("-main")
    assert bytes(stage.row("SELECT join_digest FROM flows")[0]) == token_digest(key)
    assert refused(stage, stage.bob, flow_keys.renew_join_url, **PLACE).status == 403


def test_a_renewed_api_token_replaces_the_old_one(stage: Stage) -> None:
    old = stage.ask(stage.alice, flows.show_flow, **PLACE)["api_token"]
    new = stage.act(stage.alice, flow_keys.renew_api_token, **PLACE).result["api_token"]
    assert new != old
    assert stage.ask(stage.alice, flows.show_flow, **PLACE)["api_token"] == new
    assert bytes(stage.row("SELECT api_token_digest FROM flows")[0]) == token_digest(new)
    assert refused(stage, stage.bob, flow_keys.renew_api_token, **PLACE).status == 403


def test_flows_from_before_digests_get_theirs(stage: Stage) -> None:
    before = stage.row("SELECT api_token_digest, join_digest FROM flows")
    stage.write(lambda tx: tx.execute("UPDATE flows SET api_token_digest = NULL, join_digest = NULL"))
    assert stage.write(flow_keys.complete) is False
    assert stage.row("SELECT api_token_digest, join_digest FROM flows") == before


def test_a_new_flow_can_be_followed_at_once(stage: Stage) -> None:
    flow_id = stage.act(stage.bob, flows.create_flow, org="acme", name="Second").result["id"]
    subscription = stage.ask(stage.bob, streaming.subscribe, names=[flow_id], private=False, cursor=None)
    assert list(subscription.flows.values()) == [flow_id]
