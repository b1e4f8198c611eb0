import re
from typing import Any

import pytest

from flowdock.server.actions import editing, sending
from flowdock.server.domain.refusals import Refusal
from flowdock.server.records import StoredFile
from flowdock.server.store.transaction import NotFound
from tests.server.stage import PLACE, Stage

FILE = StoredFile({"path": "/files/3/key/plan b.png", "file_name": "plan b.png", "file_size": 4})


def test_a_message_begins_a_thread_of_its_own(stage: Stage) -> None:
    message = stage.send("lunch?\nat noon")

    assert message["thread"] | {"id": message["thread_id"], "title": "lunch?"} == message["thread"]
    assert message["thread"]["initial_message"] == message["id"]
    counters = ("internal_comments", "activities", "external_comments")
    assert [message["thread"][counter] for counter in counters] == [1, 0, 0]
    assert re.fullmatch(r"[\w-]{27}", message["thread_id"])
    assert re.fullmatch(r"[\w-]{22}", message["uuid"])


def test_what_is_told_is_what_was_answered_in_the_shape_of_streams(stage: Stage) -> None:
    done = stage.act(stage.alice, sending.send_to_flow, **PLACE, event="message", content="hi")

    [told] = done.told
    assert (told.log_id, told.number) == (stage.flow_log, done.result["id"])
    assert told.event["thread"].pop("flow") == stage.flow_id
    answered = {name: value for name, value in done.result.items() if name not in ("edited", "edited_at")}
    answered["thread"] = {name: value for name, value in answered["thread"].items() if name != "source"}
    assert told.event == answered


def test_numbers_follow_one_another(stage: Stage) -> None:
    first = stage.send()["id"]
    assert [stage.send()["id"] for _ in range(5)] == list(range(first + 1, first + 6))


def test_replies_count_in_their_thread_and_do_not_move_it(stage: Stage) -> None:
    first = stage.send("lunch?")
    updated_at = first["thread"]["updated_at"]
    for count in (2, 3):
        reply = stage.send("yes", by=stage.bob, thread_id=first["thread_id"])
        assert reply["thread"]["internal_comments"] == count
        assert reply["thread"]["updated_at"] == updated_at
        assert reply["thread"]["title"] == "lunch?"
        assert reply["thread"]["initial_message"] == first["id"]


def test_a_message_keeps_the_thread_as_it_was_when_it_came(stage: Stage) -> None:
    first = stage.send("lunch?")
    stage.send("yes", thread_id=first["thread_id"])
    assert stage.show(first["id"])["thread"]["internal_comments"] == 1


@pytest.mark.parametrize("event", ["status", "line"])
def test_some_events_belong_to_no_thread(stage: Stage, event: str) -> None:
    said = stage.act(stage.alice, sending.send_to_flow, **PLACE, event=event, content="away").result
    assert "thread_id" not in said
    assert "thread" not in said


def test_a_status_is_remembered_of_the_person(stage: Stage) -> None:
    stage.act(stage.bob, sending.send_to_flow, **PLACE, event="status", content="at lunch")
    assert stage.row("SELECT user_id, status FROM flow_users WHERE status IS NOT NULL") == (
        stage.bob.user_id,
        "at lunch",
    )


def test_a_file_begins_a_thread_named_after_it(stage: Stage) -> None:
    sent = stage.act(stage.alice, sending.send_to_flow, **PLACE, event="file", content=FILE)
    message = sent.result
    assert message["thread"]["title"] == "Uploaded File plan b.png"
    assert (message["tags"], message["content"], message["attachments"]) == ([":file"], FILE.content, [FILE.content])
    assert sent.told[0].event["edited"] is None


@pytest.mark.parametrize(
    "given, field",
    [
        ({}, "event"),
        ({"event": "dance", "content": "x"}, "event"),
        ({"event": "activity", "title": "x"}, "event"),
        ({"event": "message"}, "content"),
        ({"event": "message", "content": " \n\t"}, "content"),
        ({"event": "message", "content": "x" * 8097}, "content"),
        ({"event": "message", "content": ["x"]}, "content"),
        ({"event": "message", "content": "x", "tags": ["t" * 256]}, "tags"),
        ({"event": "message", "content": "x", "tags": [f"t{n}" for n in range(201)]}, "tags"),
        ({"event": "message", "content": "x", "external_user_name": "two words"}, "external_user_name"),
        ({"event": "message", "content": "x", "external_user_name": "x" * 17}, "external_user_name"),
        ({"event": "message", "content": "x", "uuid": ""}, "uuid"),
        ({"event": "message", "content": "x", "uuid": "u" * 65}, "uuid"),
        ({"event": "file", "content": "no file"}, "content"),
    ],
)
def test_a_wrong_message_is_refused_and_leaves_nothing(stage: Stage, given: dict[str, Any], field: str) -> None:
    last = stage.send()["id"]
    with pytest.raises(Refusal) as caught:
        stage.act(stage.alice, sending.send_to_flow, **PLACE, **given)
    assert (caught.value.status, list(caught.value.errors)) == (400, [field])
    assert stage.found(limit=1) == [last]
    assert stage.send()["id"] == last + 1


def test_a_thread_of_another_flow_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.send(thread_id="a" * 27)


def test_a_person_shown_under_another_name_is_nobody_to_readers(stage: Stage) -> None:
    message = stage.send(external_user_name="Robot")
    assert (message["user"], message["external_user_name"]) == ("0", "Robot")


def test_an_integration_posts_to_its_own_flow_whatever_flow_it_names(stage: Stage) -> None:
    done = stage.act(stage.source, sending.send, flow="elsewhere/other", event="message", content="hi")
    assert (done.result["flow"], done.result["user"]) == (stage.flow_id, "0")


def test_activity_is_heard_but_not_stored(stage: Stage) -> None:
    last = stage.send()["id"]
    done = stage.act(stage.bob, sending.send, flow=stage.flow_id, event="activity.user")
    assert [(one.number, one.event["event"], one.event["user"]) for one in done.told] == [
        (0, "activity.user", str(stage.bob.user_id))
    ]
    assert stage.found(limit=1) == [last]


# ------------------------------------------------------------------------------------------- sending the same again


def test_a_repeated_uuid_answers_the_stored_message(stage: Stage) -> None:
    first = stage.send("once", uuid="u1")
    again = stage.act(stage.alice, sending.send_to_flow, **PLACE, event="message", content="again", uuid="u1")
    assert again.result == first
    assert again.told == []


def test_it_does_so_after_a_restart(stage: Stage) -> None:
    first = stage.send("once", uuid="u1")
    stage.restart()
    assert stage.send("again", uuid="u1") == first


def test_the_same_uuid_of_another_author_is_another_message(stage: Stage) -> None:
    ids = {stage.send(uuid="u1", by=person)["id"] for person in (stage.alice, stage.bob)}
    by_source = stage.act(stage.source, sending.send, event="message", content="x", uuid="u1").result["id"]
    assert len(ids | {by_source}) == 3


def test_twice_in_one_commit_is_still_one_message(stage: Stage) -> None:
    def send(tx: Any) -> Any:
        return sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content="hi", uuid="u1")

    first, second = stage.together(send, send)

    assert first.body == second.body
    assert [one.event["event"] for one in stage.hub.heard] == ["message"]


def test_the_answer_to_a_repeated_uuid_is_the_message_as_it_is_now(stage: Stage) -> None:
    sent = stage.send("#before", uuid="u1")
    stage.act(stage.alice, editing.edit_message, **PLACE, id=sent["id"], content="after")
    assert stage.send("#before", uuid="u1")["content"] == "after"


# ------------------------------------------------------------------------------------------------------- in private


def test_a_private_message_is_told_to_both(stage: Stage) -> None:
    done = stage.act(stage.alice, sending.send_privately, user_id=stage.bob.user_id, event="message", content="psst")

    personal = {stage.row("SELECT log_id FROM users WHERE id = ?", one.user_id)[0] for one in (stage.alice, stage.bob)}
    assert done.result["to"] == str(stage.bob.user_id)
    assert done.result["tags"] == [f":unread:{stage.bob.user_id}"]
    assert not {"flow", "thread", "thread_id"} & done.result.keys()
    assert len(done.told) == 3
    assert {one.log_id for one in done.told[1:]} == personal
    assert all(one.event == done.told[0].event for one in done.told)


def test_a_private_conversation_has_numbers_of_its_own(stage: Stage) -> None:
    def ids(sender: Any, receiver: Any) -> int:
        said = {"user_id": receiver.user_id, "event": "message", "content": "psst"}
        number: int = stage.act(sender, sending.send_privately, **said).result["id"]
        return number

    assert [ids(stage.alice, stage.bob), ids(stage.bob, stage.alice), ids(stage.bob, stage.carol)] == [1, 2, 1]


def test_talking_to_oneself_is_told_once(stage: Stage) -> None:
    done = stage.act(stage.alice, sending.send_privately, user_id=stage.alice.user_id, event="message", content="note")
    assert done.result["tags"] == []
    assert len(done.told) == 2


def test_there_are_no_threads_in_private(stage: Stage) -> None:
    thread_id = stage.send()["thread_id"]
    with pytest.raises(Refusal) as caught:
        stage.act(stage.alice, sending.send_privately, user_id=2, event="message", content="x", thread_id=thread_id)
    assert caught.value.status == 404


def test_nobody_can_write_to_somebody_who_is_not_there(stage: Stage) -> None:
    for user_id in (99, 0, -1, 2**70, -(2**70)):
        with pytest.raises(NotFound):
            stage.act(stage.alice, sending.send_privately, user_id=user_id, event="message", content="x")
