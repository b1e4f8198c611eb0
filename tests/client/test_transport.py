import asyncio
import base64
import gc
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import flowdock
from tests.client.flavours import HURRIED, Connect
from tests.client.peer import Exchange, Serve

MESSAGE = {"id": 1, "event": "message", "content": "Hello"}


async def accept(exchange: Exchange) -> None:
    await exchange.answer(201, MESSAGE)


def flow_on(connect: Connect, url: str, **keywords: Any) -> Any:
    return connect(token="t0ken", org="acme", flow="main", api_url=url, **keywords)


def test_a_message_is_posted_with_the_token_as_user_name(connect: Connect, serve: Serve) -> None:
    peer = serve(accept)

    assert flow_on(connect, peer.url).send("Hello", tags=["greeting"]) == MESSAGE

    [request] = peer.requests
    assert (request.method, request.path) == ("POST", "/flows/acme/main/messages")
    assert request.headers["authorization"] == f"Basic {base64.b64encode(b't0ken:').decode()}"
    uuid = request.json["uuid"]
    assert request.json == {"event": "message", "content": "Hello", "tags": ["greeting"], "uuid": uuid}
    assert len(uuid) == 22


@pytest.mark.parametrize(
    "status,kind",
    [
        (400, flowdock.Invalid),
        (401, flowdock.Unauthorized),
        (403, flowdock.Forbidden),
        (404, flowdock.NotFound),
        (410, flowdock.Gone),
        (413, flowdock.Invalid),
        (418, flowdock.ApiError),
        (501, flowdock.ServerError),
    ],
)
def test_a_refusal_is_raised_at_once_with_status_and_body(
    connect: Connect, serve: Serve, status: int, kind: type[flowdock.ApiError]
) -> None:
    peer = serve(lambda exchange: exchange.answer(status, {"message": "no"}))

    with pytest.raises(AssertionError) as caught:
        flow_on(connect, peer.url).show(7)

    assert type(caught.value) is kind
    assert caught.value.args == (status, b'{"message": "no"}')
    assert str(caught.value) == f"GET /flows/acme/main/messages/7 was answered {status}: no"
    assert len(peer.requests) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_send_is_repeated_with_the_same_uuid_while_the_server_is_away(
    connect: Connect, serve: Serve, status: int
) -> None:
    async def away_twice(exchange: Exchange) -> None:
        await exchange.answer(201 if exchange.number == 3 else status, MESSAGE, headers={"Retry-After": "0"})

    peer = serve(away_twice)

    assert flow_on(connect, peer.url).send("Hello") == MESSAGE
    assert len(peer.requests) == 3
    assert len({request.json["uuid"] for request in peer.requests}) == 1


def test_a_send_whose_answer_was_lost_is_repeated_with_the_same_uuid(connect: Connect, serve: Serve) -> None:
    async def lose_the_first(exchange: Exchange) -> None:
        if exchange.number == 1:
            exchange.cut()
        await accept(exchange)

    peer = serve(lose_the_first)

    assert flow_on(connect, peer.url).send("Hello") == MESSAGE
    assert len({request.json["uuid"] for request in peer.requests}) == 1


def test_two_sends_have_different_uuids(connect: Connect, serve: Serve) -> None:
    peer = serve(accept)
    flow = flow_on(connect, peer.url)

    flow.send("Hello")
    flow.send("Hello")

    first, second = (request.json["uuid"] for request in peer.requests)
    assert first != second


def test_a_server_that_stays_away_is_given_up(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(503, {"message": "later"}))

    with pytest.raises(flowdock.ServerError, match="was answered 503: later"):
        flow_on(connect, peer.url).list()
    assert len(peer.requests) == HURRIED.tries


def test_a_server_that_asks_for_too_long_a_wait_is_not_waited_for(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(429, {"message": "slow down"}, headers={"Retry-After": "3600"}))

    with pytest.raises(flowdock.RateLimited) as caught:
        flow_on(connect, peer.url).send("Hello")
    assert caught.value.retry_after == 3600
    assert len(peer.requests) == 1


def test_a_deletion_whose_answer_was_lost_counts_as_done_when_nothing_is_left(connect: Connect, serve: Serve) -> None:
    async def delete_and_say_nothing(exchange: Exchange) -> None:
        if exchange.number == 1:
            exchange.cut()
        await exchange.answer(404, {"message": "not found"})

    peer = serve(delete_and_say_nothing)

    assert flow_on(connect, peer.url).delete(7) is None
    assert [request.method for request in peer.requests] == ["DELETE", "DELETE"]


def test_a_server_that_is_not_there_is_named_without_the_token(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(
        flowdock.ConnectionFailed, match=f"did not reach {url} .*; is the server running there"
    ) as caught:
        flow_on(connect, url).send("Hello")
    assert caught.value.reached is False
    assert caught.value.__cause__ is not None
    assert "t0ken" not in str(caught.value)


def test_a_server_that_says_nothing_is_not_waited_for_longer_than_the_timeout(connect: Connect, serve: Serve) -> None:
    async def say_nothing(exchange: Exchange) -> None:
        await exchange.reader.read()

    peer = serve(say_nothing)

    with pytest.raises(flowdock.TimedOut, match=r"GET /user had no answer from http://127\.0\.0\.1:\d+ in time"):
        connect(token="t0ken", api_url=peer.url, timeout=0.1).me()
    assert len(peer.requests) == 1


def test_an_answer_that_is_not_json_is_shown(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(200, raw=b"<html>Welcome to nginx"))

    with pytest.raises(flowdock.ConnectionFailed, match=r"not JSON: '<html>Welcome to nginx'; is http.* a Flowdock"):
        connect(token="t0ken", api_url=peer.url).me()


def test_conditions_go_into_the_query_with_lists_as_commas(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(200, []))

    assert flow_on(connect, peer.url).list(tags=["a", "b&c"], tag_mode="or", limit=5, search=None) == []

    [request] = peer.requests
    assert request.query == {"tags": "a,b&c", "tag_mode": "or", "limit": "5"}
    assert request.body == b""


def test_a_service_shows_its_flow_token_in_the_body_alone(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(202, {}))

    assert connect(flow_token="s0urce", api_url=peer.url).present("ITEM-1", {"name": "Ray"}, "created") is None

    [request] = peer.requests
    assert (request.method, request.target) == ("POST", "/messages")
    assert request.json["flow_token"] == "s0urce"
    assert "authorization" not in request.headers


def test_all_requests_of_a_client_share_one_connection(connect: Connect, serve: Serve) -> None:
    peer = serve(accept)
    client = connect(token="t0ken", api_url=peer.url)

    for flow in ("main", "other"):
        client(org="acme", flow=flow).send("Hello")
    client(uid=9).send("Hello")

    assert peer.connections == 1
    assert [request.path for request in peer.requests] == [
        "/flows/acme/main/messages",
        "/flows/acme/other/messages",
        "/private/9/messages",
    ]


def test_leaving_a_with_block_ends_the_connections_and_nothing_goes_after(connect: Connect, serve: Serve) -> None:
    peer = serve(accept)

    with flow_on(connect, peer.url) as flow:
        flow.send("Hello")
    gc.collect()  # would warn of what is left open

    with pytest.raises(flowdock.ConnectionFailed, match="was closed"):
        flow.send("Hello again")
    assert len(peer.requests) == 1


def test_closing_a_flow_of_a_client_leaves_the_client_open(connect: Connect, serve: Serve) -> None:
    peer = serve(accept)
    client = connect(token="t0ken", api_url=peer.url)

    with client(org="acme", flow="main") as flow:
        flow.send("Hello")
    client(org="acme", flow="main").send("Hello again")

    assert len(peer.requests) == 2


def test_a_name_is_looked_up_once_and_again_when_it_is_new(connect: Connect, serve: Serve) -> None:
    people = [{"nick": "Ray_", "id": 42}]

    async def list_people(exchange: Exchange) -> None:
        await exchange.answer(200, people)

    peer = serve(list_people)
    client = connect(token="t0ken", api_url=peer.url)

    assert [client.get_uid(name="Ray_"), client.get_uid(name="Ray_")] == [42, 42]
    assert len(peer.requests) == 1
    people.append({"nick": "Bo", "id": 43})
    assert client.get_uid(name="Bo") == 43
    assert len(peer.requests) == 2


def test_an_unknown_name_is_a_lookup_error_that_names_it(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(200, [{"nick": "Ray_", "id": 42}]))
    client = connect(token="t0ken", api_url=peer.url)

    with pytest.raises(LookupError, match="nobody has the display name 'Roy_'; did you mean 'Ray_'"):
        client.get_uid(name="Roy_")
    with pytest.raises(flowdock.UnknownName, match=r"'x'; client.users\(\) lists"):
        client(name="x").send("Hello")


def test_a_private_conversation_by_name_goes_to_that_persons_id(connect: Connect, serve: Serve) -> None:
    async def people_or_message(exchange: Exchange) -> None:
        is_people = exchange.path == "/users"
        await exchange.answer(200 if is_people else 201, [{"nick": "Ray_", "id": 42}] if is_people else MESSAGE)

    peer = serve(people_or_message)

    private = connect(token="t0ken", name="Ray_", api_url=peer.url)
    assert peer.requests == []
    private.send("psst")
    assert [request.path for request in peer.requests] == ["/users", "/private/42/messages"]


def test_json_of_every_alphabet_arrives_unchanged(connect: Connect, serve: Serve) -> None:
    async def echo(exchange: Exchange) -> None:
        await exchange.answer(201, raw=json.dumps({"content": exchange.json["content"]}, ensure_ascii=False).encode())

    peer = serve(echo)
    text = 'æøå 日本 🦄 \u2028 \x00 "quoted" </script>'

    assert flow_on(connect, peer.url).send(text)["content"] == text


def test_a_client_serves_several_threads_at_once(serve: Serve) -> None:
    peer = serve(accept)

    with flow_on(flowdock.connect, peer.url) as flow, ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(flow.send, map(str, range(100))))

    assert answers == [MESSAGE] * 100
    assert {request.json["content"] for request in peer.requests} == set(map(str, range(100)))
    assert peer.connections <= 8


def test_a_client_serves_several_tasks_at_once(serve: Serve) -> None:
    peer = serve(accept)

    async def send_all() -> list[Any]:
        async with flow_on(flowdock.connect_async, peer.url) as flow:
            return await asyncio.gather(*(flow.send(str(number)) for number in range(100)))

    assert asyncio.run(send_all()) == [MESSAGE] * 100
    assert {request.json["content"] for request in peer.requests} == set(map(str, range(100)))
