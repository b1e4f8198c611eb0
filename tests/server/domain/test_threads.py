from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.protocol.types import COLOURS
from flowdock.server.domain import threads
from flowdock.server.domain.refusals import Refusal
from flowdock.server.records import ThreadState

THREAD = ThreadState(key=1, id="t", title="old", initial_message=1, created_at=1_600_000_000_123, updated_at=5)

LONG = "word " * 15 + "exactly"


@pytest.mark.parametrize(
    "text, title",
    [
        ("lunch?", "lunch?"),
        ("  lunch?  ", "lunch?"),
        ("\n\n  first\nsecond", "first"),
        ("first\r\nsecond", "first"),
        ("```\ncode\n```", "code"),
        ("```python\ncode\n```", "code"),
        ("~~~\ncode", "code"),
        ("```", "```"),
        ("```\n```", "```"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80 + "…"),
        (f"{'x' * 79} y", f"{'x' * 79}…"),
        (f"{'x' * 70}, {'y' * 20}", f"{'x' * 70}…"),
        (f"{'x' * 80} y", f"{'x' * 80}…"),
        ("." * 100, "." * 80 + "…"),
        (" \n ", ""),
        ("", ""),
    ],
)
def test_a_thread_is_called_after_the_first_line_that_says_something(text: str, title: str) -> None:
    assert threads.title_of(text) == title


@given(st.text(min_size=1).filter(str.strip))
def test_any_message_gives_a_short_title(text: str) -> None:
    title = threads.title_of(text)
    assert 1 <= len(title) <= threads.TITLE_LIMIT + 1
    assert len(title.splitlines()) == 1
    assert title.rstrip("…").strip() in text


def test_a_file_gives_its_name() -> None:
    assert threads.title_of_file("plan b.png") == "Uploaded File plan b.png"


@pytest.mark.parametrize(
    "event, counter, moves",
    [
        ("message", "internal_comments", False),
        ("file", "internal_comments", False),
        ("activity", "activities", True),
        ("discussion", "external_comments", True),
    ],
)
def test_each_kind_has_its_counter(event: str, counter: str, moves: bool) -> None:
    more = threads.counted(THREAD, event, number=7, now=9)
    assert getattr(more, counter) == getattr(THREAD, counter) + 1
    assert more.updated_at == (9 if moves else 5)
    fewer = threads.uncounted(more, event)
    assert getattr(fewer, counter) == getattr(THREAD, counter)
    assert getattr(threads.uncounted(THREAD, event), counter) == 0


def test_a_thread_without_messages_begins_with_the_next() -> None:
    begun = threads.counted(THREAD, "message", number=7, now=9)
    assert begun.initial_message == 7
    assert threads.counted(begun, "message", number=8, now=9).initial_message == 7


@pytest.mark.parametrize(
    "message, title",
    [
        ({"event": "message", "content": "why not\nlike this"}, "why not"),
        ({"event": "message", "content": ""}, ""),
        ({"event": "file", "content": {"file_name": "a.txt"}}, "Uploaded File a.txt"),
        (
            {"event": "activity", "content": None, "title": 'built <a href="x">seven &amp; more</a>'},
            "built seven & more",
        ),
        ({"event": "mail", "content": {"subject": "Hello", "content": "<p>you</p>"}}, "Hello"),
        ({"event": "vcs", "content": {"ref": "main", "commits": [{}]}}, "main: 1 commit"),
        ({"event": "rss", "content": {}}, ""),
    ],
)
def test_any_message_gives_its_own_thread_a_name(message: dict[str, Any], title: str) -> None:
    assert threads.title_for(message) == title


# ----------------------------------------------------------------------------------------- states of integrations


def test_a_state_is_taken_whole() -> None:
    given_state = {
        "title": "Build <b>7</b>",
        "body": "<p onclick='x()'>details</p><script>bad()</script>",
        "external_url": "https://ci.example/7",
        "status": {"color": "green", "value": "passed"},
        "fields": [{"label": "Branch", "value": "<a href='http://a.example'>a</a><i>b</i>"}, {}],
        "actions": [{"@type": "ViewAction", "name": "Open", "other": [1]}],
    }
    state = threads.presented(THREAD, given_state)
    assert (state.title, state.body, state.external_url) == (
        "Build <b>7</b>",
        "<p>details</p>",
        "https://ci.example/7",
    )
    assert state.status == given_state["status"]
    assert state.actions == given_state["actions"]
    assert [field["label"] for field in state.fields] == ["Branch", ""]  # type: ignore[index]
    assert "<i>" not in str(state.fields)


def test_what_a_state_leaves_out_is_empty() -> None:
    full = threads.presented(THREAD, {"title": "a", "body": "b", "external_url": "c", "fields": [{"label": "d"}]})
    state = threads.presented(full, {"title": "new"})
    assert (state.title, state.body, state.external_url, state.status) == ("new", None, None, None)
    assert (state.fields, state.actions) == ([], [])


@pytest.mark.parametrize("title", [7, 7.5])
def test_numbers_are_texts(title: object) -> None:
    assert threads.presented(THREAD, {"title": title}).title == str(title)


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_is_taken(colour: str) -> None:
    state = threads.presented(THREAD, {"title": "x", "status": {"color": colour}})
    assert state.status == {"color": colour, "value": ""}


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"title": None}, "thread.title"),
        ({"title": ""}, "thread.title"),
        ({"title": "  "}, "thread.title"),
        ({"title": ["x"]}, "thread.title"),
        ({"title": True}, "thread.title"),
        ({"title": "x" * 1025}, "thread.title"),
        ({"body": {}}, "thread.body"),
        ({"body": "x" * (2**20 + 1)}, "thread.body"),
        ({"external_url": ["x"]}, "thread.external_url"),
        ({"external_url": "x" * 8193}, "thread.external_url"),
        ({"status": "green"}, "thread.status.color"),
        ({"status": {"value": "x"}}, "thread.status.color"),
        ({"status": {"color": "pink", "value": "x"}}, "thread.status.color"),
        ({"status": {"color": ["green"], "value": "x"}}, "thread.status.color"),
        ({"status": {"color": "green", "value": {}}}, "thread.status.value"),
        ({"status": {"color": "green", "value": "x" * 256}}, "thread.status.value"),
        ({"fields": {"label": "x"}}, "thread.fields"),
        ({"fields": ["x"]}, "thread.fields"),
        ({"fields": [{}] * 101}, "thread.fields"),
        ({"fields": [{"label": []}]}, "thread.fields.label"),
        ({"fields": [{"label": "x" * 256}]}, "thread.fields.label"),
        ({"fields": [{"value": {}}]}, "thread.fields.value"),
        ({"actions": "x"}, "thread.actions"),
        ({"actions": [{"name": "x"}]}, "thread.actions"),
        ({"actions": [{"@type": 7}]}, "thread.actions"),
        ({"actions": ["x"]}, "thread.actions"),
    ],
)
def test_a_wrong_state_is_refused_by_the_name_of_what_is_wrong(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        threads.presented(THREAD, {"title": "x", **wrong})
    assert (caught.value.status, list(caught.value.errors)) == (400, [field])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
states = st.dictionaries(st.sampled_from(["title", "body", "external_url", "status", "fields", "actions"]), json_values)


@given(states)
def test_no_state_does_anything_but_fit_or_be_refused(state: dict[str, object]) -> None:
    try:
        title = threads.presented(THREAD, state).title
    except Refusal as refusal:
        outcome: object = (refusal.status, len(refusal.errors))
    else:
        outcome = bool(title.strip())
    assert outcome in (True, (400, 1))


# -------------------------------------------------------------------------------------------------------- on the wire


def test_a_thread_as_rest_shows_it() -> None:
    shown = threads.shown(THREAD, None)
    assert shown == {
        "id": "t",
        "title": "old",
        "body": "",
        "external_url": None,
        "status": None,
        "actions": [],
        "fields": [],
        "source": None,
        "activities": 0,
        "internal_comments": 0,
        "external_comments": 0,
        "updated_at": "1970-01-01T00:00:00.005Z",
        "created_at": "2020-09-13T12:26:40.000Z",
        "initial_message": 1,
    }
