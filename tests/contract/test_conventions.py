"""What every call has in common: how parameters come, what answers and errors look like, who else may ask."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Answer, Caller, ask, basic, exchange

Parameters: TypeAlias = Mapping[str, str]
Carrying: TypeAlias = Callable[[Caller, str, str, Parameters], Answer]

JSON = "application/json; charset=utf-8"
FORM = "application/x-www-form-urlencoded"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def in_json(caller: Caller, method: str, path: str, parameters: Parameters) -> Answer:
    return caller.carry(method, path, parameters)


def in_json_that_does_not_say_so(caller: Caller, method: str, path: str, parameters: Parameters) -> Answer:
    return ask(caller.url, method, path, headers=caller.headers, body=json.dumps(parameters).encode())


def in_a_form(caller: Caller, method: str, path: str, parameters: Parameters) -> Answer:
    headers = {**caller.headers, "Content-Type": f"{FORM}; charset=UTF-8"}
    return ask(caller.url, method, path, headers=headers, body=urlencode(parameters).encode())


def in_multipart(caller: Caller, method: str, path: str, parameters: Parameters) -> Answer:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in parameters.items()
    ]
    headers = {**caller.headers, "Content-Type": "multipart/form-data; boundary=b"}
    return ask(caller.url, method, path, headers=headers, body=("".join(parts) + "--b--\r\n").encode())


def in_the_query_without_a_body(caller: Caller, method: str, path: str, parameters: Parameters) -> Answer:
    return ask(caller.url, method, f"{path}?{urlencode(parameters)}", headers=caller.headers)


def in_the_query_with_an_empty_body(caller: Caller, method: str, path: str, parameters: Parameters) -> Answer:
    headers = {**caller.headers, "Content-Type": "application/json"}
    return ask(caller.url, method, f"{path}?{urlencode(parameters)}", headers=headers, body=b"")


def in_the_query_beside_an_empty_object(caller: Caller, method: str, path: str, parameters: Parameters) -> Answer:
    headers = {**caller.headers, "Content-Type": "application/json"}
    return ask(caller.url, method, f"{path}?{urlencode(parameters)}", headers=headers, body=b"{}")


CARRYING = pytest.mark.parametrize(
    "carry",
    [
        in_json,
        in_json_that_does_not_say_so,
        in_a_form,
        in_multipart,
        in_the_query_without_a_body,
        in_the_query_with_an_empty_body,
        in_the_query_beside_an_empty_object,
    ],
)


# Parameters


@CARRYING
def test_a_message_is_posted_by_parameters_from_anywhere(alice: Caller, new_flow: NewFlow, carry: Carrying) -> None:
    parameters = {"flow": new_flow.id, "event": "message", "content": "grüße & ?", "tags": "a,#b"}

    answer = carry(alice, "POST", "/messages", parameters)

    assert (answer.status, answer.json["content"], answer.json["tags"]) == (201, "grüße & ?", ["a", "b"])


@CARRYING
def test_a_message_is_changed_by_parameters_from_anywhere(alice: Caller, new_flow: NewFlow, carry: Carrying) -> None:
    message = alice.post(f"{new_flow.path}/messages", event="message", content="hi").json
    path = f"{new_flow.path}/messages/{message['id']}"

    assert carry(alice, "PUT", path, {"content": "hello", "tags": "a,b"}).body == b"{}"

    assert (alice.get(path).json["content"], alice.get(path).json["tags"]) == ("hello", ["a", "b"])


@CARRYING
def test_a_list_is_bounded_by_parameters_from_anywhere(alice: Caller, new_flow: NewFlow, carry: Carrying) -> None:
    for content in "abc":
        alice.post(f"{new_flow.path}/messages", event="message", content=content)

    listed = carry(alice, "GET", f"{new_flow.path}/messages", {"limit": "2", "event": "message"})

    assert [message["content"] for message in listed.json] == ["b", "c"]


@CARRYING
def test_a_message_is_deleted_whatever_comes_with_it(alice: Caller, new_flow: NewFlow, carry: Carrying) -> None:
    message = alice.post(f"{new_flow.path}/messages", event="message", content="hi").json

    answer = carry(alice, "DELETE", f"{new_flow.path}/messages/{message['id']}", {"unknown": "parameter"})

    assert (answer.status, answer.body) == (200, b"{}")


def test_the_path_beats_the_body_and_the_body_beats_the_query(alice: Caller, new_flow: NewFlow) -> None:
    first, second = (alice.post(f"{new_flow.path}/messages", event="message", content=text).json for text in "ab")
    path = f"{new_flow.path}/threads/{first['thread_id']}/messages?content=query&event=status&thread_id=query"

    answer = alice.post(path, content="body", event="message", thread_id=second["thread_id"])

    assert (answer.json["content"], answer.json["thread_id"]) == ("body", first["thread_id"])


def test_null_means_absent(alice: Caller, new_flow: NewFlow) -> None:
    nothing = {"tags": None, "thread_id": None, "uuid": None, "external_user_name": None, "flow": None}

    answer = alice.post(f"{new_flow.path}/messages", event="message", content="#hi", **nothing)

    assert (answer.status, answer.json["tags"], answer.json["user"]) == (201, ["hi"], "1")


def test_a_number_is_as_good_as_its_digits(alice: Caller, server: Server, new_flow: NewFlow) -> None:
    service = Caller(server.url, {"X-flowdock-wait-for-message": "1"})
    item = {"event": "activity", "title": 7, "author": {"name": "CI"}, "flow_token": new_flow.flow_token}

    as_number = service.post("/messages", **item, external_thread_id=42, thread={"title": "Build 42"})
    as_text = service.post("/messages", **item, external_thread_id="42")

    assert (as_number.status, as_number.json["title"]) == (201, "7")
    assert as_text.json["thread_id"] == as_number.json["thread_id"]
    assert alice.post(f"{new_flow.path}/messages", event="message", content=42).json["content"] == "42"


@pytest.mark.parametrize("value", ["1", "true", "True", "0", "false"])
def test_a_boolean_is_written_in_many_ways_in_a_query(alice: Caller, value: str) -> None:
    wanted = value in {"1", "true", "True"}

    assert all(("users" in flow) == wanted for flow in alice.get("/flows", users=value).json)


@pytest.mark.parametrize("value", [True, 1, "true", "1", False, 0, "false", "0"], ids=repr)
def test_a_boolean_is_written_in_many_ways_in_json(alice: Caller, value: object) -> None:
    wanted = value in {True, "true", "1"}

    assert all(("users" in flow) == wanted for flow in alice.carry("GET", "/flows", {"users": value}).json)


def test_a_form_nests_by_brackets(server: Server, alice: Caller, new_flow: NewFlow) -> None:
    service = Caller(server.url, {"X-flowdock-wait-for-message": "yes"})
    form = {
        "flow_token": new_flow.flow_token,
        "event": "activity",
        "external_thread_id": "7",
        "title": "built",
        "author[name]": "Ray",
        "thread[title]": "Build 7",
        "thread[status][color]": "green",
        "thread[status][value]": "passed",
        "thread[fields][][label]": "Branch",
        "thread[fields][][value]": "main",
    }

    message = in_a_form(service, "POST", "/messages", form).json

    assert (message["author"], message["thread"]["title"]) == ({"name": "Ray"}, "Build 7")
    assert message["thread"]["status"] == {"color": "green", "value": "passed"}
    assert message["thread"]["fields"] == [{"label": "Branch", "value": "main"}]


# Answers


def test_an_answer_is_compact_json_in_utf_8(alice: Caller, new_flow: NewFlow) -> None:
    answer = alice.post(f"{new_flow.path}/messages", event="message", content="grüße")

    assert answer.headers["Content-Type"] == JSON
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.body == json.dumps(answer.json, ensure_ascii=False, separators=(",", ":")).encode()


def test_moments_are_milliseconds_or_text_with_three_decimals(alice: Caller, new_flow: NewFlow) -> None:
    message = alice.post(f"{new_flow.path}/messages", event="message", content="hi").json

    flow = alice.get(new_flow.path).json
    texts = [message["created_at"], *(message["thread"][name] for name in ("created_at", "updated_at"))]
    assert isinstance(message["sent"], int)
    assert all(MOMENT.fullmatch(text) for text in [*texts, flow["last_message_at"]])
    assert (flow["last_message_id"], flow["last_message_at"]) == (message["id"], message["created_at"])


def test_nothing_to_say_is_204_without_a_body(alice: Caller, new_flow: NewFlow) -> None:
    file_id = alice.post_file(f"{new_flow.path}/messages", "a.txt", b"a").json["id"]

    answer = alice.delete(f"{new_flow.path}/messages/{file_id}")

    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (204, b"", None)


def test_a_full_page_of_threads_names_the_next(alice: Caller, new_flow: NewFlow) -> None:
    for text in "abc":
        alice.post(f"{new_flow.path}/messages", event="message", content=text)

    answer = alice.get(f"{new_flow.path}/threads", limit=2)

    found = re.fullmatch(r'<(.*)>; rel="next"', answer.headers["Link"])
    assert found is not None
    following = alice.get(found[1].removeprefix(alice.url)).json
    assert {thread["id"] for thread in following}.isdisjoint(thread["id"] for thread in answer.json)


# Errors


@pytest.mark.parametrize(
    "field,problem,changed",
    [
        ("content", "can't be blank", {"content": ""}),
        ("content", "can't be blank", {"content": None}),
        ("content", "can't be blank", {"content": " \n"}),
        ("content", None, {"content": "x" * 8097}),
        ("content", None, {"content": ["a", "list"]}),
        ("event", "can't be blank", {"event": None}),
        ("event", None, {"event": "activity"}),
        ("event", None, {"event": "no such kind"}),
        ("external_user_name", "should not contain whitespace", {"external_user_name": "two words"}),
        ("external_user_name", None, {"external_user_name": "x" * 17}),
        ("uuid", None, {"uuid": "x" * 1000}),
        ("tags", None, {"tags": {"not": "a list"}}),
        ("content", None, {"event": "file", "content": "no file"}),
    ],
)
def test_a_message_that_cannot_be_is_refused_by_field(
    alice: Caller, new_flow: NewFlow, field: str, problem: str | None, changed: dict[str, Any]
) -> None:
    answer = alice.post(f"{new_flow.path}/messages", **{"event": "message", "content": "hi", **changed})

    assert (answer.status, answer.json["message"]) == (400, "Validation error")
    [problems] = [answer.json["errors"][field]]
    assert problems == [problem] if problem else len(problems) == 1 and isinstance(problems[0], str)


def test_a_validation_error_has_the_recorded_bytes(alice: Caller, new_flow: NewFlow) -> None:
    answer = alice.post(f"{new_flow.path}/messages", event="message", content="")

    assert answer.body == b'{"message":"Validation error","errors":{"content":["can\'t be blank"]}}'


@pytest.mark.parametrize("name", ["limit", "since_id", "until_id", "skip"])
def test_a_list_by_something_that_is_no_number_is_refused(alice: Caller, new_flow: NewFlow, name: str) -> None:
    answer = alice.get(f"{new_flow.path}/messages", **{name: "many"})

    assert (answer.status, list(answer.json["errors"])) == (400, [name])


def test_what_is_not_allowed_is_refused_byte_for_byte(alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    message = alice.post(f"{new_flow.path}/messages", event="message", content="mine").json

    answer = bob.put(f"{new_flow.path}/messages/{message['id']}", content="yours")

    assert (answer.status, answer.body) == (403, b'{"message":"Access denied"}')


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b'{"content": "\xff"}', b'{"content": "\\u0000"}', b"\xff"])
def test_json_that_cannot_be_read_is_refused(alice: Caller, body: bytes) -> None:
    headers = {**alice.headers, "Content-Type": "application/json"}

    answer = ask(alice.url, "POST", "/messages", headers=headers, body=body)

    assert (answer.status, list(answer.json)) == (400, ["message"])


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "image/png"])
def test_an_unknown_kind_of_body_is_refused(alice: Caller, content_type: str) -> None:
    answer = ask(alice.url, "POST", "/messages", headers={**alice.headers, "Content-Type": content_type}, body=b"hi")

    assert (answer.status, list(answer.json)) == (415, ["message"])


def test_a_body_that_is_too_large_is_refused_before_it_came(server: Server) -> None:
    credentials = basic(server.user.token)["Authorization"]
    head = f"POST /messages HTTP/1.1\r\nHost: x\r\nAuthorization: {credentials}\r\nConnection: close\r\n"

    received = exchange(
        server.url, f"{head}Content-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n".encode()
    )

    assert received.startswith(b"HTTP/1.1 413 ")
    assert received.partition(b"\r\n\r\n")[2].startswith(b'{"message":"')


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    [
        *("event", "content", "tags", "thread_id", "uuid", "external_user_name", "external_thread_id", "thread"),
        *("title", "body", "author", "attachments", "flow", "message", "limit", "search", "skip", "sort", "type"),
    ]
)
likely = st.fixed_dictionaries(
    {"event": st.sampled_from(["message", "status", "line", "file", "activity", "discussion"])}
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parameters=st.tuples(likely, st.dictionaries(names, anything)).map(lambda two: {**two[0], **two[1]}))
def test_no_parameters_whatever_make_the_server_fail(
    server: Server, alice: Caller, parameters: dict[str, object]
) -> None:
    path = f"/flows/{server.org}/{server.flow}/messages"
    service = Caller(server.url)

    answers = [
        alice.carry("POST", path, parameters),
        alice.carry("GET", path, parameters),
        alice.carry("PUT", f"{path}/1", parameters),
        service.carry("POST", "/messages", {**parameters, "flow_token": server.flow_token}),
    ]

    assert all(answer.status < 500 for answer in answers), [answer.body for answer in answers]


# Other sites' pages


@pytest.mark.parametrize("target", ["/flows", "/messages", "/flows/acme/main/messages/1", "/stream/flows", "/nowhere"])
def test_a_page_may_ask_whether_it_may_ask(server: Server, target: str) -> None:
    headers = {"Origin": "https://stats.example", "Access-Control-Request-Method": "PUT"}

    answer = ask(server.url, "OPTIONS", target, headers=headers)

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://stats.example"
    allowed = set(answer.headers["Access-Control-Allow-Methods"].split(", "))
    assert allowed == {"POST", "PUT", "PATCH", "DELETE", "GET", "OPTIONS"}
    names_allowed = {name.lower() for name in answer.headers["Access-Control-Allow-Headers"].split(", ")}
    assert names_allowed >= {
        *("origin", "accept", "content-type", "authorization"),
        *("x-csrf-token", "x-requested-with", "x-prototype-version"),
    }


@pytest.mark.parametrize("target,status", [("/flows", 200), ("/nowhere", 404), ("/flows/acme/nowhere", 404)])
def test_a_page_may_read_the_answer_and_who_it_was_for(alice: Caller, target: str, status: int) -> None:
    answer = ask(alice.url, "GET", target, headers={**alice.headers, "Origin": "https://stats.example"})

    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, "https://stats.example")
    assert {"Flowdock-User", "Link"} <= set(answer.headers["Access-Control-Expose-Headers"].split(", "))
    assert answer.headers["Vary"] == "Origin"


def test_who_is_no_page_is_told_nothing_of_pages(alice: Caller) -> None:
    assert not [name for name in alice.get("/flows").headers if name.lower().startswith("access-control-")]
