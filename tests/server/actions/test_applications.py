"""Developers' applications: made, changed, given a new secret, ended."""

from typing import Any

import pytest

from flowdock.server.actions import applications
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.transaction import NotFound
from tests.server.stage import Stage


def created(stage: Stage, **given: Any) -> dict[str, Any]:
    made: dict[str, Any] = stage.act(stage.bob, applications.create_application, **given).result
    return made


def test_a_new_application_is_told_its_secret_once(stage: Stage) -> None:
    made = created(stage, name="Tracker", redirect_uri="https://tracker.example/back")
    assert (len(made["client_id"]), len(made["client_secret"])) == (32, 64)
    assert made["icon_url"] == f"http://flowdock.example/icons/{made['id']}.svg"
    [listed] = stage.ask(stage.bob, applications.list_applications)
    assert listed == stage.ask(stage.bob, applications.show_application, id=made["id"])
    assert {**listed, "client_secret": made["client_secret"]} == made


def test_an_old_client_names_it_in_an_object(stage: Stage) -> None:
    made = created(stage, application={"name": "Old", "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"})
    assert (made["name"], made["redirect_uri"]) == ("Old", "urn:ietf:wg:oauth:2.0:oob")


def test_a_renewed_secret_is_another(stage: Stage) -> None:
    made = created(stage, name="Tracker")
    renewed = stage.act(stage.bob, applications.renew_client_secret, id=made["id"]).result
    assert renewed["client_id"] == made["client_id"]
    assert len({made["client_secret"], renewed["client_secret"]}) == 2


def test_what_is_not_given_stays_as_it_is(stage: Stage) -> None:
    made = created(stage, name="Tracker", redirect_uri="a.b://x https://c.example/", icon_url="https://c.example/i.png")
    changed = stage.act(stage.bob, applications.update_application, id=made["id"], name="Bugs", icon_url="").result
    assert (changed["name"], changed["redirect_uri"]) == ("Bugs", "a.b://x https://c.example/")
    assert changed["icon_url"].endswith(f"/icons/{made['id']}.svg")


def test_applications_are_their_developers_own(stage: Stage) -> None:
    made = created(stage, name="Tracker")
    assert stage.ask(stage.alice, applications.list_applications) == []
    for action in (
        applications.show_application,
        applications.update_application,
        applications.renew_client_secret,
        applications.remove_application,
    ):
        with pytest.raises(NotFound):
            stage.act(stage.alice, action, id=made["id"])


def test_a_removed_application_is_not_there_any_more(stage: Stage) -> None:
    made = created(stage, name="Tracker")
    stage.act(stage.bob, applications.remove_application, id=made["id"])
    assert stage.ask(stage.bob, applications.list_applications) == []
    with pytest.raises(NotFound):
        stage.ask(stage.bob, applications.show_application, id=made["id"])


@pytest.mark.parametrize(
    "given, field",
    [
        ({}, "name"),
        ({"name": "x", "redirect_uri": "javascript:alert(1)"}, "redirect_uri"),
        ({"name": "x", "redirect_uri": "data:text/html,x"}, "redirect_uri"),
        ({"name": "x", "redirect_uri": "https://a.example/#x"}, "redirect_uri"),
        ({"name": "x", "redirect_uri": "https:///nowhere"}, "redirect_uri"),
        ({"name": "x", "redirect_uri": "/relative"}, "redirect_uri"),
        ({"name": "x", "redirect_uri": "https://a.example;evil/"}, "redirect_uri"),
        ({"name": "x", "redirect_uri": " ".join(f"https://{n}.example/" for n in range(21))}, "redirect_uri"),
        ({"name": "x", "icon_url": "javascript:alert(1)"}, "icon_url"),
        ({"application": {"name": ["x"]}}, "application"),
    ],
)
def test_what_no_application_can_be_is_refused_by_its_field(stage: Stage, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        created(stage, **given)
    assert (caught.value.status, list(caught.value.errors)) == (400, [field])
