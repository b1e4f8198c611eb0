"""Mail as an item of a flow's inbox."""

from typing import Any

from flowdock.server.actions import editing, mailing, places, reading, threading
from flowdock.server.actions.mailing import Mail
from flowdock.server.domain.permissions import PUSH_TO_FLOW
from flowdock.server.records import StoredFile
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.transaction import Transaction
from tests.server.stage import PLACE, Stage

FROM: mailing.Address = {"name": "Ann", "address": "ann@example.net"}


def put(stage: Stage, mail: Mail | None = None, *, thread_id: str | None = None, **more: Any) -> dict[str, Any]:
    """The message that a mail became."""
    chosen = mail or Mail("Server is down", "<p>Look</p>", [FROM])

    def write(tx: Transaction) -> int:
        place = places.flow_itself(tx, stage.flow_log, PUSH_TO_FLOW)
        replied_to = None if thread_id is None else stored_threads.get(tx, stage.flow_log, thread_id)
        return mailing.put_into(tx, place, chosen, replied_to=replied_to, **more)[0]

    return stage.show(stage.write(write))


def test_a_mail_is_an_item_of_the_inbox_with_a_thread_named_after_its_subject(stage: Stage) -> None:
    item = put(stage)

    assert (item["event"], item["app"], item["user"]) == ("mail", "influx", "0")
    assert item["thread"]["title"] == "Server is down"
    assert item["content"] == {
        "subject": "Server is down",
        "content": "<p>Look</p>",
        "contentType": "text/html",
        "from": [FROM],
        "to": [],
        "cc": [],
        "bcc": [],
        "replyTo": [],
        "sender": None,
    }
    assert stage.found(app="influx", event="mail") == [item["id"]]


def test_its_html_is_cleaned(stage: Stage) -> None:
    item = put(stage, Mail("x", "<b onclick='a()'>b</b><script>c()</script>", [FROM]))

    assert item["content"]["content"] == "<b>b</b>"


def test_its_text_stays_as_it_is(stage: Stage) -> None:
    item = put(stage, Mail("x", "1 < 2 <script>", [FROM], content_type="text/plain"))

    assert item["content"]["content"] == "1 < 2 <script>"


def test_an_answer_joins_the_thread(stage: Stage) -> None:
    first = put(stage)
    answer = put(stage, Mail("Re: Server is down", "Up again", [FROM]), thread_id=first["thread_id"])

    assert answer["thread_id"] == first["thread_id"]
    assert stage.ask(stage.bob, threading.list_threads, **PLACE)[0]["internal_comments"] == 2


def test_without_a_subject_its_thread_has_a_name_all_the_same(stage: Stage) -> None:
    assert put(stage, Mail("  ", "x", [FROM]))["thread"]["title"] == mailing.NO_SUBJECT


def test_tags_mention_people_and_files_are_tagged(stage: Stage) -> None:
    file = StoredFile({"file_name": "a.txt", "path": "/files/1/x/a.txt"})
    item = put(stage, tags=["urgent", "@bob"], attachments=[file])

    assert item["tags"] == ["urgent", f":user:{stage.bob.user_id}", f":unread:{stage.bob.user_id}", ":file"]
    assert item["attachments"] == [file.content]


def test_it_is_found_by_its_words_and_can_be_deleted(stage: Stage) -> None:
    item = put(stage)
    assert stage.found(search="down") == [item["id"]]

    stage.act(stage.bob, editing.delete_message, **PLACE, id=item["id"])

    assert item["id"] not in [one["id"] for one in stage.ask(stage.bob, reading.list_messages, **PLACE)]
