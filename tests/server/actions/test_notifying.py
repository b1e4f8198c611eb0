from typing import Any

import pytest

from flowdock.server.actions import editing, flows, indexing, notifying, sending
from flowdock.server.domain.actors import Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.transaction import NotFound
from tests.server.stage import PLACE, Stage


def unread(stage: Stage, who: Person) -> Any:
    return stage.ask(who, notifying.unread_in_flow, **PLACE)


def index(stage: Stage) -> None:
    """Let the index know everything."""
    stage.write(lambda tx: indexing.catch_up(tx, stage.flow_log))


def test_what_mentions_somebody_waits_for_them_until_they_read_it(stage: Stage) -> None:
    said = stage.send("hello @bob")
    stage.send("hello")

    waiting = {"flow": stage.flow_id, "count": 1, "messages": [said["id"]], "threads": {said["thread_id"]: 1}}
    assert unread(stage, stage.bob) == waiting
    assert stage.ask(stage.bob, notifying.unread) == [waiting]
    assert unread(stage, stage.alice)["count"] == 0

    stage.act(stage.bob, notifying.mark_read, **PLACE)

    assert unread(stage, stage.bob) == {"flow": stage.flow_id, "count": 0, "messages": [], "threads": {}}


@pytest.mark.parametrize("indexed", ["all", "some", "none"])
def test_what_waits_is_told_exactly_however_far_the_index_is(stage: Stage, indexed: str) -> None:
    first = stage.send("@bob")["id"]
    if indexed != "none":
        index(stage)
    second = stage.send("@BOB again")["id"]
    stage.send("nothing")
    if indexed == "all":
        index(stage)

    assert unread(stage, stage.bob)["messages"] == [first, second]
    stage.act(stage.bob, notifying.mark_read, **PLACE, until_id=first)
    assert unread(stage, stage.bob)["messages"] == [second]
    index(stage)
    assert unread(stage, stage.bob)["messages"] == [second]
    assert stage.found(tags=f":unread:{stage.bob.user_id}") == [second]


def test_reading_is_told_as_it_was_recorded_once_for_each_message(stage: Stage) -> None:
    first, second = stage.send("@bob"), stage.send("@bob and @carol")

    done = stage.act(stage.bob, notifying.mark_read, **PLACE)

    assert done.kinds == ["tag-change", "tag-change"]
    assert [one.event["content"]["message"] for one in done.told] == [second["id"], first["id"]]
    assert done.told[0].event["content"] == {
        "message": second["id"],
        "add": [],
        "remove": [f":unread:{stage.bob.user_id}"],
    }
    assert "persist" not in done.told[0].event
    assert done.told[0].event["user"] == str(stage.bob.user_id)


def test_what_was_read_was_not_edited_and_waits_for_others_still(stage: Stage) -> None:
    said = stage.send("@bob and @carol")

    stage.act(stage.bob, notifying.mark_read, **PLACE)

    gone = f":unread:{stage.bob.user_id}"
    assert stage.show(said["id"]) == said | {"tags": [tag for tag in said["tags"] if tag != gone]}
    assert unread(stage, stage.carol)["messages"] == [said["id"]]


def test_a_thread_is_read_by_itself(stage: Stage) -> None:
    first, second = stage.send("@bob"), stage.send("@bob")
    reply = stage.send("@bob", thread_id=first["thread_id"])

    still = stage.act(stage.bob, notifying.mark_read, **PLACE, thread_id=first["thread_id"]).result

    assert still["messages"] == [second["id"]]
    assert ":unread" not in "".join(stage.show(reply["id"])["tags"])


def test_a_thread_that_is_not_there_cannot_be_read(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.act(stage.bob, notifying.mark_read, **PLACE, thread_id="A" * 27)


@pytest.mark.parametrize("until_id", [-1, 0, 1 << 40])
def test_any_number_may_be_where_reading_ends(stage: Stage, until_id: int) -> None:
    stage.send("@bob")

    still = stage.act(stage.bob, notifying.mark_read, **PLACE, until_id=until_id).result

    assert still["count"] == (0 if until_id > 0 else 1)


def test_one_request_reads_so_many_and_tells_what_remains(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "AT_ONCE", 2)
    sent = [stage.send("@bob")["id"] for _ in range(5)]
    index(stage)

    still = stage.act(stage.bob, notifying.mark_read, **PLACE).result

    assert (still["count"], still["messages"]) == (3, sent[1:3])


def test_a_list_of_flows_tells_how_much_waits_in_each(stage: Stage) -> None:
    stage.act(stage.alice, flows.create_flow, org="acme", name="Second")
    stage.send("@alice", by=stage.bob)
    index(stage)
    stage.send("@alice", by=stage.bob)

    found = stage.ask(stage.alice, flows.list_flows)

    assert [(one["parameterized_name"], one["unread_mentions"]) for one in found] == [("main", 2), ("second", 0)]


def test_mentions_stay_when_they_are_read(stage: Stage) -> None:
    first, second = stage.send("@bob"), stage.send("@everyone")
    stage.act(stage.bob, notifying.mark_read, **PLACE, until_id=first["id"])

    found = stage.ask(stage.bob, notifying.mentions)

    assert [(one["message"]["id"], one["unread"]) for one in found] == [(second["id"], True), (first["id"], False)]
    assert found[0]["id"] == f"{stage.flow_id}/{second['id']}"
    assert found[0]["message"] == second


def test_what_waits_in_private_is_among_what_waits(stage: Stage) -> None:
    stage.send("@bob")
    private = {"event": "message", "content": "psst"}
    said = stage.act(stage.alice, sending.send_privately, user_id=stage.bob.user_id, **private).result

    found = stage.ask(stage.bob, notifying.unreads)

    assert {one["message"]["content"] for one in found} == {"@bob", "psst"}
    assert f"private/{stage.alice.user_id}/{said['id']}" in [one["id"] for one in found]
    assert stage.ask(stage.bob, notifying.unreads, limit=1) == found[:1]


def test_a_limited_token_is_told_only_what_it_may_read(stage: Stage) -> None:
    stage.send("@bob")
    stage.act(stage.alice, sending.send_privately, user_id=stage.bob.user_id, event="message", content="psst")

    def seen(scope: Any) -> set[str]:
        limited = Person(stage.bob.user_id, frozenset({scope}))
        return {one["message"]["content"] for one in stage.ask(limited, notifying.unreads)}

    assert (seen("flow"), seen("private")) == ({"@bob"}, {"psst"})
    assert stage.ask(Person(stage.bob.user_id, frozenset({"private"})), notifying.unread) == []


def test_a_message_that_is_gone_waits_for_nobody(stage: Stage) -> None:
    said = stage.send("@bob")
    index(stage)

    stage.act(stage.alice, editing.delete_message, **PLACE, id=said["id"])

    assert unread(stage, stage.bob)["count"] == 0
    assert stage.ask(stage.bob, notifying.mentions) == []


@pytest.mark.parametrize("limit", [0, 101])
def test_so_many_are_not_told(stage: Stage, limit: int) -> None:
    with pytest.raises(Refusal, match="400"):
        stage.ask(stage.bob, notifying.mentions, limit=limit)


def test_what_waits_in_an_archived_flow_can_still_be_marked_read(stage: Stage) -> None:
    stage.send("@bob look")
    stage.act(stage.alice, flows.update_flow, **PLACE, disabled=True)

    left = stage.act(stage.bob, notifying.mark_read, **PLACE).result

    assert left["count"] == 0
