import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.client import calls, places
from flowdock.client.calls import Call

FLOW = places.flow("acme", "main")
THREAD = places.thread("acme", "main", "aB3_d-E")
PRIVATE = places.private(42)
UUID = "AbCdEfGhIjKlMnOpQrStUv"


@pytest.mark.parametrize(
    "call,request_line",
    [
        (calls.send(FLOW, "hi", uuid=UUID), "POST /flows/acme/main/messages"),
        (calls.send(THREAD, "hi", uuid=UUID), "POST /flows/acme/main/threads/aB3_d-E/messages"),
        (calls.send(PRIVATE, "hi", uuid=UUID), "POST /private/42/messages"),
        (calls.upload(FLOW, Path("a.png"), uuid=UUID), "POST /flows/acme/main/messages"),
        (calls.upload(PRIVATE, Path("a.png"), uuid=UUID), "POST /private/42/messages"),
        (calls.list_messages(FLOW, {}), "GET /flows/acme/main/messages"),
        (calls.list_messages(THREAD, {}), "GET /flows/acme/main/threads/aB3_d-E/messages"),
        (calls.list_messages(PRIVATE, {}), "GET /private/42/messages"),
        (calls.show_message(FLOW, 7), "GET /flows/acme/main/messages/7"),
        (calls.show_message(PRIVATE, 7), "GET /private/42/messages/7"),
        (calls.edit_message(FLOW, 7, content="x"), "PUT /flows/acme/main/messages/7"),
        (calls.edit_message(PRIVATE, 7, content="x"), "PUT /private/42/messages/7"),
        (calls.delete_message(FLOW, 7), "DELETE /flows/acme/main/messages/7"),
        (calls.delete_message(PRIVATE, 7), "DELETE /private/42/messages/7"),
        (calls.list_threads("acme", "main", {}), "GET /flows/acme/main/threads"),
        (calls.show_thread("acme", "main", "aB3_d-E"), "GET /flows/acme/main/threads/aB3_d-E"),
        (calls.list_flows(), "GET /flows"),
        (calls.show_flow("acme", "main"), "GET /flows/acme/main"),
        (calls.flow_users("acme", "main"), "GET /flows/acme/main/users"),
        (calls.me(), "GET /user"),
        (calls.list_users(), "GET /users"),
        (calls.present("t", id="1", author={"name": "Ray"}, title="did", uuid=UUID), "POST /messages"),
    ],
)
def test_each_call_goes_to_its_endpoint(call: Call[Any], request_line: str) -> None:
    assert call.request == request_line


def test_a_message_has_only_the_members_that_were_given() -> None:
    assert calls.send(FLOW, "hi", uuid=UUID).json == {"event": "message", "content": "hi", "uuid": UUID}


@pytest.mark.parametrize("tags,sent", [(["a", "b"], ["a", "b"]), (("a", "b"), ["a", "b"]), ("a,b", "a,b"), ([], [])])
def test_tags_go_as_an_array_or_as_the_text_they_are(tags: Any, sent: object) -> None:
    call = calls.send(FLOW, "hi", tags=tags, thread_id="t", uuid=UUID)

    assert call.json == {"event": "message", "content": "hi", "tags": sent, "thread_id": "t", "uuid": UUID}


def test_an_upload_is_a_form_with_the_file() -> None:
    call = calls.upload(FLOW, Path("a.png"), uuid=UUID, thread_id="t")

    assert (call.form, call.file, call.json) == ({"event": "file", "uuid": UUID, "thread_id": "t"}, Path("a.png"), None)


@pytest.mark.parametrize(
    "conditions,query",
    [
        ({}, {}),
        ({"search": "a b", "limit": 5, "skip": 0}, {"search": "a b", "limit": "5", "skip": "0"}),
        ({"tags": ["a", "b"], "event": ("file", "message")}, {"tags": "a,b", "event": "file,message"}),
        ({"tags": "a,b", "tag_mode": "or"}, {"tags": "a,b", "tag_mode": "or"}),
        ({"since_id": 1, "until_id": None, "sort": "asc"}, {"since_id": "1", "sort": "asc"}),
    ],
)
def test_conditions_are_a_query(conditions: dict[str, object], query: dict[str, str]) -> None:
    assert calls.list_messages(FLOW, conditions).query == query


def test_an_unknown_condition_of_messages_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TypeError, match="no condition serach; the supported ones are") as caught:
        calls.list_messages(FLOW, {"serach": "x"})
    for name in ("search", "tags", "tag_mode", "skip", "limit", "event", "since_id", "until_id", "sort"):
        assert name in str(caught.value)


def test_an_unknown_condition_of_threads_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TypeError, match=r"no condition search; .* limit, since, until, application, empty"):
        calls.list_threads("acme", "main", {"search": "x"})


@pytest.mark.parametrize(
    "changes,sent",
    [
        ({"content": ""}, {"content": ""}),
        ({"tags": []}, {"tags": []}),
        ({"content": "x", "tags": ["a"]}, {"content": "x", "tags": ["a"]}),
    ],
)
def test_an_edit_says_what_changes(changes: dict[str, Any], sent: dict[str, object]) -> None:
    assert calls.edit_message(FLOW, 7, **changes).json == sent


def test_an_edit_without_a_change_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="needs content, tags or both"):
        calls.edit_message(FLOW, 7)


@pytest.mark.parametrize("body,event", [(None, "activity"), ("", "discussion"), ("<p>text</p>", "discussion")])
def test_what_a_service_presents_is_a_discussion_when_it_has_a_body(body: str | None, event: str) -> None:
    call = calls.present("t0ken", id="ITEM-1", author={"name": "Ray"}, title="did", body=body, uuid=UUID)

    expected = {
        "flow_token": "t0ken",
        "event": event,
        "external_thread_id": "ITEM-1",
        "author": {"name": "Ray"},
        "title": "did",
        "uuid": UUID,
    }
    assert call.json == expected | ({} if body is None else {"body": body})


def test_the_state_of_the_thread_goes_with_what_is_presented() -> None:
    call = calls.present("t", id="1", author={"name": "Ray"}, title="did", thread={"title": "Item"}, uuid=UUID)

    assert call.json is not None
    assert call.json["thread"] == {"title": "Item"}


@pytest.mark.parametrize(
    "call,done",
    [
        (calls.send(FLOW, "hi", uuid=UUID), {200, 201}),
        (calls.show_message(FLOW, 7), {200}),
        (calls.edit_message(FLOW, 7, content="x"), {200, 204}),
        (calls.delete_message(FLOW, 7), {200, 204}),
        (calls.present("t", id="1", author={"name": "Ray"}, title="did", uuid=UUID), {200, 201, 202}),
    ],
)
def test_statuses_that_mean_done(call: Call[Any], done: set[int]) -> None:
    assert {status for status in range(100, 600) if call.is_done(status, again=False)} == done


@pytest.mark.parametrize(
    "call",
    [
        calls.send(FLOW, "hi", uuid=UUID),
        calls.upload(FLOW, Path("a.png"), uuid=UUID),
        calls.present("t", id="1", author={"name": "Ray"}, title="did", uuid=UUID),
        calls.show_message(FLOW, 7),
        calls.edit_message(FLOW, 7, content="x"),
        calls.delete_message(FLOW, 7),
    ],
)
def test_each_call_can_be_sent_twice_without_doing_a_thing_twice(call: Call[Any]) -> None:
    assert call.repeatable


def test_a_post_that_the_server_could_not_know_again_is_sent_once() -> None:
    call = calls.send(FLOW, "hi", uuid=UUID)

    assert not replace(call, json={"event": "message", "content": "hi"}).repeatable


def test_only_a_repeated_deletion_may_find_nothing() -> None:
    deletion, question = calls.delete_message(FLOW, 7), calls.show_message(FLOW, 7)

    assert [call.is_done(404, again=again) for call in (deletion, question) for again in (True, False)] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "call", [calls.edit_message(FLOW, 7, content="x"), calls.delete_message(FLOW, 7), calls.delete_message(PRIVATE, 7)]
)
@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_edit_and_a_deletion_answer_nothing(call: Call[None], body: bytes) -> None:
    assert call.read(body) is None


def test_an_answer_is_the_servers_json_unmodified() -> None:
    content = {"id": 1, "content": "ø", "unknown": [None]}

    assert calls.show_message(FLOW, 7).read(json.dumps(content).encode()) == content


NAMES = st.text(min_size=1).filter(lambda name: name not in {".", ".."})


@given(org=NAMES, flow=NAMES)
def test_whatever_a_flow_is_called_its_path_keeps_its_parts(org: str, flow: str) -> None:
    path = calls.show_flow(org, flow).path

    assert [unquote(part) for part in path.split("/")] == ["", "flows", org, flow]
    assert path.isascii()


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_value_that_would_change_the_address_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"flow is {name!r}, which cannot be part of an address"):
        calls.send(places.flow("acme", name), "hi", uuid=UUID)
