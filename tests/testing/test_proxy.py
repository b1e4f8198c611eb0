"""The bad network does to connections what it is told, and the same each time."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from flowdock.testing.proxy import Fault, Plan, Proxy, faults
from tests.client.peer import Exchange, Peer, eventually

BODY = b"0123456789"


async def echo(exchange: Exchange) -> None:
    await exchange.answer(200, raw=exchange.body)


@pytest.fixture
def peer() -> Iterator[Peer]:
    one = Peer(echo)
    yield one
    one.stop()


@pytest.fixture
def proxy(peer: Peer) -> Iterator[Proxy]:
    with Proxy(peer.url) as one:
        yield one


def connected(proxy: Proxy) -> socket.socket:
    port = urlsplit(proxy.url).port
    return socket.create_connection(("127.0.0.1", port or 0), timeout=5)


def ask(connection: socket.socket) -> None:
    connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n" + BODY)


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side ends it."""
    come = b""
    while chunk := connection.recv(65536):
        come += chunk
    return come


def answer(connection: socket.socket) -> bytes:
    """One answer of the echo."""
    come = b""
    while not come.endswith(BODY):
        chunk = connection.recv(65536)
        assert chunk, f"it ended after {come!r}"
        come += chunk
    return come


def test_what_goes_through_arrives_as_it_was(proxy: Proxy) -> None:
    with connected(proxy) as connection:
        for _ in range(3):
            ask(connection)
            assert answer(connection).startswith(b"HTTP/1.1 200")

    assert (proxy.requests, proxy.connections, dict(proxy.faults)) == (3, 1, {})
    eventually(lambda: proxy.open_connections == 0)


@pytest.mark.parametrize("got", [0, 1, 17])
def test_an_answer_is_cut_after_as_many_bytes_as_it_says(proxy: Proxy, peer: Peer, got: int) -> None:
    proxy.next(faults.close(answer=got), faults.cut(answer=got))
    with connected(proxy) as connection:
        ask(connection)
        assert len(everything(connection)) == got
    with connected(proxy) as connection:
        ask(connection)
        with pytest.raises(ConnectionResetError):
            # Of what comes right before a reset the system may keep some.
            everything(connection)

    assert len(peer.requests) == 2
    assert dict(proxy.faults) == {"close": 1, "cut": 1}


def test_a_request_is_cut_before_the_server_has_it(proxy: Proxy, peer: Peer) -> None:
    proxy.next(faults.cut(request=47))
    with connected(proxy) as connection:
        ask(connection)
        with pytest.raises(ConnectionResetError):
            everything(connection)

    eventually(lambda: peer.connections == 1 and peer.open_connections == 0)
    assert not [request for request in peer.requests if request.body]


def test_only_the_request_that_a_fault_was_meant_for_is_hit(proxy: Proxy) -> None:
    proxy.next(None, faults.cut(answer=0))
    with connected(proxy) as connection:
        ask(connection)
        answer(connection)
        ask(connection)
        with pytest.raises(ConnectionResetError):
            everything(connection)
    with connected(proxy) as connection:
        ask(connection)
        answer(connection)


@pytest.mark.parametrize("fault", [faults.stall(answer=20, seconds=0.1), faults.delay(0.1), faults.fragment(3)])
def test_what_is_late_or_in_pieces_arrives_whole(proxy: Proxy, fault: Fault) -> None:
    proxy.next(fault)
    with connected(proxy) as connection:
        ask(connection)
        begun = time.monotonic()
        answer(connection)

    assert fault.seconds is None or time.monotonic() - begun >= fault.seconds
    assert proxy.faults[fault.kind] == 1


def test_a_stall_for_ever_says_nothing_and_ends_with_who_waits(proxy: Proxy) -> None:
    proxy.next(faults.stall(answer=5), faults.stall(request=5))
    for got in (5, 0):
        with connected(proxy) as connection:
            ask(connection)
            connection.settimeout(0.1)
            come = connection.recv(100) if got else b""
            assert len(come) == got
            with pytest.raises(TimeoutError):
                connection.recv(100)

    eventually(lambda: proxy.open_connections == 0)


def test_a_request_that_is_held_back_comes_after_a_later_one(proxy: Proxy, peer: Peer) -> None:
    proxy.next(faults.hold(others=1, seconds=5))
    with connected(proxy) as first, connected(proxy) as second:
        first.sendall(b"GET /first HTTP/1.1\r\nContent-Length: 10\r\n\r\n" + BODY)
        eventually(lambda: proxy.requests == 1)
        ask(second)
        answer(second)
        answer(first)

    assert [request.path for request in peer.requests] == ["/", "/first"]


def test_one_direction_may_end_without_the_other(proxy: Proxy, peer: Peer) -> None:
    proxy.next(faults.half_close(answer=4))
    with connected(proxy) as connection:
        ask(connection)
        assert everything(connection) == b"HTTP"
        assert peer.open_connections == 1

    eventually(lambda: peer.open_connections == 0)


def test_connections_are_refused_for_a_while(proxy: Proxy) -> None:
    proxy.next(faults.refuse(0.05))
    with connected(proxy) as connection:
        ask(connection)
        with pytest.raises(ConnectionResetError):
            everything(connection)
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        connected(proxy)
    proxy.accept()

    def accepts() -> bool:
        try:
            with connected(proxy) as connection:
                ask(connection)
                return bool(answer(connection))
        except ConnectionRefusedError:
            return False

    eventually(accepts)


def test_nothing_is_passed_on_while_it_pauses(proxy: Proxy) -> None:
    with connected(proxy) as connection:
        proxy.pause()
        ask(connection)
        connection.settimeout(0.1)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        proxy.resume()
        connection.settimeout(5)
        answer(connection)


def test_all_connections_are_cut_at_once(proxy: Proxy) -> None:
    with connected(proxy) as one, connected(proxy) as other:
        for connection in (one, other):
            ask(connection)
            answer(connection)
        proxy.cut()
        for connection in (one, other):
            with pytest.raises(ConnectionResetError):
                everything(connection)


def test_a_server_that_is_away_is_a_reset() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with (
        Proxy(f"http://127.0.0.1:{port}") as proxy,
        pytest.raises(ConnectionResetError),
        connected(proxy) as connection,
    ):
        everything(connection)


def test_what_a_plan_prints_as_makes_the_same_plan_again() -> None:
    plan = Plan(3569, share=0.5, within=500, longest=0.1)
    again: Any = eval(repr(plan))
    assert repr(Plan(1, kinds=("cut",))) == "Plan(1, share=0.3, within=2000, longest=0.2, kinds=('cut',))"

    drawn = [plan.draw() for _ in range(200)]

    assert [again.draw() for _ in range(200)] == drawn
    assert 60 < sum(fault is not None for fault in drawn) < 140
    assert len({fault.kind for fault in drawn if fault}) == 7


def test_a_fault_without_its_place_is_a_clear_error() -> None:
    with pytest.raises(TypeError, match=r"cut\(\) takes request= or answer="):
        faults.cut(request=1, answer=1)
    with pytest.raises(ValueError, match="pieces of 0 bytes never arrive"):
        faults.fragment(0)
