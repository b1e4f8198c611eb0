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


def test_a_message_has_only_the_members_that_were_given() -> None:
    assert calls.messages.send(FLOW, "hi", uuid=UUID).json == {"event": "message", "content": "hi", "uuid": UUID}


@pytest.mark.parametrize("tags,sent", [(["a", "b"], ["a", "b"]), (("a", "b"), ["a", "b"]), ("a,b", "a,b"), ([], [])])
def test_tags_go_as_an_array_or_as_the_text_they_are(tags: Any, sent: object) -> None:
    call = calls.messages.send(FLOW, "hi", tags=tags, thread_id="t", uuid=UUID)

    assert call.json == {"event": "message", "content": "hi", "tags": sent, "thread_id": "t", "uuid": UUID}


def test_an_upload_is_a_form_with_the_file() -> None:
    call = calls.messages.upload(FLOW, Path("a.png"), uuid=UUID, thread_id="t")

    assert call.form == {"event": "file", "uuid": UUID, "thread_id": "t"}
    assert (call.files, call.json) == ({"content": Path("a.png")}, None)


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
    assert calls.messages.list_messages(FLOW, conditions).query == query


def test_an_unknown_condition_of_messages_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TypeError, match="no condition serach; the supported ones are") as caught:
        calls.messages.list_messages(FLOW, {"serach": "x"})
    for name in ("search", "tags", "tag_mode", "skip", "limit", "event", "since_id", "until_id", "sort"):
        assert name in str(caught.value)


def test_an_unknown_condition_of_threads_is_answered_with_the_known_ones() -> None:
    with pytest.raises(TypeError, match=r"no condition search; .* limit, since, until, until_id, application, empty"):
        calls.threads.list_threads("acme", "main", {"search": "x"})


@pytest.mark.parametrize(
    "changes,sent",
    [
        ({"content": ""}, {"content": ""}),
        ({"tags": []}, {"tags": []}),
        ({"content": "x", "tags": ["a"]}, {"content": "x", "tags": ["a"]}),
    ],
)
def test_an_edit_says_what_changes(changes: dict[str, Any], sent: dict[str, object]) -> None:
    assert calls.messages.edit_message(FLOW, 7, **changes).json == sent


def test_an_edit_without_a_change_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="needs content, tags or both"):
        calls.messages.edit_message(FLOW, 7)


@pytest.mark.parametrize("body,event", [(None, "activity"), ("", "discussion"), ("<p>text</p>", "discussion")])
def test_what_a_service_presents_is_a_discussion_when_it_has_a_body(body: str | None, event: str) -> None:
    call = calls.integrating.present("t0ken", id="ITEM-1", author={"name": "Ray"}, title="did", body=body, uuid=UUID)

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
    call = calls.integrating.present(
        "t", id="1", author={"name": "Ray"}, title="did", thread={"title": "Item"}, uuid=UUID
    )

    assert call.json is not None
    assert call.json["thread"] == {"title": "Item"}


@pytest.mark.parametrize(
    "call,done",
    [
        (calls.messages.send(FLOW, "hi", uuid=UUID), {200, 201}),
        (calls.messages.show_message(FLOW, 7), {200}),
        (calls.messages.edit_message(FLOW, 7, content="x"), {200, 201, 204}),
        (calls.messages.delete_message(FLOW, 7), {200, 201, 204}),
        (calls.messages.typing(FLOW), {200, 201, 202}),
        (calls.integrating.present("t", id="1", author={"name": "Ray"}, title="did", uuid=UUID), {200, 201, 202}),
    ],
)
def test_statuses_that_mean_done(call: Call[Any], done: set[int]) -> None:
    assert {status for status in range(100, 600) if call.is_done(status, again=False)} == done


@pytest.mark.parametrize(
    "call",
    [
        calls.messages.send(FLOW, "hi", uuid=UUID),
        calls.messages.upload(FLOW, Path("a.png"), uuid=UUID),
        calls.integrating.present("t", id="1", author={"name": "Ray"}, title="did", uuid=UUID),
        calls.messages.show_message(FLOW, 7),
        calls.messages.edit_message(FLOW, 7, content="x"),
        calls.messages.delete_message(FLOW, 7),
    ],
)
def test_each_call_can_be_sent_twice_without_doing_a_thing_twice(call: Call[Any]) -> None:
    assert call.repeatable


def test_a_post_that_the_server_could_not_know_again_is_sent_once() -> None:
    call = calls.messages.send(FLOW, "hi", uuid=UUID)

    assert not replace(call, json={"event": "message", "content": "hi"}).repeatable


def test_only_a_repeated_deletion_may_find_nothing() -> None:
    deletion, question = calls.messages.delete_message(FLOW, 7), calls.messages.show_message(FLOW, 7)

    assert [call.is_done(404, again=again) for call in (deletion, question) for again in (True, False)] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "call",
    [
        calls.messages.edit_message(FLOW, 7, content="x"),
        calls.messages.delete_message(FLOW, 7),
        calls.messages.delete_message(PRIVATE, 7),
    ],
)
@pytest.mark.parametrize("body", [b"", b"{}"])
def test_an_edit_and_a_deletion_answer_nothing(call: Call[None], body: bytes) -> None:
    assert call.read(body) is None


def test_an_answer_is_the_servers_json_unmodified() -> None:
    content = {"id": 1, "content": "ø", "unknown": [None]}

    assert calls.messages.show_message(FLOW, 7).read(json.dumps(content).encode()) == content


NAMES = st.text(min_size=1).filter(lambda name: name not in {".", ".."})


@given(org=NAMES, flow=NAMES)
def test_whatever_a_flow_is_called_its_path_keeps_its_parts(org: str, flow: str) -> None:
    path = calls.flows.show_flow(org, flow).path

    assert [unquote(part) for part in path.split("/")] == ["", "flows", org, flow]
    assert path.isascii()


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_value_that_would_change_the_address_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"flow is {name!r}, which cannot be part of an address"):
        calls.messages.send(places.flow("acme", name), "hi", uuid=UUID)


@pytest.mark.parametrize(
    "call,verb",
    [
        (lambda changes: calls.flows.update_flow("acme", "main", changes), "update"),
        (lambda changes: calls.people.update_user(42, changes), "update_user"),
        (lambda changes: calls.organizations.update_organization("acme", changes), "update_organization"),
        (lambda changes: calls.sources.update_source("acme", "main", 3, changes), "update_source"),
        (lambda changes: calls.sources.update_own_source("t0ken", changes), "update"),
        (lambda changes: calls.webhooks.update_webhook("acme", "main", 3, changes), "update_webhook"),
        (lambda changes: calls.applications.update_application(3, changes), "update_application"),
    ],
    ids=["flow", "user", "organization", "source", "own source", "webhook", "application"],
)
def test_a_change_that_there_is_not_is_answered_with_those_there_are(call: Any, verb: str) -> None:
    for wrong in ({"colour": "red"}, {"name": None}, {}):
        with pytest.raises(TypeError, match=rf"^{verb}\(\) .*; it takes .*(name|url|open)"):
            call(wrong)


def test_names_that_only_an_old_client_writes_are_not_offered() -> None:
    with pytest.raises(TypeError, match=r"^update_user\(\) knows no Nick; it takes nick, email, name") as caught:
        calls.people.update_user(42, {"Nick": "Ray"})
    assert "Email" not in str(caught.value)


def test_without_a_thread_a_message_goes_to_one_of_its_own() -> None:
    assert calls.messages.rethread("acme", "main", 7, None).json == {"thread_id": None}
    assert calls.messages.rethread("acme", "main", 7, "aB3_d-E").json == {"thread_id": "aB3_d-E"}


@pytest.mark.parametrize("emoji", ["thumbsup", ":thumbsup:"])
def test_a_reaction_is_named_with_or_without_colons(emoji: str) -> None:
    assert calls.messages.react(FLOW, 7, emoji).json == {"type": "add", "emoji": "thumbsup"}
    assert calls.messages.unreact(FLOW, 7, emoji).json == {"type": "remove", "emoji": "thumbsup"}


def test_who_presents_and_waits_is_told_the_message() -> None:
    told = calls.integrating.present("t", id="1", author={"name": "Ray"}, title="did", uuid=UUID, wait=True)

    assert told.headers == {"X-flowdock-wait-for-message": "true"}
    assert dict(told.read(b'{"id": 1}') or {}) == {"id": 1}
    assert not told.is_done(202, again=False)


def test_with_files_what_is_presented_is_a_form_with_brackets() -> None:
    call = calls.integrating.present(
        "t0ken",
        id="ITEM-1",
        author={"name": "Ray", "email": None},
        title="drew",
        tags=["a", "b"],
        thread={"title": "Item", "fields": [{"label": "x", "value": "1"}, {"label": "y", "value": "2"}]},
        files={"plan": Path("plan.png")},
        uuid=UUID,
    )

    assert call.files == {"attachments[plan]": Path("plan.png")}
    assert call.form == {
        "flow_token": "t0ken",
        "event": "activity",
        "external_thread_id": "ITEM-1",
        "author[name]": "Ray",
        "title": "drew",
        "thread[title]": "Item",
        "thread[fields][0][label]": "x",
        "thread[fields][0][value]": "1",
        "thread[fields][1][label]": "y",
        "thread[fields][1][value]": "2",
        "tags[0]": "a",
        "tags[1]": "b",
        "uuid": UUID,
    }


@pytest.mark.parametrize(
    "call",
    [
        calls.messages.comment("acme", "main", 7, "hi", uuid=UUID),
        calls.messages.set_status(FLOW, "at lunch", uuid=UUID),
        calls.integrating.send("t", "hi", name="CI", uuid=UUID),
        calls.integrating.comment("t", 7, "hi", name="CI", uuid=UUID),
        calls.organizations.remove_emoji("acme", "shipit"),
    ],
)
def test_what_is_said_elsewhere_can_be_sent_twice_as_well(call: Call[Any]) -> None:
    assert call.repeatable


@pytest.mark.parametrize(
    "call",
    [
        calls.invitations.invite("acme", "main", "dora@example.com", message=None),
        calls.flows.renew_join_url("acme", "main"),
        calls.tokens.create_token("backup", scopes=None),
        calls.oauth.exchange({"grant_type": "refresh_token", "refresh_token": "r"}),
    ],
)
def test_what_makes_something_new_each_time_is_sent_once(call: Call[Any]) -> None:
    assert not call.repeatable


def test_the_secrets_of_a_call_are_not_shown() -> None:
    told = [
        calls.oauth.exchange({"client_secret": "s3cret"}),
        calls.integrating.send("s3cret", "hi", name="CI", uuid=UUID),
        calls.people.update_user(42, {"password": "s3cret"}),
    ]

    assert "s3cret" not in repr(told)
