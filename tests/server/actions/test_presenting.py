from typing import Any

import pytest

from flowdock.server.actions import sending, setting_up, threading
from flowdock.server.domain.refusals import Refusal
from flowdock.server.records import StoredFile
from flowdock.server.store.transaction import NotFound
from tests.server.stage import PLACE, Done, Stage

AUTHOR = {"name": "Robo"}
STATE = {
    "title": "Build 7",
    "body": "<p>details</p>",
    "external_url": "https://ci.example/7",
    "status": {"color": "green", "value": "passed"},
    "fields": [{"label": "Branch", "value": '<a href="https://ci.example">main</a>'}],
    "actions": [{"@type": "ViewAction", "name": "Open", "url": "https://ci.example/7"}],
}


def present(stage: Stage, **given: Any) -> Done:
    wanted: dict[str, Any] = {"event": "activity", "title": "built", "author": AUTHOR, "external_thread_id": "7"}
    wanted |= {"thread": STATE, **given}
    return stage.act(stage.source, sending.send, **{name: one for name, one in wanted.items() if one is not None})


def test_an_activity_begins_a_thread_with_the_state_it_brings(stage: Stage) -> None:
    item = present(stage).result
    assert (item["app"], item["user"], item["content"], item["body"]) == ("influx", "0", None, None)
    assert (item["title"], item["author"]) == ("built", AUTHOR)
    assert item["thread"] | STATE == item["thread"]
    assert (item["thread"]["activities"], item["thread"]["internal_comments"]) == (1, 0)
    assert item["thread"]["source"]["application"]["name"] == "CI"
    assert item["thread"]["initial_message"] == item["id"]


def test_the_same_external_id_is_the_same_thread(stage: Stage) -> None:
    first = present(stage).result
    second = present(stage, event="discussion", body="<b>why?</b>", thread=None).result
    assert second["thread_id"] == first["thread_id"]
    assert second["thread"] | STATE == second["thread"]
    assert [second["thread"][name] for name in ("activities", "external_comments")] == [1, 1]
    assert second["body"] == "<b>why?</b>"


def test_a_new_state_replaces_the_old_one_whole(stage: Stage) -> None:
    present(stage)
    thread = present(stage, thread={"title": "Build 7, again"}).result["thread"]
    gone: dict[str, object] = {"body": None, "external_url": None, "status": None, "fields": [], "actions": []}
    assert thread | {"title": "Build 7, again", **gone} == thread


def test_another_source_has_another_thread_for_the_same_id(stage: Stage) -> None:
    mine = present(stage).result["thread_id"]
    other = stage.write(
        lambda tx: setting_up.create_source(
            tx, **PLACE, name="Other", application="CI", external_url=None, creator=stage.alice.user_id
        )
    )
    from_other = type(stage.source)(other.id, stage.flow_log)
    done = stage.act(
        from_other, sending.send, event="activity", title="x", author=AUTHOR, external_thread_id="7", thread=STATE
    )
    assert done.result["thread_id"] != mine


def test_an_item_can_go_into_a_thread_of_the_flow(stage: Stage) -> None:
    chat = stage.send("lunch?")
    item = present(stage, thread_id=chat["thread_id"], external_thread_id=None, thread=None).result
    assert item["thread"]["title"] == "lunch?"
    assert (item["thread"]["internal_comments"], item["thread"]["activities"]) == (1, 1)


def test_a_person_may_answer_in_the_thread_of_an_item(stage: Stage) -> None:
    item = present(stage).result
    reply = stage.send("on it", thread_id=item["thread_id"])
    assert (reply["app"], reply["thread"]["title"], reply["thread"]["internal_comments"]) == ("chat", "Build 7", 1)
    assert reply["thread"]["source"] == item["thread"]["source"]


def test_markup_that_could_do_harm_is_taken_out(stage: Stage) -> None:
    harmful = "<script>alert(1)</script><img src=x onerror=alert(1)><a href='javascript:x'>y</a>"
    item = present(stage, event="discussion", title=f"<b>t</b>{harmful}", body=f"<i>b</i>{harmful}").result
    assert "<b>" not in item["title"]
    for text in (item["title"], item["body"]):
        assert not any(bad in text for bad in ("script", "onerror"))


def test_attachments_are_files_of_the_message(stage: Stage) -> None:
    file = StoredFile({"path": "/files/3/key/log.txt", "file_name": "log.txt", "file_size": 1})
    item = present(stage, attachments={"log": file}).result
    assert (item["attachments"], item["tags"]) == ([file.content], [":file"])


def test_a_repeated_uuid_presents_once(stage: Stage) -> None:
    first = present(stage, uuid="u1")
    again = present(stage, uuid="u1", title="changed")
    assert (again.result, again.told) == (first.result, [])


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"title": None}, "title"),
        ({"title": " "}, "title"),
        ({"author": None}, "author.name"),
        ({"author": {"name": " "}}, "author.name"),
        ({"author": {"name": "x", "email": 7}}, "author.email"),
        ({"external_thread_id": None}, "external_thread_id"),
        ({"external_thread_id": "x" * 256}, "external_thread_id"),
        ({"thread": None}, "thread"),
        ({"thread": {}}, "thread.title"),
        ({"event": "discussion"}, "body"),
        ({"attachments": ["no file"]}, "attachments"),
        ({"tags": ["t" * 256]}, "tags"),
    ],
)
def test_a_wrong_item_is_refused_and_leaves_nothing(stage: Stage, wrong: dict[str, Any], field: str) -> None:
    last = stage.send()["id"]
    with pytest.raises(Refusal) as caught:
        present(stage, **wrong)
    assert (caught.value.status, list(caught.value.errors)) == (400, [field])
    assert stage.send()["id"] == last + 1
    assert stage.row("SELECT count(*) FROM threads WHERE external_id = '7'") == (0,)


def test_a_thread_that_is_not_there_is_not_found(stage: Stage) -> None:
    with pytest.raises(NotFound):
        present(stage, thread_id="a" * 27)


def test_a_removed_source_is_gone(stage: Stage) -> None:
    stage.write(lambda tx: setting_up.remove_source(tx, stage.source.source_id))
    with pytest.raises(Refusal) as caught:
        present(stage)
    assert caught.value.status == 410


# ----------------------------------------------------------------------------------------------- lists of threads


def test_threads_come_newest_first_and_items_move_them(stage: Stage) -> None:
    first, second = present(stage).result["thread_id"], stage.send()["thread_id"]
    present(stage)
    shown = [one["id"] for one in stage.ask(stage.alice, threading.list_threads, **PLACE, limit=100)]
    assert set(shown[:2]) == {first, second}
    assert sorted(one["updated_at"] for one in stage.ask(stage.alice, threading.list_threads, **PLACE)) == [
        one["updated_at"] for one in reversed(stage.ask(stage.alice, threading.list_threads, **PLACE))
    ]


def test_a_thread_is_shown_as_it_is_now(stage: Stage) -> None:
    first = stage.send("lunch?")
    reply = stage.send("yes", thread_id=first["thread_id"])
    assert stage.ask(stage.alice, threading.show_thread, **PLACE, thread_id=first["thread_id"]) == reply["thread"]


@pytest.mark.parametrize("wanted", [{"limit": 0}, {"limit": 101}, {"since": "yesterday"}, {"until": "2014-13-01"}])
def test_a_list_of_threads_has_limits(stage: Stage, wanted: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as caught:
        stage.ask(stage.alice, threading.list_threads, **PLACE, **wanted)
    assert list(caught.value.errors) == list(wanted)
