"""Streams over real connections, as every client sees them."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flowdock.server.actions import sending
from flowdock.server.domain.actors import Person
from flowdock.server.http.takeover import FlowdockProtocol
from flowdock.server.hub.feed import TAIL_LENGTH
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.journeys.talking import ask, wait_until
from tests.journeys.upstart import Up
from tests.server.http.sockets import SSE, BareClient, Stream

JSON = "application/json"
FLOW = "/stream/flows/acme/main"
MESSAGES = "/flows/acme/main/messages"


@pytest.fixture(params=["connections are taken over", "any ASGI server"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server]:
    http: Any = FlowdockProtocol if request.param.startswith("connections") else "h11"
    with Server(tmp_path, http=http, keep_alive_seconds=0.05) as server:
        yield server


@pytest.fixture
def streams(server: Server) -> Iterator[Callable[..., Stream]]:
    """Open streams of the first user, which are closed in the end."""
    opened: list[Stream] = []

    def open_stream(path: str = FLOW, **more: Any) -> Stream:
        opened.append(Stream(server.url, server.user.token, path, **more))
        return opened[-1]

    yield open_stream
    for stream in opened:
        stream.__exit__()


def say(server: Server, content: str = "hello", **more: Any) -> int:
    number: int = asked(server, "POST", MESSAGES, {"event": "message", "content": content, **more})["id"]
    return number


def asked(server: Server, method: str, path: str, content: Any = None) -> Any:
    return ask(int(server.url.rpartition(":")[2]), server.user.token, method, path, content)


def readers(server: Server) -> set[Any]:
    """Everybody whom the server takes for a reader."""
    return set(server._app._hub.readers)


# --------------------------------------------------------------------------------------------------- what one sees


@pytest.mark.parametrize("style, kind", [(SSE, "text/event-stream"), (JSON, JSON), ("*/*", JSON)])
def test_the_head_comes_at_once_and_says_what_follows(
    server: Server, streams: Callable[..., Stream], style: str, kind: str
) -> None:
    last = say(server)
    stream = streams(style=style)
    assert stream.headers["content-type"] == f"{kind}; charset=utf-8"
    assert stream.headers["transfer-encoding"] == "chunked"
    assert stream.headers["flowdock-user"] == str(server.user.id)
    assert stream.headers["flowdock-cursor"] == str(last)


@pytest.mark.parametrize("style, sign", [(SSE, b":\n\n"), (JSON, b"\n")])
def test_a_silent_stream_shows_that_it_lives(streams: Callable[..., Stream], style: str, sign: bytes) -> None:
    stream = streams(style=style)
    while len(stream.plain) < 3 * len(sign):
        stream.read()
    assert stream.plain == sign * 3


@pytest.mark.parametrize("style", [SSE, JSON])
def test_what_happens_comes_in_order(server: Server, streams: Callable[..., Stream], style: str) -> None:
    stream = streams(style=style)
    first = say(server, "#one")
    asked(server, "PUT", f"{MESSAGES}/{first}", {"content": "#two"})
    assert stream.read_until(first + 2) == [first, first + 1, first + 2]
    assert [event["event"] for event in stream.events] == ["message", "message-edit", "tag-change"]


def test_a_head_request_gets_the_head_alone(server: Server) -> None:
    with BareClient(server.url, server.user.token) as client:
        client.ask(FLOW, method="HEAD", Accept=SSE)
        assert client.head() == 200
        client.ask("/user")
        status, me = client.answer()
        assert (status, me["id"]) == (200, server.user.id)
    assert readers(server) == set()


def test_a_client_that_goes_is_forgotten(server: Server) -> None:
    for _ in range(3):
        with Stream(server.url, server.user.token, FLOW):
            wait_until(lambda: len(readers(server)) == 1)
        wait_until(lambda: readers(server) == set())
    assert server._app._hub._feeds == {}


def test_presence_is_heard_by_who_shares_the_flow_and_has_no_number(
    server: Server, streams: Callable[..., Stream]
) -> None:
    last = say(server)
    stream = streams()
    with Stream(server.url, server.second_user.token, f"{FLOW}?active=true"):
        while not stream.events:
            stream.read()
    [event] = stream.events
    assert (event["event"], event["id"], event["user"]) == ("activity.user", None, str(server.second_user.id))
    assert stream.decoder.cursor == str(last)  # type: ignore[union-attr]


# ------------------------------------------------------------------------------------------------------- resuming


def test_from_the_beginning_every_number_comes_once(server: Server, streams: Callable[..., Stream]) -> None:
    last = [say(server, f"#{number}") for number in range(5)][-1]
    asked(server, "PUT", f"{MESSAGES}/{last}", {"content": "changed"})
    stream = streams(Last_Event_ID="0")
    assert stream.read_until(last + 2) == list(range(1, last + 3))


@pytest.mark.parametrize("missed", [1, 255, 256, 257, TAIL_LENGTH, TAIL_LENGTH + 1, 1100])
def test_who_comes_back_gets_what_was_missed_and_goes_on(
    server: Server, streams: Callable[..., Stream], missed: int
) -> None:
    first = say(server)
    with Stream(server.url, server.second_user.token, FLOW):  # somebody stays, so there is a tail
        say_many(server, missed)
        stream = streams(Last_Event_ID=str(first))
        newest = say(server)
        assert stream.read_until(newest) == list(range(first + 1, newest + 1))


def test_several_flows_and_private_talk_resume_by_one_cursor(server: Server, streams: Callable[..., Stream]) -> None:
    path, private = "/stream/flows?filter=acme/main&user=1", f"/private/{server.second_user.id}/messages"
    said = {"event": "message", "content": "psst"}
    with Stream(server.url, server.user.token, path) as stream:
        numbers = [say(server), asked(server, "POST", private, said)["id"]]
        while len(stream.events) < 2:
            stream.read()
        cursor = stream.decoder.cursor  # type: ignore[union-attr]
    numbers += [say(server), asked(server, "POST", private, said)["id"], say(server)]

    again = streams(path, Last_Event_ID=cursor)
    while len(again.events) < 3:
        again.read()

    heard = [event["id"] for event in again.events if "flow" in event]
    assert heard == [numbers[2], numbers[4]]
    assert [event["id"] for event in again.events if "to" in event] == [numbers[3]]


def say_many(server: Server, count: int) -> None:
    """Send a lot, quickly."""

    def write(tx: Transaction) -> None:
        for _ in range(count):
            sending.send_to_flow(tx, Person(server.user.id), org="acme", flow="main", event="message", content="x")

    server.do(write)


# ----------------------------------------------------------------------------------------------------- slow readers


def fill(say_one: Callable[[str], int], is_stuck: Callable[[], bool]) -> None:
    """Say a lot until the reader is stuck, and then more than the tail of a flow holds."""
    count = 0
    while not is_stuck():
        say_one("x" * 8000)
        count += 1
        assert count < 1500, "what nobody reads goes somewhere all the same"
    for _ in range(TAIL_LENGTH + 10):
        say_one("y")


@pytest.mark.parametrize("style", [SSE, JSON])
def test_a_reader_that_does_not_read_delays_nobody_and_loses_nothing(
    server: Server, streams: Callable[..., Stream], style: str
) -> None:
    slow = streams(style=style, receive_buffer_bytes=4096)
    wait_until(lambda: len(readers(server)) == 1)
    [reader] = readers(server)
    quick = streams(style=style)
    reading = threading.Thread(target=lambda: quick.read_until_content("the last"))
    reading.start()
    first = say(server)

    fill(lambda content: say(server, content), lambda: reader not in reader.feeds[0].live)
    newest = say(server, "the last")

    reading.join(20)
    assert quick.ids == list(range(first, newest + 1))
    assert reader in readers(server)
    assert slow.read_until(newest) == list(range(first, newest + 1))
    assert slow.read_until(say(server))[-1] == newest + 1


def test_so_it_is_in_a_server_of_ones_own(tmp_path: Path) -> None:
    """The same with the loop that servers run on, and a disk that is waited for."""
    with Up(tmp_path) as up:
        url, token = f"http://127.0.0.1:{up.port}", up.told["token"]

        def say_one(content: str) -> int:
            return int(ask(up.port, token, "POST", MESSAGES, {"event": "message", "content": content})["id"])

        with Stream(url, token, FLOW, receive_buffer_bytes=4096) as slow, Stream(url, token, FLOW) as quick:
            first = say_one("first")
            newest = [say_one("x" * 8000) for _ in range(400)][-1]
            assert quick.read_until(newest) == list(range(first, newest + 1))
            assert slow.read_until(newest) == list(range(first, newest + 1))
            assert slow.read_until(say_one("last"))[-1] == newest + 1


# ---------------------------------------------------------------------------------------------------------- ending


@pytest.mark.parametrize("style", [SSE, JSON])
def test_a_stop_ends_streams_with_the_last_chunk(server: Server, streams: Callable[..., Stream], style: str) -> None:
    opened = [streams(style=style) for _ in range(3)]
    newest = say(server)
    server.stop()
    for stream in opened:
        stream.read_all()
        assert stream.chunks.ended
        assert stream.ids == [newest]


def test_a_request_behind_a_stream_does_not_disturb_it(server: Server, streams: Callable[..., Stream]) -> None:
    stream = streams()
    stream.ask("/user")
    numbers = [say(server), say(server)]
    assert stream.read_until(numbers[-1]) == numbers


def test_nor_does_one_that_comes_together_with_it(server: Server) -> None:
    with BareClient(server.url, server.user.token) as client:
        client.send(both_at_once(client))
        assert client.head() == 200
        newest = say(server)
        received = b""
        while f'"id":{newest},'.encode() not in received:
            received += client._some()
        assert b"HTTP/1.1" not in received
        server.stop()
        while more := client.receive():
            received += more
    ended, _, rest = received.partition(b"0\r\n\r\n")
    assert b'"event":"message"' in ended
    assert rest == b"" or rest.startswith(b"HTTP/1.1 ")


def both_at_once(client: BareClient) -> bytes:
    """A request for a stream and another one behind it, in one piece."""
    head = f"Host: flowdock\r\nAuthorization: Basic {client._credentials}\r\n\r\n"
    return f"GET {FLOW} HTTP/1.1\r\n{head}GET /user HTTP/1.1\r\n{head}".encode()


def test_answers_come_in_the_order_of_their_requests(server: Server) -> None:
    with BareClient(server.url, server.user.token) as client:
        for number in range(20):
            client.ask(MESSAGES, method="POST", content={"event": "message", "content": f"{number}"})
        answers = [client.answer() for _ in range(20)]
    assert [(status, message["content"]) for status, message in answers] == [(201, f"{n}") for n in range(20)]


def test_a_stream_can_follow_other_requests_on_its_connection(server: Server) -> None:
    with BareClient(server.url, server.user.token) as client:
        client.ask("/user")
        assert client.answer()[0] == 200
        client.ask(FLOW, Accept=SSE)
        assert client.head() == 200
        say(server, "needle")
        received = b""
        while b"needle" not in received:
            received += client._some()
