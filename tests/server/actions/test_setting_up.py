from typing import Any

import pytest

from flowdock.server.actions import flows, founding, setting_up, signing_in
from flowdock.server.domain.actors import Integration, Person
from flowdock.server.domain.refusals import Refusal
from tests.server.stage import PEOPLE, PLACE, Stage


def told(stage: Stage, write: Any) -> tuple[Any, list[tuple[str, Any]]]:
    before = len(stage.hub.heard)
    result = stage.write(write)
    return result, [(one.event["event"], one.event["content"]) for one in stage.hub.heard[before:]]


def newcomer(stage: Stage, nick: str = "dave", **more: Any) -> int:
    wanted = {"nick": nick, "email": f"{nick}@example.com", "name": nick, "password_hash": None, "org": "acme"}
    user_id: int = stage.write(lambda tx: setting_up.create_user(tx, **{**wanted, "admin": False, **more}))
    return user_id


def test_a_new_flow_welcomes_its_creator(stage: Stage) -> None:
    creator = stage.alice.user_id
    flow_id, heard = told(
        stage, lambda tx: setting_up.create_flow(tx, org="acme", name="Zweiter Flow", creator=creator)
    )
    assert [kind for kind, _ in heard] == ["backend.user.join", "flow-add", "message", "line"]
    assert heard[2][1] == "Welcome to your brand new flow!"
    assert heard[3][1] == "This flow is now invitation-only."
    shown = stage.ask(stage.alice, flows.show_flow, org="acme", flow="zweiter-flow")
    assert (shown["id"], shown["last_message_id"], shown["flow_admin"]) == (flow_id, 3, True)


def test_who_is_added_to_a_flow_and_everybody_in_it_hears_of_it(stage: Stage) -> None:
    user_id = newcomer(stage)
    _, heard = told(stage, lambda tx: setting_up.add_to_flow(tx, **PLACE, user_id=user_id, by=stage.alice.user_id))
    assert [kind for kind, _ in heard] == ["action", "backend.user.join", "flow-add"]
    assert heard[0][1] == {"type": "add_people", "message": ["dave"], "description": "dave"}
    assert heard[1][1]["user"]["nick"] == "dave"
    flow = {"id": stage.flow_id, "name": "Main", "organization": "Acme", "open": True}
    assert heard[2][1] == flow | {"since_id": stage.hub.heard[-2].number - 1}


def test_a_newcomer_can_be_mentioned_at_once(stage: Stage) -> None:
    user_id = newcomer(stage)
    assert stage.send("@dave hi")["tags"] == []
    stage.write(lambda tx: setting_up.add_to_flow(tx, **PLACE, user_id=user_id, by=stage.alice.user_id))
    assert stage.send("@dave hi")["tags"] == [f":user:{user_id}", f":unread:{user_id}"]


def test_a_roster_that_was_never_stored_is_never_used(stage: Stage) -> None:
    user_id = newcomer(stage)

    def add_and_fail(tx: Any) -> None:
        setting_up.add_to_flow(tx, **PLACE, user_id=user_id, by=stage.alice.user_id)
        from_there = flows.show_flow(tx, Person(user_id), **PLACE)
        assert from_there["id"] == stage.flow_id
        raise Refusal(400, "no")

    with pytest.raises(Refusal):
        stage.write(add_and_fail)
    assert stage.send("@dave hi")["tags"] == []


def test_a_new_source_tells_of_itself_in_a_thread(stage: Stage) -> None:
    wanted: dict[str, Any] = {"name": "Nightly", "application": "CI", "external_url": None}
    wanted["creator"] = stage.alice.user_id
    source, heard = told(stage, lambda tx: setting_up.create_source(tx, **PLACE, **wanted))
    assert [kind for kind, _ in heard] == ["activity"]
    event = stage.hub.heard[-1].event
    assert (event["title"], event["thread"]["title"]) == ("added source Nightly", "CI source Nightly added")
    actor = stage.read(lambda tx: signing_in.by_flow_token(tx, source.flow_token))
    assert actor == Integration(source.id, stage.flow_log)


def test_tokens_are_known_by_their_digest_only(stage: Stage) -> None:
    token = stage.write(lambda tx: setting_up.create_token(tx, user_id=stage.bob.user_id, label="test"))
    assert stage.read(lambda tx: signing_in.by_token(tx, token)) == stage.bob
    assert stage.read(lambda tx: signing_in.by_token(tx, token.upper() + "x")) is None
    stage.restart()
    assert token.encode() not in b"".join(file.read_bytes() for file in stage.folder.iterdir() if file.is_file())


@pytest.mark.parametrize("flow_token, status", [("unknown", 401), (None, 410)])
def test_a_wrong_flow_token_is_refused(stage: Stage, flow_token: str | None, status: int) -> None:
    stage.write(lambda tx: setting_up.remove_source(tx, stage.source.source_id))
    with pytest.raises(Refusal) as caught:
        stage.read(lambda tx: signing_in.by_flow_token(tx, flow_token or stage.flow_token))
    assert caught.value.status == status


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"nick": "ALICE"}, "nick"),
        ({"nick": "two words"}, "nick"),
        ({"nick": ""}, "nick"),
        ({"nick": "@x"}, "nick"),
        ({"nick": "x" * 51}, "nick"),
        ({"email": "Alice@Example.com"}, "email"),
        ({"email": "no-address"}, "email"),
        ({"email": "a b@example.com"}, "email"),
        ({"email": "@"}, "email"),
        ({"org": "elsewhere"}, "org"),
    ],
)
def test_a_wrong_person_is_refused_and_leaves_nothing(stage: Stage, wrong: dict[str, Any], field: str) -> None:
    before = stage.row("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM logs)")
    with pytest.raises(Refusal) as caught:
        newcomer(stage, **{"nick": "dave", **wrong})
    assert list(caught.value.errors) == [field]
    assert stage.row("SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM logs)") == before


def test_names_are_taken_once(stage: Stage) -> None:
    for write in (
        lambda tx: setting_up.create_organization(tx, "ACME!"),
        lambda tx: setting_up.create_organization(tx, "Find"),
        lambda tx: setting_up.create_flow(tx, org="acme", name=" main ", creator=stage.alice.user_id),
    ):
        with pytest.raises(Refusal) as caught:
            stage.write(write)
        assert "already been taken" in caught.value.errors["name"][0]


def test_who_is_not_in_a_flow_does_not_find_it(stage: Stage) -> None:
    stranger = Person(newcomer(stage, org=None))
    for ask in (
        lambda: stage.ask(stranger, flows.show_flow, **PLACE),
        lambda: stage.ask(stranger, flows.find_flow, id=stage.flow_id),
        lambda: stage.send(by=stranger),
        lambda: stage.write(lambda tx: setting_up.add_to_flow(tx, **PLACE, user_id=2, by=stranger.user_id)),
    ):
        with pytest.raises(Refusal) as refused:
            ask()
        assert refused.value.status == 404


def test_a_server_is_founded_once(stage: Stage) -> None:
    with pytest.raises(Refusal) as caught:
        stage.write(lambda tx: founding.found(tx, PEOPLE))
    assert caught.value.status == 409
