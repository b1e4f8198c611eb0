"""Sources: made by people and by applications, tended by themselves, and gone for good."""

from typing import Any

import pytest

from flowdock.server.actions import applications, sending, signing_in, sources
from flowdock.server.domain.actors import Actor, Integration, Person
from flowdock.server.domain.refusals import Refusal
from tests.server.stage import PLACE, Stage


def refused(stage: Stage, actor: Actor, action: Any, **arguments: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        stage.act(actor, action, **arguments)
    return caught.value


@pytest.fixture
def application(stage: Stage) -> dict[str, Any]:
    """An application of bob's."""
    made: dict[str, Any] = stage.act(stage.bob, applications.create_application, name="Tracker").result
    return made


@pytest.fixture
def tracker(stage: Stage, application: dict[str, Any]) -> Person:
    """That application, acting for alice."""
    return Person(stage.alice.user_id, frozenset({"integration"}), application["id"])


def created(stage: Stage, actor: Actor, **given: Any) -> dict[str, Any]:
    made: dict[str, Any] = stage.act(actor, sources.create_source, **PLACE, **given).result
    return made


def test_a_source_is_shown_as_it_was_recorded(stage: Stage) -> None:
    source = stage.ask(stage.bob, sources.flow_sources, **PLACE)[0]
    assert source == stage.ask(stage.bob, sources.show_source, **PLACE, id=source["id"])
    application = source.pop("application")
    assert application.pop("_links")["setup"]["href"].endswith(f"/oauth/applications/{application['id']}/setup")
    assert set(application) == {"id", "name", "icon_url", "url", "published"}
    assert source.pop("creator")["id"] == stage.alice.user_id
    assert source.pop("created_at") == source.pop("updated_at")
    assert source == {
        "id": 1,
        "name": "Build server",
        "url": "http://flowdock.example/flows/acme/main/sources/1",
        "_links": {},
        "external_url": None,
        "error_message": "",
    }


def test_a_new_source_is_told_its_flow_token_once_and_tells_the_flow(stage: Stage) -> None:
    done = stage.act(stage.alice, sources.create_source, **PLACE, name="Nightly", external_url="https://ci.example")
    actor = stage.read(lambda tx: signing_in.by_flow_token(tx, done.result["flow_token"]))
    assert actor == Integration(done.result["id"], stage.flow_log)
    shown = stage.ask(stage.alice, sources.show_source, **PLACE, id=done.result["id"])
    assert {**shown, "flow_token": done.result["flow_token"]} == done.result
    [event] = [one.event for one in done.told]
    assert (event["title"], event["thread"]["title"]) == ("added source Nightly", "Nightly source Nightly added")
    assert event["author"]["name"] == "Alice"


def test_a_source_of_an_application_belongs_to_it(stage: Stage, application: dict[str, Any], tracker: Person) -> None:
    source = created(stage, tracker, name="Bugs")
    assert source["application"]["id"] == application["id"]
    by_hand = created(stage, stage.bob, name="By hand", application_id=application["id"])
    assert by_hand["application"]["name"] == "Tracker"


def test_nobody_adds_sources_to_another_developers_application(stage: Stage, application: dict[str, Any]) -> None:
    refusal = refused(stage, stage.alice, sources.create_source, **PLACE, name="x", application_id=application["id"])
    assert (refusal.status, list(refusal.errors)) == (400, ["application_id"])


def test_an_application_changes_its_own_sources_only(stage: Stage, tracker: Person) -> None:
    own = created(stage, tracker, name="Bugs")["id"]
    assert stage.act(tracker, sources.update_source, **PLACE, id=own, name="Errors").result["name"] == "Errors"
    for action in (sources.update_source, sources.remove_source):
        assert refused(stage, tracker, action, **PLACE, id=stage.source.source_id).status == 403
    stage.act(stage.bob, sources.remove_source, **PLACE, id=own)


def test_what_a_source_says_of_itself_can_be_taken_back(stage: Stage) -> None:
    said = {"error_message": "no route to host", "configuration_url": "https://ci.example/settings"}
    source = stage.act(stage.source, sources.update_own_source, **said).result
    assert source["error_message"] == "no route to host"
    assert source["_links"] == {"configuration": {"href": "https://ci.example/settings"}}
    well = stage.act(stage.carol, sources.update_source, **PLACE, id=1, error_message="", configuration_url="").result
    assert (well["error_message"], well["_links"], well["name"]) == ("", {}, "Build server")


@pytest.mark.parametrize(
    "given, field",
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"external_url": "javascript:alert(1)"}, "external_url"),
        ({"configuration_url": "ftp://example.org"}, "configuration_url"),
        ({"error_message": "x" * 1001}, "error_message"),
    ],
)
def test_what_no_source_can_be_is_refused_by_its_field(stage: Stage, given: dict[str, str], field: str) -> None:
    refusal = refused(stage, stage.source, sources.update_own_source, **given)
    assert (refusal.status, list(refusal.errors)) == (400, [field])


def test_a_removed_source_is_gone_everywhere(stage: Stage) -> None:
    stage.act(stage.carol, sources.remove_source, **PLACE, id=1)
    assert stage.ask(stage.bob, sources.flow_sources, **PLACE) == []
    assert stage.ask(stage.bob, sources.list_sources) == []
    with pytest.raises(Refusal) as caught:
        stage.read(lambda tx: signing_in.by_flow_token(tx, stage.flow_token))
    assert caught.value.status == 410
    assert refused(stage, stage.source, sources.update_own_source, name="x").status == 410
    assert refused(stage, stage.source, sending.present, title="x").status == 410


def test_everybody_lists_the_sources_of_their_flows_and_a_source_itself(stage: Stage) -> None:
    other = created(stage, stage.alice, name="Other")
    assert [one["id"] for one in stage.ask(stage.bob, sources.list_sources)] == [1, other["id"]]
    assert [one["id"] for one in stage.ask(stage.source, sources.list_sources)] == [1]


def test_a_person_is_no_source(stage: Stage) -> None:
    assert refused(stage, stage.alice, sources.update_own_source, name="x").status == 404
