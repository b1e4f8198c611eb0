"""Paths as clients write them, and what is answered where nothing is."""

import pytest

from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Caller, ask

NOT_FOUND = b'{"message":"not found"}'
JSON = "application/json; charset=utf-8"

MAIN = [
    "//flows/acme/main",
    "/flows/acme/main/",
    "///flows//acme//main//",
    "/v1/flows/acme/main",
    "/v2/flows/acme/main",
    "//v1//flows/acme/main/",
    "/rest/flows/acme/main",
    "/flows/acme/main.json",
    "/v1/flows/acme/main.json",
    "/flows/acme%2Fmain",
    "/flows/find?id=acme/main",
    "/flows/find/?id=acme%3Amain",
]

LISTS = ["/flows/", "/flows.json", "/v1/flows", "/flows?", "/flows/?filter=acme/main"]

ABSENT = [
    "/nowhere",
    "/v3/user",
    "/flows/acme/nowhere",
    "/flows/nowhere/main",
    "/flows/acme/main/messages/999999",
    "/flows/acme/main/messages/0",
    "/flows/acme/main/messages/-1",
    "/flows/acme/main/messages/99999999999999999999999",
    "/flows/acme/main/messages/first",
    "/flows/acme/main/threads/aB3_dEfGhIjKlMnOpQrStUvWxYz",
    "/flows/acme/main/threads/nothing/messages",
    "/flows/find?id=nothing",
    "/flows/find",
    "/users/999999",
    "/users/alice",
    "/private/999999/messages",
    "/private/2/messages/999999",
    "/files/1/AbCdEfGhIjKlMnOpQrStUv/absent.txt",
    "/files/99999999999999999999/AbCdEfGhIjKlMnOpQrStUv/absent.txt",
    "/files/1/short/absent.txt",
    "/download/1/forged/1/AbCdEfGhIjKlMnOpQrStUv/absent.txt",
    "/stream/flows/acme/nowhere",
    "/stream/flows?filter=acme/main,acme/nowhere",
    "/stream/nowhere",
]


@pytest.mark.parametrize("target", MAIN)
def test_a_flow_is_found_however_its_path_is_written(alice: Caller, target: str) -> None:
    answer = alice.get(target)

    assert (answer.status, answer.json) == (200, alice.get("/flows/acme/main").json)


@pytest.mark.parametrize("target", LISTS)
def test_flows_are_listed_however_the_path_is_written(alice: Caller, target: str) -> None:
    answer = alice.get(target)

    assert (answer.status, answer.json) == (200, alice.get("/flows").json)


@pytest.mark.parametrize("path", ["//private/2/messages", "/v1/private/2/messages", "/private/2/messages/"])
def test_a_private_message_is_posted_however_the_path_is_written(alice: Caller, path: str) -> None:
    answer = alice.post(path, event="message", content="hi")

    assert (answer.status, answer.json["to"]) == (201, "2")


@pytest.mark.parametrize("prefix", ["", "/v1", "/v2", "/"])
def test_a_message_is_posted_under_every_version(alice: Caller, new_flow: NewFlow, prefix: str) -> None:
    answer = alice.post(f"{prefix}/messages/", flow=new_flow.id, event="message", content="hi")

    assert (answer.status, answer.json["flow"]) == (201, new_flow.id)


@pytest.mark.parametrize("name", ["{org}/{name}", "{org}:{name}"])
def test_a_flow_is_named_by_its_path_where_an_id_is_expected(alice: Caller, new_flow: NewFlow, name: str) -> None:
    flow = name.format(org=new_flow.org, name=new_flow.name)

    assert alice.post("/messages", flow=flow, event="message", content="hi").json["flow"] == new_flow.id


@pytest.mark.parametrize("target", ABSENT)
def test_what_is_not_there_is_not_found_byte_for_byte(alice: Caller, target: str) -> None:
    answer = alice.get(target)

    assert (answer.status, answer.body) == (404, NOT_FOUND)
    assert answer.headers["Content-Type"] == JSON


@pytest.mark.parametrize("target", ["", "/messages", "/messages/1", "/threads", "/users"])
def test_a_flow_of_others_looks_like_none(server: Server, new_flow: NewFlow, target: str) -> None:
    stranger = {"Authorization": f"Bearer {server.stranger().token}"}

    hidden = ask(server.url, "GET", f"{new_flow.path}{target}", headers=stranger)

    assert (hidden.status, hidden.body) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    "method,target,allowed",
    [
        ("PATCH", "/flows/acme/main/messages/1", "DELETE, GET, HEAD, PUT"),
        ("DELETE", "/flows/acme/main/messages", "GET, HEAD, POST"),
        ("GET", "/messages", "POST"),
        ("POST", "/stream/flows", "GET, HEAD"),
        ("PUT", "/stream/flows/acme/main", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_possible_somewhere_is_told_which_are(
    alice: Caller, method: str, target: str, allowed: str
) -> None:
    answer = ask(alice.url, method, target, headers=alice.headers)

    assert (answer.status, answer.headers["Allow"], answer.headers["Content-Type"]) == (405, allowed, JSON)
    assert list(answer.json) == ["message"]


def test_head_answers_like_get_without_the_body(alice: Caller) -> None:
    answer = ask(alice.url, "HEAD", "/user", headers=alice.headers)

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(alice.get("/user").body))


def test_a_name_that_ends_like_a_format_is_kept_in_a_file(alice: Caller, new_flow: NewFlow) -> None:
    path = alice.post_file(f"{new_flow.path}/messages", "data.json", b"{}").json["content"]["path"]

    location = alice.get(f"/{path}").headers["Location"]

    assert location.endswith("/data.json")
    assert ask(alice.url, "GET", location).body == b"{}"
