"""What an integration is asked when somebody follows the address of a thread's action."""

import json
from typing import Any

import pytest

from flowdock import actions
from flowdock.server.actions import flows, sending, thread_actions
from flowdock.server.actions.thread_actions import Order
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.refusals import Refusal
from flowdock.server.domain.thread_actions import Target
from flowdock.server.store.transaction import NotFound
from tests.server.stage import PLACE, Stage

RETRY = {
    "@type": "UpdateAction",
    "name": "Retry",
    "target": {"@type": "EntryPoint", "urlTemplate": "https://ci.example/retry?ü=1", "httpMethod": "PUT"},
}


def present(stage: Stage, *offered: dict[str, Any]) -> dict[str, Any]:
    thread: dict[str, Any] = stage.act(
        stage.source,
        sending.send,
        event="activity",
        title="built",
        author={"name": "Robo"},
        external_thread_id="7",
        thread={"title": "Build 7", "actions": list(offered)},
    ).result["thread"]
    return thread


def order(stage: Stage, thread: dict[str, Any], *, by: Actor | None = None, at: int = 0) -> Order:
    key = thread["actions"][at]["target"]["urlTemplate"].rpartition("/")[2]
    found: Order = stage.ask(by or stage.bob, thread_actions.order, **PLACE, thread_id=thread["id"], key=key)
    return found


def test_an_order_is_the_action_in_the_name_of_the_person(stage: Stage) -> None:
    found = order(stage, present(stage, RETRY))
    assert found.target == Target("https://ci.example/retry?ü=1", "PUT")
    said = json.loads(found.body)
    assert said.pop("agent") == {
        "@type": "Person",
        "name": "Bob",
        "image": f"http://flowdock.example/avatars/{stage.bob.user_id}.svg",
    }
    assert said == RETRY


def test_its_token_says_for_whom_it_is_asked_and_is_good_for_half_a_minute(stage: Stage) -> None:
    found = order(stage, present(stage, RETRY))
    secret = stage.read(lambda tx: thread_actions.secret_of_source(tx, stage.source.source_id))
    moment = stage.read(lambda tx: tx.now) / 1000
    claims = actions.verify({"FLOWDOCK-TOKEN": found.token}, found.body, secret)
    assert claims["user_id"] == stage.bob.user_id
    assert claims["expires"] == pytest.approx(moment + 30, abs=5)
    assert found.token not in repr(found)


def test_of_several_actions_each_has_an_address_of_its_own(stage: Stage) -> None:
    other = RETRY | {"name": "Cancel"}
    thread = present(stage, RETRY, other)
    assert [order(stage, thread, at=at).name for at in (0, 1)] == ["Retry", "Cancel"]


def test_the_address_stays_while_the_action_does(stage: Stage) -> None:
    first = present(stage, RETRY)
    again = present(stage, {"@type": "ViewAction", "url": "https://ci.example"}, RETRY)
    assert order(stage, first).body == order(stage, again, at=1).body


def test_the_address_of_a_changed_action_leads_nowhere(stage: Stage) -> None:
    before = present(stage, RETRY)
    present(stage, RETRY | {"name": "Again"})
    with pytest.raises(Refusal) as refused:
        order(stage, before)
    assert refused.value.status == 404


def test_a_thread_of_another_flow_is_not_found(stage: Stage) -> None:
    thread = present(stage, RETRY)
    stage.act(stage.alice, flows.create_flow, org="acme", name="Other")
    key = thread["actions"][0]["target"]["urlTemplate"].rpartition("/")[2]
    with pytest.raises(NotFound):
        stage.ask(stage.alice, thread_actions.order, org="acme", flow="other", thread_id=thread["id"], key=key)


def test_an_integration_has_nothing_done(stage: Stage) -> None:
    with pytest.raises(Refusal) as refused:
        order(stage, present(stage, RETRY), by=stage.source)
    assert refused.value.status == 403


def test_a_thread_that_was_stored_with_anything_can_be_shown(stage: Stage) -> None:
    present(stage, RETRY)
    stored = '[{"@type":"UpdateAction"},{"@type":"ViewAction","url":"javascript:alert(1)"},7]'
    stage.write(lambda tx: tx.execute("UPDATE threads SET actions = ?", (stored,)))
    shown = stage.send("reply", thread_id=stage.row("SELECT id FROM threads WHERE source_id IS NOT NULL")[0])
    assert shown["thread"]["actions"] == []
