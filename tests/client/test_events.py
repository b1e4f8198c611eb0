import asyncio
import json
import socket
import threading
import time
from dataclasses import replace
from itertools import count, islice
from typing import Any

import pytest

import flowdock
from tests.client.flavours import HURRIED, Connect
from tests.client.peer import Exchange, Serve, eventually


def frame(number: int, **members: object) -> bytes:
    return b"id: %d\ndata: %b\n\n" % (number, json.dumps({"id": number, "content": "ø", **members}).encode())


def frames_after(exchange: Exchange, last: int) -> bytes:
    """What a server replays: everything after the cursor that the client names, or after its own."""
    return b"".join(frame(number) for number in range(int(exchange.headers.get("last-event-id", "0")) + 1, last + 1))


def flow_on(connect: Connect, url: str, **keywords: Any) -> Any:
    return connect(token="t0ken", org="acme", flow="main", stream_url=f"{url}/stream", **keywords)


def ids(events: Any, count: int) -> list[int]:
    return [event["id"] for event in islice(events, count)]


async def keep_open(exchange: Exchange) -> None:
    """Until the other side leaves."""
    await exchange.reader.read()


def test_a_flow_is_asked_for_as_server_sent_events_with_the_token(connect: Connect, serve: Serve) -> None:
    async def one_event(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.chunk(frame(1))
        await keep_open(exchange)

    peer = serve(one_event)

    assert next(flow_on(connect, peer.url).events()) == {"id": 1, "content": "ø"}

    [request] = peer.requests
    assert request.target == "/stream/flows/acme/main"
    assert request.headers["accept"] == "text/event-stream"
    assert request.headers["authorization"].startswith("Basic ")
    assert "last-event-id" not in request.headers


@pytest.mark.parametrize("ending", ["cut", "ended properly"])
def test_a_stream_that_ends_after_any_byte_goes_on_without_loss_or_repetition(
    connect: Connect, serve: Serve, ending: str
) -> None:
    last, lengths = 4, iter(range(10_000))

    async def send_one_byte_more_each_time(exchange: Exchange) -> None:
        await exchange.open_stream()
        rest = frames_after(exchange, last)
        length = next(lengths) % (len(frame(1)) + 1)
        if part := rest[:length]:
            await exchange.chunk(part)
        if ending == "cut":
            exchange.cut()
        await exchange.chunk(b"")

    peer = serve(send_one_byte_more_each_time)

    assert ids(flow_on(connect, peer.url).events(), last) == [1, 2, 3, 4]
    assert len(peer.requests) > len(frame(1))


def test_several_events_in_one_piece_come_one_by_one_and_are_not_asked_for_again(
    connect: Connect, serve: Serve
) -> None:
    async def all_then_cut(exchange: Exchange) -> None:
        await exchange.open_stream()
        if rest := frames_after(exchange, 3 * exchange.number):
            await exchange.chunk(rest)
        exchange.cut()

    peer = serve(all_then_cut)

    assert ids(flow_on(connect, peer.url).events(), 6) == [1, 2, 3, 4, 5, 6]
    assert [request.headers.get("last-event-id") for request in peer.requests[:2]] == [None, "3"]


def test_a_reader_that_has_seen_nothing_yet_resumes_where_the_server_says_it_began(
    connect: Connect, serve: Serve
) -> None:
    async def cut_before_the_first_event(exchange: Exchange) -> None:
        await exchange.open_stream({"Flowdock-Cursor": "41" if exchange.number == 1 else "99"})
        if exchange.number == 1:
            exchange.cut()
        await exchange.chunk(frame(42))
        await keep_open(exchange)

    peer = serve(cut_before_the_first_event)

    assert ids(flow_on(connect, peer.url).events(), 1) == [42]
    assert peer.requests[1].headers["last-event-id"] == "41"


def test_silence_is_taken_for_a_cut(connect: Connect, serve: Serve) -> None:
    async def fall_silent_after_an_event(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.chunk(frame(exchange.number))
        await keep_open(exchange)

    peer = serve(fall_silent_after_an_event)
    patience = replace(HURRIED, silence=0.1)

    assert ids(flow_on(connect, peer.url, patience=patience).events(), 2) == [1, 2]
    assert peer.requests[1].headers["last-event-id"] == "1"


def test_keep_alives_are_signs_of_life(connect: Connect, serve: Serve) -> None:
    async def keep_alive_for_longer_than_the_silence(exchange: Exchange) -> None:
        await exchange.open_stream()
        for _ in range(12):
            await exchange.pause(0.05)
            await exchange.chunk(b":\n\n")
        await exchange.chunk(frame(1))
        await keep_open(exchange)

    peer = serve(keep_alive_for_longer_than_the_silence)
    patience = replace(HURRIED, silence=0.4)

    assert ids(flow_on(connect, peer.url, patience=patience).events(), 1) == [1]
    assert len(peer.requests) == 1


def test_a_stream_that_showed_life_is_resumed_soon_however_often_it_is_cut(connect: Connect, serve: Serve) -> None:
    async def cut_after_a_keep_alive(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.chunk(frame(1) if exchange.number == 14 else b":\n\n")
        exchange.cut()

    peer = serve(cut_after_a_keep_alive)
    begin = time.monotonic()

    # Doubled each time, the waits would be more than a minute in all.
    patience = replace(HURRIED, first_wait=0.01, longest_wait=60)
    assert ids(flow_on(connect, peer.url, patience=patience).events(), 1) == [1]
    assert time.monotonic() - begin < 10


@pytest.mark.parametrize("refusals, is_raised", [(2, False), (100, True)])
def test_a_refusal_of_flows_that_one_is_in_again_is_asked_some_more_times(
    connect: Connect, serve: Serve, refusals: int, is_raised: bool
) -> None:
    flow = {"id": "7", "parameterized_name": "main", "organization": {"parameterized_name": "acme"}}
    streams = count(1)

    async def handle(exchange: Exchange) -> None:
        if not exchange.path.startswith("/stream"):
            await exchange.answer(200, [flow])
            return
        number = next(streams)
        if 1 < number <= 1 + refusals:
            await exchange.answer(404, {"message": "not found"})
            return
        await exchange.open_stream()
        await exchange.chunk(b'id: %d\ndata: {"flow": "7", "id": %d, "event": "x"}\n\n' % (number, number))
        exchange.cut()

    stream = connect(token="t", api_url=serve(handle).url).events()
    assert next(stream)["id"] == 1
    if is_raised:
        with pytest.raises(flowdock.NotFound):
            next(stream)
        assert next(streams) < 10
    else:
        assert next(stream)["id"] == 4


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_for_good_is_raised(connect: Connect, serve: Serve, status: int) -> None:
    peer = serve(lambda exchange: exchange.answer(status, {"message": "no"}))

    with pytest.raises(flowdock.ApiError) as caught:
        next(flow_on(connect, peer.url).events())
    assert caught.value.args == (status, b'{"message": "no"}')
    assert len(peer.requests) == 1


@pytest.mark.parametrize("status", [409, 429, 500, 503])
def test_a_passing_refusal_is_waited_out_however_often_it_comes(connect: Connect, serve: Serve, status: int) -> None:
    async def open_at_the_tenth(exchange: Exchange) -> None:
        if exchange.number < 10:
            return await exchange.answer(status, {"message": "not now"})
        await exchange.open_stream()
        await exchange.chunk(frame(1))
        return await keep_open(exchange)

    peer = serve(open_at_the_tenth)

    assert ids(flow_on(connect, peer.url).events(), 1) == [1]
    assert len(peer.requests) == 10


def test_a_server_that_was_never_reached_is_given_up(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"

    with pytest.raises(flowdock.ConnectionFailed, match=f"GET /stream/flows/acme/main did not reach {url}"):
        next(flow_on(connect, url).events())


def test_an_answer_that_is_no_stream_is_an_error_that_says_what_it_is(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(200, {}))

    with pytest.raises(flowdock.StreamBroken, match="application/json instead of a stream of events; is http"):
        next(flow_on(connect, peer.url).events())


def test_what_is_broken_in_the_same_place_twice_is_raised_after_all_that_came_before(
    connect: Connect, serve: Serve
) -> None:
    async def broken_after_the_second(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.chunk(frames_after(exchange, 2) + b"id: 3\ndata: {nonsense\n\n")
        await exchange.chunk(b":\n\n")
        await keep_open(exchange)

    peer = serve(broken_after_the_second)
    events = flow_on(connect, peer.url).events()

    assert ids(events, 2) == [1, 2]
    with pytest.raises(flowdock.StreamBroken):
        next(events)
    assert [request.headers.get("last-event-id") for request in peer.requests] == [None, "2"]


def test_nothing_is_opened_before_the_first_event_is_asked_for(connect: Connect, serve: Serve) -> None:
    peer = serve(keep_open)

    flow_on(connect, peer.url).events()

    assert peer.connections == 0


def test_closing_the_events_closes_their_connection(connect: Connect, serve: Serve) -> None:
    async def one_event(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.chunk(frame(1))
        await keep_open(exchange)

    peer = serve(one_event)
    events = flow_on(connect, peer.url).events()
    next(events)
    assert peer.open_connections == 1

    events.close()

    eventually(lambda: peer.open_connections == 0)


def test_a_private_conversation_is_its_part_of_the_private_events(connect: Connect, serve: Serve) -> None:
    async def mixed(exchange: Exchange) -> None:
        await exchange.open_stream({"Flowdock-User": "1"})
        await exchange.chunk(frame(1, user="42", to="1") + frame(2, user="43", to="1"))
        await exchange.chunk(frame(3, user="1", to="42") + frame(4, event="flow-add", user=1))
        await exchange.chunk(frame(5, user="42", to="1"))
        await keep_open(exchange)

    peer = serve(mixed)
    private = connect(token="t0ken", uid=42, stream_url=f"{peer.url}/stream")

    assert ids(private.events(), 3) == [1, 3, 5]
    assert peer.requests[0].target == "/stream/flows?user=1"


def test_the_wait_that_the_stream_asks_for_is_kept(connect: Connect, serve: Serve) -> None:
    times: list[float] = []

    async def ask_for_patience(exchange: Exchange) -> None:
        times.append(exchange.now)
        await exchange.open_stream()
        await exchange.chunk(b"retry: 200\n" + frame(exchange.number))
        exchange.cut()

    peer = serve(ask_for_patience)

    assert ids(flow_on(connect, peer.url).events(), 2) == [1, 2]
    assert times[1] - times[0] >= 0.2


async def one_event_and_silence(exchange: Exchange) -> None:
    await exchange.open_stream()
    await exchange.chunk(frame(1))
    await keep_open(exchange)


def test_closing_a_client_ends_its_events_in_another_thread(serve: Serve) -> None:
    peer = serve(one_event_and_silence)
    client, seen = flowdock.connect(token="t0ken", api_url=peer.url), list[int]()

    def read() -> None:
        for event in client(org="acme", flow="main").events():
            seen.append(event["id"])

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    eventually(lambda: seen == [1])

    client.close()

    reader.join(5)
    assert not reader.is_alive()


def test_closing_a_client_ends_its_events_in_another_task(serve: Serve) -> None:
    peer = serve(one_event_and_silence)

    async def close_at_the_first_event() -> list[int]:
        client, seen = flowdock.connect_async(token="t0ken", api_url=peer.url), list[int]()
        async with asyncio.TaskGroup() as tasks:
            async for event in client(org="acme", flow="main").events():
                seen.append(event["id"])
                tasks.create_task(client.close())
        return seen

    assert asyncio.run(asyncio.wait_for(close_at_the_first_event(), 5)) == [1]


def test_a_closed_client_gives_no_events(connect: Connect) -> None:
    flow = flow_on(connect, "http://127.0.0.1:1")
    flow.close()

    with pytest.raises(flowdock.ConnectionFailed, match="was closed; connect again"):
        next(flow.events())
