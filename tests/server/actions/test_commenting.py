from typing import Any

import pytest

from flowdock.server.actions import commenting, editing, sending
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.transaction import NotFound
from tests.server.stage import PLACE, Stage


def line(stage: Stage, content: str = "is away") -> dict[str, Any]:
    """A message without a thread, on which comments are of the old kind."""
    message: dict[str, Any] = stage.act(
        stage.alice, sending.send_to_flow, **PLACE, event="line", content=content
    ).result
    return message


def test_a_remark_on_a_message_with_a_thread_is_a_reply(stage: Stage) -> None:
    parent = stage.send("lunch?")
    reply = stage.act(stage.bob, commenting.comment_on, **PLACE, id=parent["id"], content="yes #now", tags="a").result
    assert (reply["event"], reply["thread_id"], reply["tags"]) == ("message", parent["thread_id"], ["a", "now"])
    assert reply["thread"]["internal_comments"] == 2


def test_a_remark_on_a_message_without_one_is_a_comment(stage: Stage) -> None:
    parent = line(stage)
    remark = stage.act(stage.bob, commenting.comment, flow="acme/main", message=parent["id"], content="#ok").result
    assert (remark["event"], remark["content"]) == ("comment", {"title": "is away", "text": "#ok"})
    assert remark["tags"] == [f"influx:{parent['id']}", "ok"]


def test_the_older_name_of_the_parent_is_understood(stage: Stage) -> None:
    parent = stage.send()
    reply = stage.act(stage.source, commenting.comment, message_id=parent["id"], content="built").result
    assert (reply["thread_id"], reply["user"]) == (parent["thread_id"], "0")


def test_a_comment_can_be_edited_and_retracted(stage: Stage) -> None:
    parent = line(stage)
    remark = stage.act(stage.bob, commenting.comment_on, **PLACE, id=parent["id"], content="one").result
    edited = stage.act(stage.bob, editing.edit_message, **PLACE, id=remark["id"], content="two")
    assert edited.told[0].event["content"]["updated_content"] == {"title": "is away", "text": "two"}
    stage.act(stage.bob, editing.delete_message, **PLACE, id=remark["id"])
    assert stage.show(remark["id"])["content"] == {"title": "is away", "text": ""}


@pytest.mark.parametrize("kind", ["threaded", "old"])
def test_a_repeated_uuid_comments_once(stage: Stage, kind: str) -> None:
    parent = stage.send() if kind == "threaded" else line(stage)
    remarks = [
        stage.act(stage.bob, commenting.comment_on, **PLACE, id=parent["id"], content="x", uuid="u1") for _ in range(2)
    ]
    assert remarks[0].result == remarks[1].result
    assert remarks[1].told == []


def test_comments_cannot_be_commented_on(stage: Stage) -> None:
    remark = stage.act(stage.bob, commenting.comment_on, **PLACE, id=line(stage)["id"], content="one").result
    with pytest.raises(Refusal) as caught:
        stage.act(stage.bob, commenting.comment_on, **PLACE, id=remark["id"], content="two")
    assert caught.value.errors.keys() == {"message"}


def test_a_comment_needs_something_to_be_about(stage: Stage) -> None:
    with pytest.raises(Refusal) as caught:
        stage.act(stage.bob, commenting.comment, flow="acme/main", content="x")
    assert caught.value.errors.keys() == {"message"}
    with pytest.raises(NotFound):
        stage.act(stage.bob, commenting.comment, flow="acme/main", message=10**30, content="x")
