"""A message moves between threads, and both stay right, whatever happens before and after."""

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowdock.server.actions import editing, mailing, places, reading, sending, streaming, threading
from flowdock.server.actions.mailing import Mail
from flowdock.server.domain.actors import Person
from flowdock.server.domain.permissions import PUSH_TO_FLOW
from flowdock.server.domain.refusals import Refusal
from flowdock.server.records import StoredFile
from flowdock.server.store import mails, threads
from flowdock.server.store.transaction import NotFound, Transaction
from tests.server.stage import PLACE, Done, Stage

Message = dict[str, Any]
COUNTERS = ("activities", "internal_comments", "external_comments")


def move(stage: Stage, message: Message, thread_id: str | None, *, by: Person | None = None, **changes: Any) -> Done:
    return stage.act(by or stage.alice, editing.edit_message, **PLACE, id=message["id"], thread_id=thread_id, **changes)


def share(stage: Stage, **more: Any) -> Message:
    file = StoredFile({"path": "/files/3/key/a.txt", "file_name": "a.txt", "file_size": 4})
    done = stage.act(stage.alice, sending.send_to_flow, **PLACE, event="file", content=file, **more)
    message: Message = done.result
    return message


def present(stage: Stage, item: str = "build-1") -> Message:
    done = stage.act(
        stage.source,
        sending.send,
        event="activity",
        title='built <a href="https://ci.example/7">seven &amp; more</a>',
        author={"name": "CI"},
        external_thread_id=item,
        thread={"title": item},
    )
    message: Message = done.result
    return message


def thread(stage: Stage, thread_id: str) -> dict[str, Any]:
    found: dict[str, Any] = stage.ask(stage.bob, threading.show_thread, **PLACE, thread_id=thread_id)
    return found


def listed(stage: Stage, **wanted: Any) -> list[str]:
    return [one["id"] for one in stage.ask(stage.bob, threading.list_threads, **PLACE, limit=100, **wanted)]


def replies(stage: Stage, thread_id: str) -> list[Message]:
    found: list[Message] = stage.ask(stage.bob, reading.list_replies, **PLACE, thread_id=thread_id, limit=100)
    return found


# -------------------------------------------------------------------------------------------------- into another thread


def test_a_moved_message_shows_its_new_thread(stage: Stage) -> None:
    stays, goes = stage.send("one"), stage.send("two")

    move(stage, goes, stays["thread_id"])

    now = stage.show(goes["id"])
    assert (now["thread_id"], now["thread"]["title"], now["edited"]) == (stays["thread_id"], "one", None)
    assert now == goes | {"thread_id": stays["thread_id"], "thread": thread(stage, stays["thread_id"])}
    assert [one["id"] for one in replies(stage, stays["thread_id"])] == [stays["id"], goes["id"]]


def test_both_threads_count_what_is_in_them(stage: Stage) -> None:
    first = stage.send("one")
    reply = stage.send("two", thread_id=first["thread_id"])
    other = stage.send("three")

    move(stage, reply, other["thread_id"])

    assert thread(stage, first["thread_id"])["internal_comments"] == 1
    assert thread(stage, other["thread_id"])["internal_comments"] == 2


def test_a_move_is_told_once_in_the_shape_of_the_events_about_messages(stage: Stage) -> None:
    stays, goes = stage.send("one"), stage.send("two")

    [told] = move(stage, goes, stays["thread_id"]).told

    now = thread(stage, stays["thread_id"])
    assert told.event == {
        "event": "rethread",
        "tags": [],
        "uuid": None,
        "persist": False,
        "id": goes["id"] + 1,
        "flow": stage.flow_id,
        "content": {
            "message": goes["id"],
            "thread_id": stays["thread_id"],
            "from": goes["thread_id"],
            "thread": now | {"flow": stage.flow_id},
        },
        "sent": told.event["sent"],
        "app": None,
        "created_at": told.event["created_at"],
        "attachments": [],
        "emojiReactions": {},
        "user": str(stage.alice.user_id),
    }
    assert move(stage, goes, stays["thread_id"]).told == []


def test_somebody_who_resumes_hears_of_it_after_the_message_it_moved(stage: Stage) -> None:
    stays, goes = stage.send("one"), stage.send("two")
    told = move(stage, goes, stays["thread_id"]).told[0]

    found = stage.read(lambda tx: streaming.replay(tx, stage.flow_log, stays["id"], limit=10))

    moved, moving = [json.loads(one.frame) for one in found]
    assert (moved["id"], moved["thread_id"], moving) == (goes["id"], stays["thread_id"], told.event)


def test_a_thread_whose_first_message_leaves_begins_with_its_next(stage: Stage) -> None:
    first, other = stage.send("one"), stage.send("other")
    second = stage.send("two", thread_id=first["thread_id"])
    third = stage.send("three", thread_id=first["thread_id"])

    move(stage, first, other["thread_id"])

    assert thread(stage, first["thread_id"])["initial_message"] == second["id"]
    assert [stage.show(one["id"])["thread"]["initial_message"] for one in (second, third)] == [second["id"]] * 2
    assert thread(stage, other["thread_id"])["initial_message"] == first["id"]
    assert stage.show(other["id"])["thread"]["initial_message"] == first["id"]


def test_a_thread_without_messages_is_reachable_and_listed_only_if_asked_for(stage: Stage) -> None:
    stays, goes = stage.send("one"), stage.send("two")

    move(stage, goes, stays["thread_id"])

    assert goes["thread_id"] not in listed(stage)
    assert goes["thread_id"] in listed(stage, empty=True)
    assert (thread(stage, goes["thread_id"])["internal_comments"], replies(stage, goes["thread_id"])) == (0, [])


def test_an_emptied_thread_begins_anew_with_a_reply(stage: Stage) -> None:
    stays, goes = stage.send("one"), stage.send("two")
    move(stage, goes, stays["thread_id"])

    reply = stage.send("three", thread_id=goes["thread_id"])

    assert reply["thread"]["initial_message"] == reply["id"]
    assert thread(stage, goes["thread_id"])["initial_message"] == reply["id"]


def test_words_tags_and_thread_change_in_one_request_and_in_this_order(stage: Stage) -> None:
    stays, goes = stage.send("one"), stage.send("#two")

    done = move(stage, goes, stays["thread_id"], content="#three", tags=["kept"])

    now = stage.show(goes["id"])
    assert done.kinds == ["message-edit", "tag-change", "rethread"]
    assert (now["content"], now["tags"], now["thread_id"]) == ("#three", ["kept", "three"], stays["thread_id"])
    assert stage.found(search="three") == [goes["id"]]


# ---------------------------------------------------------------------------------------------------- one of its own


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_reply_gets_a_thread_of_its_own_called_after_it(stage: Stage, nothing: str | None) -> None:
    first = stage.send("one")
    reply = stage.send("why not\nlike this", thread_id=first["thread_id"])

    move(stage, reply, nothing)

    own = stage.show(reply["id"])["thread"]
    assert own["id"] not in {first["thread_id"], None}
    assert (own["title"], own["initial_message"], own["internal_comments"]) == ("why not", reply["id"], 1)
    assert own == thread(stage, own["id"])
    assert own["id"] in listed(stage)


def test_a_first_message_leaves_its_replies_behind(stage: Stage) -> None:
    first = stage.send("one")
    reply = stage.send("two", thread_id=first["thread_id"])

    move(stage, first, None)

    assert stage.show(first["id"])["thread_id"] != first["thread_id"]
    assert [one["id"] for one in replies(stage, first["thread_id"])] == [reply["id"]]


def test_a_message_that_is_alone_in_its_thread_stays_there(stage: Stage) -> None:
    message = stage.send("one")

    assert move(stage, message, None).told == []


def test_a_message_may_get_one_thread_of_its_own_after_the_other(stage: Stage) -> None:
    message = stage.send("one")
    seen = [message["thread_id"]]

    for _ in range(3):
        stage.send("reply", thread_id=seen[-1])
        move(stage, message, None)
        seen.append(stage.show(message["id"])["thread_id"])

    assert len(set(seen)) == 4
    assert set(seen) <= set(listed(stage))


def test_a_file_gets_a_thread_that_is_called_after_the_file(stage: Stage) -> None:
    file = share(stage, thread_id=stage.send("one")["thread_id"])

    move(stage, file, None)

    assert stage.show(file["id"])["thread"]["title"] == "Uploaded File a.txt"


# ------------------------------------------------------------------------------------------------------ who, and what


def test_somebody_elses_message_is_moved_by_admins_alone(stage: Stage) -> None:
    message, other = stage.send("one", by=stage.bob), stage.send("two")

    with pytest.raises(Refusal) as refused:
        move(stage, message, other["thread_id"], by=stage.carol)
    assert refused.value.status == 403
    assert move(stage, message, other["thread_id"], by=stage.alice).kinds == ["rethread"]
    assert move(stage, message, None, by=stage.bob).kinds == ["rethread"]


def test_what_integrations_present_is_moved_by_admins_and_keeps_its_own_thread_open(stage: Stage) -> None:
    item, again = present(stage), present(stage)

    with pytest.raises(Refusal):
        move(stage, item, None, by=stage.bob)
    move(stage, item, None)

    own = stage.show(item["id"])["thread"]
    assert (own["title"], own["activities"], own["source"]) == ("built seven & more", 1, None)
    assert thread(stage, item["thread_id"])["initial_message"] == again["id"]
    assert present(stage)["thread_id"] == item["thread_id"]


def test_what_answers_a_mail_joins_the_thread_that_the_mail_was_moved_to(stage: Stage) -> None:
    mail = Mail("Server is down", "Look", [{"name": "Ann", "address": "ann@example.net"}])

    def put(tx: Transaction) -> int:
        place = places.flow_itself(tx, stage.flow_log, PUSH_TO_FLOW)
        number, begun, _ = mailing.put_into(tx, place, mail)
        mails.put(tx, stage.flow_log, "<1@example.net>", thread_key=begun.key, number=number)
        return number

    item, other = stage.show(stage.write(put)), stage.send("we know")
    move(stage, item, other["thread_id"])

    key = stage.read(lambda tx: mails.find_thread(tx, stage.flow_log, ["<0@example.net>", "<1@example.net>"]))
    assert stage.read(lambda tx: threads.by_key(tx, key)).id == other["thread_id"]


def test_a_move_is_no_news_of_an_integrations_item(stage: Stage) -> None:
    item, remark = present(stage), stage.send("hm")

    move(stage, remark, item["thread_id"])

    now = thread(stage, item["thread_id"])
    assert (now["updated_at"], now["internal_comments"]) == (item["thread"]["updated_at"], 1)


def test_what_belongs_to_no_thread_stays_without(stage: Stage) -> None:
    status = stage.act(stage.alice, sending.send_to_flow, **PLACE, event="status", content="away").result

    with pytest.raises(Refusal) as refused:
        move(stage, status, stage.send("one")["thread_id"])

    assert refused.value.status == 400
    assert refused.value.errors == {
        "thread_id": [f"can't be changed: message {status['id']} is a status, in no thread"]
    }


def test_a_private_message_has_no_thread_to_leave(stage: Stage) -> None:
    bob = stage.bob.user_id
    message = stage.act(stage.alice, sending.send_privately, user_id=bob, event="message", content="psst").result

    with pytest.raises(Refusal) as refused:
        stage.act(stage.alice, editing.edit_private, user_id=bob, id=message["id"], thread_id=None)
    assert refused.value.status == 400


def test_a_thread_that_the_flow_does_not_have_is_not_found_and_nothing_changes(stage: Stage) -> None:
    message = stage.send("one")

    with pytest.raises(NotFound):
        move(stage, message, "no such thread", content="two")

    assert stage.show(message["id"]) == message


# --------------------------------------------------------------------------------------------- together with the rest


def test_a_thread_whose_first_file_is_deleted_begins_with_its_next_message(stage: Stage) -> None:
    file = share(stage)
    reply = stage.send("nice", thread_id=file["thread_id"])

    stage.act(stage.alice, editing.delete_message, **PLACE, id=file["id"])

    assert stage.show(reply["id"])["thread"]["initial_message"] == reply["id"]
    assert thread(stage, file["thread_id"])["initial_message"] == reply["id"]


def test_a_retracted_message_still_moves(stage: Stage) -> None:
    first = stage.send("one")
    reply = stage.send("two", thread_id=first["thread_id"])
    stage.act(stage.alice, editing.delete_message, **PLACE, id=reply["id"])

    move(stage, reply, None)

    assert stage.show(reply["id"])["thread"]["title"] == ""


def test_moves_at_the_same_moment_leave_all_threads_right(stage: Stage) -> None:
    course = Course(stage)
    others = [stage.send("other") for _ in range(3)]
    course.threads |= {one["thread_id"] for one in others}
    moves = [partial(_move, stage, others[0]["id"], one["thread_id"]) for one in others[1:]]
    replies_meanwhile = [partial(_reply, stage, one["thread_id"]) for one in others]

    assert not [one for one in stage.together(*moves, *replies_meanwhile, *moves) if isinstance(one, Exception)]

    course.check()


def _move(stage: Stage, message_id: int, thread_id: str, tx: Transaction) -> None:
    editing.edit_message(tx, stage.alice, **PLACE, id=message_id, thread_id=thread_id)


def _reply(stage: Stage, thread_id: str, tx: Transaction) -> None:
    sending.send_to_flow(tx, stage.bob, **PLACE, event="message", content="reply", thread_id=thread_id)


WHAT_HAPPENS = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.just(0), st.none() | st.integers(0, 30)),
        st.tuples(st.just("share"), st.just(0), st.none() | st.integers(0, 30)),
        st.tuples(st.just("present"), st.just(0), st.integers(0, 1)),
        st.tuples(st.just("delete"), st.integers(0, 30), st.none()),
        st.tuples(st.just("move"), st.integers(0, 30), st.none() | st.integers(0, 30)),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=WHAT_HAPPENS, moves=st.lists(st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)), max_size=5))
def test_threads_are_right_after_anything_and_as_before_after_moving_back(
    stage: Stage, steps: list[Any], moves: list[tuple[int, int | None]]
) -> None:
    course = Course(stage)
    for step in steps:
        course.take(*step)
    course.check()

    before, back = course.content(), []
    for which, target in moves:
        if (there := course.move(which, target)) is not None:
            back.append(there)
    course.check()
    for message, thread_id in reversed(back):
        move(stage, message, thread_id)

    after = course.content()
    begun = set(after) - set(before)
    assert {one: found for one, found in after.items() if one not in begun} == before
    assert all(not after[one][1] for one in begun)


class Course:
    """What happens in a flow, by numbers that stand for the messages and threads there are by then."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.since = stage.send("begin")["id"] - 1
        self.threads: set[str] = {stage.show(self.since + 1)["thread_id"]}

    def messages(self) -> list[Message]:
        found = self.stage.ask(self.stage.bob, reading.list_messages, **PLACE, since_id=self.since, limit=100)
        return [one for one in found if "thread_id" in one]

    def take(self, kind: str, which: int, target: int | None) -> None:
        if kind == "move":
            self.move(which, target)
        elif kind == "delete":
            self._delete(which)
        elif kind == "present":
            self.threads.add(present(self.stage, f"{self.since} {target}")["thread_id"])
        else:
            more: Any = {} if target is None else {"thread_id": self._thread(target)}
            message = self.stage.send("text", **more) if kind == "send" else share(self.stage, **more)
            self.threads.add(message["thread_id"])

    def move(self, which: int, target: int | None) -> tuple[Message, str] | None:
        """Move a message; it and the thread it came from."""
        if not (there := self.messages()):
            return None
        message = there[which % len(there)]
        move(self.stage, message, None if target is None else self._thread(target))
        self.threads.add(self.stage.show(message["id"])["thread_id"])
        return message, str(message["thread_id"])

    def _thread(self, target: int) -> str:
        known = sorted(self.threads)
        return known[target % len(known)]

    def _delete(self, which: int) -> None:
        if there := self.messages():
            self.stage.act(self.stage.alice, editing.delete_message, **PLACE, id=there[which % len(there)]["id"])

    def content(self) -> dict[str, tuple[dict[str, Any], list[Message]]]:
        """Every thread, with its messages; what a message says of its thread is so as of when it came."""
        found = {}
        for thread_id in sorted(self.threads):
            there = [{**one, "thread": one["thread"]["initial_message"]} for one in replies(self.stage, thread_id)]
            state = thread(self.stage, thread_id)
            found[thread_id] = (state if there else {**state, "initial_message": None}, there)
        return found

    def check(self) -> None:
        content = self.content()
        everywhere = [one["id"] for _, there in content.values() for one in there]
        assert sorted(everywhere) == [one["id"] for one in self.messages()]
        for thread_id, (state, there) in content.items():
            kinds = [one["event"] for one in there]
            counted = (kinds.count("activity"), kinds.count("message") + kinds.count("file"), kinds.count("discussion"))
            assert tuple(state[counter] for counter in COUNTERS) == counted
            assert {one["thread_id"] for one in there} <= {thread_id}
            first = min((one["id"] for one in there), default=None)
            assert {state["initial_message"], *(one["thread"] for one in there)} == {first}
