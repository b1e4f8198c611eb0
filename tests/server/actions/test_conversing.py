from typing import Any

from flowdock.server.actions import conversing, sending
from flowdock.server.actions.organizations import dismiss
from flowdock.server.domain.actors import Person
from tests.server.stage import Stage


def say(stage: Stage, by: Person, to: Person, content: str = "psst") -> Any:
    return stage.act(by, sending.send_privately, user_id=to.user_id, event="message", content=content).result


def shown(stage: Stage, who: Person, other: Person) -> Any:
    return stage.ask(who, conversing.show_conversation, user_id=other.user_id)


def test_a_conversation_that_never_began_is_closed_and_comes_not_to_be_by_looking(stage: Stage) -> None:
    found = shown(stage, stage.alice, stage.bob)

    assert (found["id"], found["name"], found["open"]) == (stage.bob.user_id, "@bob", False)
    assert found["url"] == f"http://flowdock.example/private/{stage.bob.user_id}"
    assert found["activity"] == {"inbox": False, "mentions": 0, "chat": False}
    assert [one["nick"] for one in found["users"]] == ["alice", "bob"]
    assert stage.ask(stage.alice, conversing.list_conversations) == []


def test_what_waits_in_a_conversation_is_told_to_whom_it_waits_for(stage: Stage) -> None:
    say(stage, stage.alice, stage.bob)
    say(stage, stage.alice, stage.bob)

    assert shown(stage, stage.bob, stage.alice)["activity"] == {"inbox": False, "mentions": 2, "chat": True}
    assert shown(stage, stage.alice, stage.bob)["activity"] == {"inbox": False, "mentions": 0, "chat": False}


def test_a_conversation_is_closed_for_one_and_a_message_opens_it_again(stage: Stage) -> None:
    say(stage, stage.alice, stage.bob)

    closed = stage.act(stage.bob, conversing.update_conversation, user_id=stage.alice.user_id, open=False).result

    assert closed["open"] is False
    assert shown(stage, stage.alice, stage.bob)["open"] is True
    say(stage, stage.alice, stage.bob)
    assert shown(stage, stage.bob, stage.alice)["open"] is True


def test_who_opens_a_conversation_opens_it_for_themselves(stage: Stage) -> None:
    stage.act(stage.alice, conversing.update_conversation, user_id=stage.bob.user_id, open=True)

    assert shown(stage, stage.alice, stage.bob)["open"] is True
    assert shown(stage, stage.bob, stage.alice)["open"] is False


def test_conversations_are_listed_by_their_newest_message(stage: Stage) -> None:
    say(stage, stage.alice, stage.bob)
    last = say(stage, stage.alice, stage.carol)
    while say(stage, stage.bob, stage.alice)["sent"] == last["sent"]:
        pass

    found = stage.ask(stage.alice, conversing.list_conversations)

    assert [one["name"] for one in found] == ["@bob", "@carol"]
    assert found[0] == shown(stage, stage.alice, stage.bob)


def test_a_conversation_with_somebody_who_left_is_listed_still(stage: Stage) -> None:
    say(stage, stage.bob, stage.alice)
    organization_id = stage.row("SELECT id FROM organizations")[0]

    stage.write(lambda tx: dismiss(tx, organization_id, stage.bob.user_id, by=0))

    assert [one["name"] for one in stage.ask(stage.alice, conversing.list_conversations)] == ["@bob"]


def test_one_converses_with_oneself(stage: Stage) -> None:
    say(stage, stage.alice, stage.alice)

    found = stage.ask(stage.alice, conversing.list_conversations)

    assert [one["nick"] for one in found[0]["users"]] == ["alice"]
    assert (found[0]["open"], found[0]["activity"]["mentions"]) == (True, 0)
    stage.act(stage.alice, conversing.update_conversation, user_id=stage.alice.user_id, open=False)
    assert shown(stage, stage.alice, stage.alice)["open"] is False
