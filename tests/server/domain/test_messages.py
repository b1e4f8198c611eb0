from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.domain import messages, threads
from flowdock.server.domain.refusals import Refusal
from flowdock.server.records import ThreadState

SENT = 1_600_000_000_123
THREAD = threads.shown(
    ThreadState(key=1, id="t", title="x", initial_message=512, created_at=SENT, updated_at=SENT), None
)


def composed(**more: Any) -> dict[str, Any]:
    wanted = {"id": 512, "event": "message", "place": {"flow": "f"}, "user": 9, "content": "lunch?", "tags": []}
    return messages.composed(**{**wanted, "sent": SENT, "uuid": "u", "thread": THREAD, **more})


@pytest.mark.parametrize(
    "content, kept", [("x", "x"), (" x\n", " x\n"), (7, "7"), (1.5, "1.5"), ("x" * 8096, "x" * 8096)]
)
def test_content_that_can_be_sent(content: object, kept: str) -> None:
    assert messages.checked_content(content) == kept


@pytest.mark.parametrize("content", [None, "", " \t\r\n\u3000", "x" * 8097, True, [], {}, b"x"])
def test_content_that_cannot(content: object) -> None:
    with pytest.raises(Refusal) as caught:
        messages.checked_content(content)
    assert list(caught.value.errors) == ["content"]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8096).filter(str.strip))
def test_any_text_is_kept_to_the_letter(text: str) -> None:
    assert messages.checked_content(text) is text


def test_the_length_is_counted_in_characters() -> None:
    assert messages.checked_content("😀" * 8096)


def test_a_refusal_tells_both_lengths() -> None:
    with pytest.raises(Refusal) as caught:
        messages.checked_content("x" * 9120)
    assert caught.value.errors["content"] == ["is too long (9120 characters; maximum is 8096)"]


@pytest.mark.parametrize(
    "author, kept",
    [
        ({"name": "Robo"}, {"name": "Robo"}),
        ({"name": "Robo", "email": None, "avatar": "a", "other": 1}, {"name": "Robo", "avatar": "a"}),
    ],
)
def test_an_author_is_what_is_known_of_them(author: dict[str, object], kept: dict[str, object]) -> None:
    assert messages.checked_author(author) == kept


# ---------------------------------------------------------------------------------------------------------- shapes


def test_a_message_as_rest_shows_it() -> None:
    assert composed() == {
        "user": "9",
        "content": "lunch?",
        "event": "message",
        "edited": None,
        "emojiReactions": {},
        "tags": [],
        "id": 512,
        "sent": SENT,
        "attachments": (),
        "uuid": "u",
        "thread_id": "t",
        "app": "chat",
        "thread": THREAD,
        "flow": "f",
        "created_at": "2020-09-13T12:26:40.123Z",
        "edited_at": None,
    }


def test_streams_know_the_flow_of_a_thread_and_no_source_where_there_is_none() -> None:
    event = messages.streamed(composed())
    assert event["thread"] == {name: one for name, one in THREAD.items() if name != "source"} | {"flow": "f"}
    assert not {"edited", "edited_at"} & event.keys()


@pytest.mark.parametrize("kind", ["file", "activity", "discussion"])
def test_streams_say_of_some_whether_they_were_edited(kind: str) -> None:
    assert messages.streamed(composed(event=kind))["edited"] is None


def test_streams_keep_the_source_of_a_thread() -> None:
    with_source = {**THREAD, "source": {"id": 1}}
    assert messages.streamed(composed(thread=with_source))["thread"]["source"] == {"id": 1}
    assert messages.streamed(composed(event="file"))["thread"]["source"] is None


def test_streaming_leaves_the_stored_shape_alone() -> None:
    message = composed()
    before = {**message, "thread": dict(message["thread"])}
    messages.streamed(message)
    assert message == before


def test_a_private_message_names_its_reader_and_no_flow() -> None:
    event = messages.streamed(composed(place={"to": "7"}, thread=None))
    assert event["to"] == "7"
    assert not {"flow", "thread", "thread_id"} & event.keys()


@pytest.mark.parametrize("caused, lasting", [(True, False), (False, True)])
def test_events_about_messages(caused: bool, lasting: bool) -> None:
    event = messages.about_a_message(
        "tag-change",
        {"message": 1},
        id=2,
        place={"flow": "f"},
        user=9,
        sent=SENT,
        lasting=lasting,
        caused_by_edit=caused,
    )
    assert ("edited" in event, event.get("persist")) == (caused, None if lasting else False)
    assert (event["app"], event["uuid"], event["tags"], event["attachments"]) == (None, None, [], [])


@pytest.mark.parametrize(
    "parent, title",
    [
        ({"content": "text"}, "text"),
        ({"content": None, "title": "item"}, "item"),
        ({"content": {"subject": "mail"}}, "mail"),
        ({"content": {"file_name": "a.png"}}, "a.png"),
        ({"content": {"title": "parent", "text": "t"}}, "parent"),
        ({"content": None}, ""),
        ({"content": {}}, ""),
    ],
)
def test_a_comment_says_what_it_is_about(parent: dict[str, Any], title: str) -> None:
    assert messages.comment_content(parent, "I agree") == {"title": title, "text": "I agree"}


@pytest.mark.parametrize(
    "message, text",
    [
        ({"content": "said"}, "said"),
        ({"content": {"title": "not mine", "text": "mine"}}, "mine"),
        ({"content": {"file_name": "plan b.png", "path": "/x"}}, "plan b.png"),
        ({"content": None, "title": "built", "body": "<p>why</p>"}, " built <p>why</p>"),
        ({"content": None, "title": "", "body": None}, ""),
        ({"content": {"subject": "s", "content": "c"}}, "s c"),
    ],
)
def test_the_words_by_which_a_message_is_found(message: dict[str, Any], text: str) -> None:
    assert messages.text_of(message) == text


def test_presence_has_no_number() -> None:
    event = messages.activity(user=9, place={"flow": "f"}, now=SENT)
    assert (event["id"], event["content"]) == (None, {"last_activity": SENT})
