from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.client.flavours import Connect
from tests.client.peer import Exchange, Serve

Verb: TypeAlias = Callable[[Any], Any]

FLOW = "/flows/acme/main"


async def answer_as_the_service_did(exchange: Exchange) -> None:
    if exchange.method == "GET":
        return await exchange.answer(200, [{"id": 1}])
    return await exchange.answer(
        201 if exchange.method == "POST" else 200, {} if exchange.method != "POST" else {"id": 1}
    )


@pytest.mark.parametrize(
    "verb,request_line",
    [
        (lambda flow: flow.send("hi"), f"POST {FLOW}/messages"),
        (lambda flow: flow.show(7), f"GET {FLOW}/messages/7"),
        (lambda flow: flow.edit(7, "hi"), f"PUT {FLOW}/messages/7"),
        (lambda flow: flow.delete(7), f"DELETE {FLOW}/messages/7"),
        pytest.param(lambda flow: flow.upload(__file__), f"POST {FLOW}/messages", id="upload"),
        (lambda flow: flow.list(limit=1), f"GET {FLOW}/messages?limit=1"),
        (lambda flow: flow.threads(limit=1), f"GET {FLOW}/threads?limit=1"),
        (lambda flow: flow.thread("t").send("hi", ["a"]), f"POST {FLOW}/threads/t/messages"),
        pytest.param(lambda flow: flow.thread("t").upload(__file__), f"POST {FLOW}/threads/t/messages", id="reply"),
        (lambda flow: flow.thread("t").list(limit=1), f"GET {FLOW}/threads/t/messages?limit=1"),
        (lambda flow: flow.thread("t").show(), f"GET {FLOW}/threads/t"),
        (lambda flow: flow.info(), f"GET {FLOW}"),
        (lambda flow: flow.users(), f"GET {FLOW}/users"),
    ],
)
def test_each_verb_of_a_flow_asks_what_it_says(connect: Connect, serve: Serve, verb: Verb, request_line: str) -> None:
    peer = serve(answer_as_the_service_did)

    verb(connect(token="t0ken", org="acme", flow="main", api_url=peer.url))

    assert [f"{request.method} {request.target}" for request in peer.requests] == [request_line]


@pytest.mark.parametrize(
    "verb,request_line",
    [
        (lambda private: private.send("hi", "a,b"), "POST /private/42/messages"),
        (lambda private: private.show(7), "GET /private/42/messages/7"),
        (lambda private: private.edit(7, tags=["a"]), "PUT /private/42/messages/7"),
        (lambda private: private.delete(7), "DELETE /private/42/messages/7"),
        pytest.param(lambda private: private.upload(Path(__file__)), "POST /private/42/messages", id="upload"),
        (lambda private: private.list(event="file"), "GET /private/42/messages?event=file"),
    ],
)
def test_each_verb_of_a_private_conversation_asks_what_it_says(
    connect: Connect, serve: Serve, verb: Verb, request_line: str
) -> None:
    peer = serve(answer_as_the_service_did)

    verb(connect(token="t0ken", uid=42, api_url=peer.url))

    assert [f"{request.method} {request.target}" for request in peer.requests] == [request_line]


@pytest.mark.parametrize(
    "verb,request_line",
    [
        (lambda client: client.me(), "GET /user"),
        (lambda client: client.users(), "GET /users"),
        (lambda client: client.flows(), "GET /flows"),
        (lambda client: client.flows(users=True), "GET /flows?users=1"),
    ],
)
def test_each_verb_of_a_client_asks_what_it_says(connect: Connect, serve: Serve, verb: Verb, request_line: str) -> None:
    peer = serve(answer_as_the_service_did)

    with connect(token="t0ken", api_url=peer.url) as client:
        assert verb(client) == [{"id": 1}]

    assert [f"{request.method} {request.target}" for request in peer.requests] == [request_line]


def test_a_service_presents_and_is_closed(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(202, {}))

    with connect(flow_token="s0urce", api_url=peer.url) as service:
        service.present(
            "ITEM-1", author={"name": "Ray"}, title="commented", body="<p>text</p>", thread={"title": "Item"}
        )

    content = peer.requests[0].json
    assert len(content.pop("uuid")) == 22
    assert content == {
        "flow_token": "s0urce",
        "event": "discussion",
        "external_thread_id": "ITEM-1",
        "author": {"name": "Ray"},
        "title": "commented",
        "body": "<p>text</p>",
        "thread": {"title": "Item"},
    }


def test_edit_and_delete_answer_nothing(connect: Connect, serve: Serve) -> None:
    peer = serve(answer_as_the_service_did)
    flow = connect(token="t0ken", org="acme", flow="main", api_url=peer.url)

    assert (flow.edit(7, content="hi", tags=["a"]), flow.delete(7)) == (None, None)
    assert peer.requests[0].json == {"content": "hi", "tags": ["a"]}
