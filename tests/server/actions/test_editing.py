from typing import Any

import pytest

from flowdock.server.actions import editing, sending, streaming
from flowdock.server.actions.answers import Empty
from flowdock.server.domain.actors import Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.records import StoredFile
from flowdock.server.store.transaction import NotFound
from tests.server.stage import PLACE, Done, Stage

PATH = "/files/3/key/a.txt"
ACTIVITY: dict[str, Any] = {
    "event": "activity",
    "title": "built",
    "author": {"name": "CI"},
    "external_thread_id": "build-1",
    "thread": {"title": "Build 1"},
}


def edit(stage: Stage, message: dict[str, Any], *, by: Person | None = None, **changes: Any) -> Done:
    return stage.act(by or stage.alice, editing.edit_message, **PLACE, id=message["id"], **changes)


def retract(stage: Stage, message: dict[str, Any], *, by: Person | None = None) -> Done:
    return stage.act(by or stage.alice, editing.delete_message, **PLACE, id=message["id"])


def react(stage: Stage, message: dict[str, Any], emoji: str, kind: str, by: Person) -> Done:
    return stage.act(by, editing.react, **PLACE, id=message["id"], emoji=emoji, type=kind)


def share(stage: Stage) -> dict[str, Any]:
    content = StoredFile({"path": PATH, "file_name": "a.txt", "file_size": 4})
    message: dict[str, Any] = stage.act(
        stage.alice, sending.send_to_flow, **PLACE, event="file", content=content
    ).result
    return message


def replayed(stage: Stage, *, after: int = 0) -> list[tuple[int, bytes]]:
    """What somebody who resumes reads in the log of the flow."""
    found = stage.read(lambda tx: streaming.replay(tx, stage.flow_log, after, limit=1000))
    return [(one.number, one.frame) for one in found]


# ------------------------------------------------------------------------------------------------------------ text


def test_an_edit_that_changes_tags_tells_two_events_in_order(stage: Stage) -> None:
    message = stage.send("#hello")

    done = edit(stage, message, content="#world")

    edited, tagged = done.told
    assert done.kinds == ["message-edit", "tag-change"]
    assert (edited.number, tagged.number) == (message["id"] + 1, message["id"] + 2)
    assert edited.event["content"] == {"message": message["id"], "updated_content": "#world"}
    assert tagged.event["content"] == {"message": message["id"], "add": ["world"], "remove": ["hello"]}
    assert [one.event["persist"] for one in done.told] == [False, False]


def test_an_edit_that_leaves_the_tags_tells_one_event(stage: Stage) -> None:
    assert edit(stage, stage.send("#a b"), content="#a c").kinds == ["message-edit"]


def test_an_edit_shows_in_the_message(stage: Stage) -> None:
    message = stage.send("before #a")
    done = edit(stage, message, content="after #b")
    now = stage.show(message["id"])
    assert (now["content"], now["tags"], now["edited"]) == ("after #b", ["b"], done.told[0].event["sent"])
    assert now["edited_at"] == done.told[0].event["created_at"]
    unchanged = ("id", "sent", "uuid", "thread_id", "thread", "user")
    assert {name: now[name] for name in unchanged} == {name: message[name] for name in unchanged}


def test_an_edit_keeps_tags_that_were_given_beside_the_text(stage: Stage) -> None:
    message = stage.send("#a text", tags=["kept"])
    edit(stage, message, content="#b text")
    assert stage.show(message["id"])["tags"] == ["kept", "b"]


def test_the_title_of_the_thread_outlives_an_edit(stage: Stage) -> None:
    message = stage.send("before")
    edit(stage, message, content="after")
    assert stage.show(message["id"])["thread"]["title"] == "before"


def test_nothing_changed_is_nothing_told(stage: Stage) -> None:
    message = stage.send("#same")
    for changes in ({"content": "#same"}, {"tags": ["same"]}, {"content": "#same", "tags": "same"}, {}):
        assert edit(stage, message, **changes).told == []
    assert stage.show(message["id"])["edited"] is None


def test_only_the_author_may_change_the_text(stage: Stage) -> None:
    message = stage.send()
    with pytest.raises(Refusal) as caught:
        edit(stage, message, by=stage.bob, content="mine now")
    assert caught.value.status == 403
    assert stage.show(message["id"])["content"] == "hello"


@pytest.mark.parametrize("content", ["", "  ", "x" * 8097])
def test_a_text_that_could_not_be_sent_cannot_be_edited_in(stage: Stage, content: str) -> None:
    message = stage.send()
    with pytest.raises(Refusal) as caught:
        edit(stage, message, content=content)
    assert caught.value.errors.keys() == {"content"}


@pytest.mark.parametrize("id", [0, -1, 99, 2**32, 2**64])
def test_what_is_not_there_cannot_be_changed(stage: Stage, id: int) -> None:
    with pytest.raises(NotFound):
        edit(stage, {"id": id}, content="x")


# ------------------------------------------------------------------------------------------------------------ tags


def test_anybody_in_the_flow_may_replace_the_tags(stage: Stage) -> None:
    message = stage.send("see #a and http://example.org")
    done = edit(stage, message, by=stage.bob, tags=["b", "a", "#b", "@carol"])
    [told] = done.told
    assert told.event["event"] == "tag-change"
    assert "persist" not in told.event
    mention = [f":user:{stage.carol.user_id}", f":unread:{stage.carol.user_id}"]
    assert told.event["content"] == {"message": message["id"], "add": ["b", *mention], "remove": [":url"]}
    assert stage.show(message["id"])["tags"] == ["b", "a", *mention]


def test_marking_as_read_tells_only_that(stage: Stage) -> None:
    message = stage.send("@bob hi")
    unread = f":unread:{stage.bob.user_id}"
    done = edit(stage, message, by=stage.bob, tags=[tag for tag in message["tags"] if tag != unread])
    assert done.told[0].event["content"] == {"message": message["id"], "add": [], "remove": [unread]}
    assert done.told[0].event["user"] == str(stage.bob.user_id)


# ------------------------------------------------------------------------------------------------------ retracting


def test_a_retracted_chat_message_stays_as_an_empty_one(stage: Stage) -> None:
    message = stage.send("#regret")
    done = retract(stage, message)
    assert (done.result, done.kinds) == (None, ["message-edit"])
    assert done.told[0].event["content"] == {"message": message["id"], "updated_content": ""}
    now = stage.show(message["id"])
    assert (now["content"], now["tags"], now["edited"] is None) == ("", [], False)


def test_retracting_twice_tells_it_once(stage: Stage) -> None:
    message = stage.send()
    retract(stage, message)
    assert retract(stage, message).told == []


def test_a_retracted_text_is_nowhere_in_the_log(stage: Stage) -> None:
    message = stage.send("a title stays, and so does that of the thread\nsecret-one")
    edit(stage, message, content="secret-two")
    edit(stage, message, content="secret-three")
    before = [number for number, _ in replayed(stage)]

    retract(stage, message)

    frames = replayed(stage)
    assert [number for number, _ in frames][: len(before)] == before
    assert b"secret" not in b"".join(frame for _, frame in frames)


def test_a_file_goes_altogether(stage: Stage) -> None:
    message = share(stage)
    done = retract(stage, message)
    assert done.result == Empty(files=(PATH,))
    with pytest.raises(NotFound):
        stage.show(message["id"])
    assert message["id"] not in stage.found()
    assert (message["id"], b"") in replayed(stage)
    thread = stage.row("SELECT internal_comments FROM threads WHERE id = ?", message["thread_id"])
    assert thread == (0,)


def test_an_inbox_item_may_be_taken_out_by_anybody(stage: Stage) -> None:
    item = stage.act(stage.source, sending.send, **ACTIVITY).result
    assert retract(stage, item, by=stage.carol).result == Empty()
    with pytest.raises(NotFound):
        stage.show(item["id"])
    assert stage.row("SELECT activities FROM threads WHERE id = ?", item["thread_id"]) == (0,)


def test_what_is_not_ones_own_cannot_be_retracted(stage: Stage) -> None:
    for message in (stage.send(), share(stage)):
        with pytest.raises(Refusal) as caught:
            retract(stage, message, by=stage.bob)
        assert caught.value.status == 403


def test_a_number_stays_taken(stage: Stage) -> None:
    message = share(stage)
    retract(stage, message)
    assert stage.send()["id"] == message["id"] + 2


# ------------------------------------------------------------------------------------------------------- reactions


def test_reactions_are_counted_once_per_person(stage: Stage) -> None:
    message = stage.send()
    kinds = [
        react(stage, message, "tada", "add", stage.alice).kinds,
        react(stage, message, ":tada:", "add", stage.alice).kinds,
        react(stage, message, "tada", "add", stage.bob).kinds,
        react(stage, message, "tada", "remove", stage.alice).kinds,
        react(stage, message, "tada", "remove", stage.alice).kinds,
    ]
    assert kinds == [["emoji-reaction"], [], ["emoji-reaction"], ["emoji-reaction"], []]
    assert stage.show(message["id"])["emojiReactions"] == {"tada": [str(stage.bob.user_id)]}


def test_the_last_reaction_taken_back_leaves_none(stage: Stage) -> None:
    message = stage.send()
    react(stage, message, "tada", "add", stage.bob)
    [told] = react(stage, message, "tada", "remove", stage.bob).told
    assert told.event["content"] == {"message": message["id"], "emoji": "tada", "type": "remove"}
    now = stage.show(message["id"])
    assert (now["emojiReactions"], now["edited"]) == ({}, None)


@pytest.mark.parametrize(
    "reaction", [{"type": "add"}, {"emoji": "tada"}, {"emoji": "two words", "type": "add"}, {"emoji": "x" * 65}]
)
def test_a_reaction_needs_an_emoji_and_a_direction(stage: Stage, reaction: dict[str, Any]) -> None:
    message = stage.send()
    with pytest.raises(Refusal) as caught:
        stage.act(stage.alice, editing.react, **PLACE, id=message["id"], **reaction)
    assert caught.value.status == 400


# ------------------------------------------------------------------------------------------------------- in private


def test_changes_in_private_are_told_to_both(stage: Stage) -> None:
    said = stage.act(stage.alice, sending.send_privately, user_id=stage.bob.user_id, event="message", content="#a")
    where = {"user_id": stage.bob.user_id, "id": said.result["id"]}

    done = stage.act(stage.alice, editing.edit_private, **where, content="#b")

    assert done.kinds == ["message-edit"] * 3 + ["tag-change"] * 3
    assert {one.event["to"] for one in done.told} == {str(stage.bob.user_id)}
    conversation, *personal = {one.log_id for one in done.told}
    assert len(personal) == 2
    assert conversation not in personal


def test_who_resumes_reads_in_private_what_was_told(stage: Stage) -> None:
    said = stage.act(stage.alice, sending.send_privately, user_id=stage.bob.user_id, event="message", content="one")
    where = {"user_id": stage.bob.user_id, "id": said.result["id"]}
    stage.act(stage.alice, editing.edit_private, **where, content="two")
    stage.act(stage.alice, editing.delete_private, **where)
    [log_id] = stage.row("SELECT log_id FROM users WHERE id = ?", stage.bob.user_id)

    frames = stage.read(lambda tx: streaming.replay(tx, log_id, 0, limit=100))

    private = [one.frame for one in frames if b'"to"' in one.frame]
    assert len(private) == 3
    assert b"one" not in b"".join(private)
    assert b"two" not in b"".join(private)


def test_strangers_find_nothing_of_it(stage: Stage) -> None:
    said = stage.act(stage.alice, sending.send_privately, user_id=stage.bob.user_id, event="message", content="one")
    with pytest.raises(NotFound):
        stage.act(stage.carol, editing.delete_private, user_id=stage.bob.user_id, id=said.result["id"])
