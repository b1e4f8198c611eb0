import asyncio
from typing import Any

import pytest

from flowdock.server.actions import editing, reading, sending
from flowdock.server.actions.answers import IndexLagsBehind
from flowdock.server.domain.refusals import Refusal
from flowdock.server.records import StoredFile
from flowdock.server.store.transaction import NotFound, Transaction
from tests.server.stage import PLACE, Stage


def test_searching_right_after_sending_finds_it(stage: Stage) -> None:
    for count in range(1, 6):
        message = stage.send(f"needle {count}")
        assert stage.found(search="needle")[-1] == message["id"]
    assert len(stage.found(search="needle")) == 5


def test_a_search_that_comes_before_the_index_says_so_and_then_succeeds(stage: Stage) -> None:
    def send_and_search(tx: Transaction) -> None:
        sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content="needle")
        reading.list_messages(tx, stage.alice, **PLACE, search="needle")

    with pytest.raises(IndexLagsBehind) as caught:
        stage.write(send_and_search)
    assert caught.value.log_id == stage.flow_log
    assert stage.found(search="needle") == []


def test_an_edited_message_is_found_by_its_new_words_only(stage: Stage) -> None:
    for indexed in (False, True):
        message = stage.send("before")
        if indexed:
            assert stage.found(search="before") == [message["id"]]
        stage.act(stage.alice, editing.edit_message, **PLACE, id=message["id"], content="afterwards")
        assert stage.found(search="before") == []
    assert len(stage.found(search="afterwards")) == 2


def test_an_edited_message_is_found_by_its_new_tags_only(stage: Stage) -> None:
    message = stage.send("x #before")
    assert stage.found(tags="before") == [message["id"]]
    stage.act(stage.bob, editing.edit_message, **PLACE, id=message["id"], tags=["after"])
    assert (stage.found(tags="before"), stage.found(tags="after")) == ([], [message["id"]])


@pytest.mark.parametrize("event", ["message", "file"])
@pytest.mark.parametrize("indexed", [True, False])
def test_a_retracted_message_is_not_found(stage: Stage, event: str, indexed: bool) -> None:
    content: Any = "needle" if event == "message" else StoredFile({"path": "/files/3/k/n", "file_name": "needle"})
    message = stage.act(stage.alice, sending.send_to_flow, **PLACE, event=event, content=content, tags=["pin"]).result
    if indexed:
        assert stage.found(search="needle") == [message["id"]]
    stage.act(stage.alice, editing.delete_message, **PLACE, id=message["id"])
    assert stage.found(search="needle") == []
    assert stage.found(tags="pin") == []


def test_the_index_outlives_a_restart(stage: Stage) -> None:
    message = stage.send("needle")
    stage.restart()
    assert stage.found(search="needle") == [message["id"]]


def test_words_and_tags_unite_or_meet(stage: Stage) -> None:
    both = stage.send("needle #pin")["id"]
    word, tag = stage.send("needle")["id"], stage.send("#pin")["id"]
    assert stage.found(search="needle", tags="pin", tag_mode="or") == [both, word, tag]
    assert stage.found(search="needle", tags="pin") == [both]
    assert stage.found(search="needle", tags="pin", tag_mode="or", skip=1, limit=1) == [word]


def test_words_and_tags_are_found_between_two_ids_and_from_either_end(stage: Stage) -> None:
    ids = [stage.send("needle #pin")["id"] for _ in range(6)]
    for wanted in ({"search": "needle"}, {"tags": "pin"}, {"search": "needle", "tags": "pin", "tag_mode": "or"}):
        assert stage.found(**wanted, since_id=ids[0], until_id=ids[5], limit=2) == ids[3:5]
        assert stage.found(**wanted, since_id=ids[0], sort="asc", limit=2) == ids[1:3]
        assert stage.found(**wanted, since_id=ids[0], sort="asc", limit=2, skip=1) == ids[2:4]
        assert stage.found(**wanted, until_id=ids[0]) == []


@pytest.mark.parametrize("nothing", [{"search": "?!"}, {"search": "?!", "tag_mode": "or"}, {"tags": "@nobody"}])
def test_what_asks_for_nothing_finds_nothing(stage: Stage, nothing: dict[str, Any]) -> None:
    stage.send("needle")
    assert stage.found(**nothing) == []


def test_a_mention_is_found_by_its_nick(stage: Stage) -> None:
    message = stage.send("@bob look")
    assert stage.found(tags="@BOB") == [message["id"]]


def test_a_thread_is_searched_alone(stage: Stage) -> None:
    thread = stage.send("needle")["thread_id"]
    reply = stage.send("needle", thread_id=thread)["id"]
    stage.send("needle")

    def found(**conditions: Any) -> list[int]:
        shown = stage.ask(stage.alice, reading.list_replies, **PLACE, thread_id=thread, **conditions)
        return [one["id"] for one in shown]

    assert found(search="needle")[-1] == reply
    assert len(found(search="needle")) == 2
    assert len(found()) == 2


def test_ranges_keep_the_end_that_was_asked_for(stage: Stage) -> None:
    ids = [stage.send(str(number))["id"] for number in range(5)]
    assert stage.found(limit=2) == ids[3:]
    assert stage.found(limit=2, sort="asc", since_id=ids[0]) == ids[1:3]
    assert stage.found(since_id=ids[0], until_id=ids[3]) == ids[1:3]
    assert stage.found(since_id=2**80, sort="asc") == []


def test_several_kinds_come_in_one_order(stage: Stage) -> None:
    ids = [
        stage.act(stage.alice, sending.send_to_flow, **PLACE, event=kind, content="x").result["id"]
        for kind in ("message", "line", "status", "message", "line")
    ]
    assert stage.found(event="message,line", since_id=ids[0] - 1) == [ids[0], ids[1], ids[3], ids[4]]
    assert stage.found(event=["status", "line"], since_id=ids[0] - 1, limit=2) == [ids[2], ids[4]]
    assert stage.found(event="nothing-such") == []


def test_apps_divide_chat_from_the_inbox(stage: Stage) -> None:
    chat, inbox = stage.found(app="chat"), stage.found(app="influx")
    assert not set(chat) & set(inbox)
    assert sorted(chat + inbox) == stage.found()
    assert stage.found(app="influx", event="message") == []


def test_events_that_are_no_messages_are_not_listed(stage: Stage) -> None:
    message = stage.send("#a")
    stage.act(stage.alice, editing.edit_message, **PLACE, id=message["id"], content="#b")
    stage.act(stage.alice, editing.react, **PLACE, id=message["id"], emoji="tada", type="add")
    assert stage.found(since_id=message["id"] - 1) == [message["id"]]
    with pytest.raises(NotFound):
        stage.show(message["id"] + 1)


@pytest.mark.parametrize("limit", [0, -1, 101, 2**70])
@pytest.mark.parametrize("mode", [{}, {"search": "x"}])
def test_a_page_has_limits(stage: Stage, limit: int, mode: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        stage.found(limit=limit, **mode)
    assert list(caught.value.errors) == ["limit"]


def test_a_conversation_that_never_began_is_empty(stage: Stage) -> None:
    for conditions in ({}, {"search": "x"}):
        assert stage.ask(stage.alice, reading.list_private, user_id=stage.bob.user_id, **conditions) == []


def test_thousands_of_words_and_hundreds_of_tags_are_an_ordinary_question(stage: Stage) -> None:
    assert stage.found(search=" ".join(f"w{number}" for number in range(5000))) == []
    assert stage.found(search="x", tags=[f"t{number}" for number in range(200)]) == []
    assert stage.found(tags=[f"t{number}" for number in range(200)], tag_mode="or") == []


def test_a_page_never_shows_half_of_a_change(stage: Stage) -> None:
    """A read sees one moment: what is committed while it runs is not in it."""
    file = StoredFile({"path": "/files/3/k/n", "file_name": "needle"})
    message = stage.act(stage.alice, sending.send_to_flow, **PLACE, event="file", content=file).result

    async def read() -> int:
        loop = asyncio.get_running_loop()

        def read_while_it_is_retracted(tx: Transaction) -> int:
            before = tx.one("SELECT count(*) FROM events WHERE message IS NOT NULL")
            retracting = stage.store.write(
                lambda tx: editing.delete_message(tx, stage.alice, **PLACE, id=message["id"])
            )
            asyncio.run_coroutine_threadsafe(retracting, loop).result()
            after = tx.one("SELECT count(*) FROM events WHERE message IS NOT NULL")
            assert before == after
            return 1

        return await stage.store.read_aside(read_while_it_is_retracted)

    assert stage._runner.run(read()) == 1
