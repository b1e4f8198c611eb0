"""A server that retires while others listen to the same socket harms nobody."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from flowdock.server import running
from flowdock.server.http.takeover import FlowdockProtocol
from tests.journeys.talking import wait_until
from tests.server.applications import Asking, Plain

QUICK = ("/", "/asgi")


class Serving:
    """A server in a thread, on a socket that is held by somebody else too, as by a supervisor."""

    def __init__(self) -> None:
        self.app = Plain()
        self.listening = running.listen("127.0.0.1", 0)
        self.port: int = self.listening.getsockname()[1]
        self.server = running.Server(self.app)
        self.thread = threading.Thread(target=self.server.run, args=([self.listening.dup()],), daemon=True)

    def has_ended(self) -> bool:
        return not self.thread.is_alive()


@pytest.fixture
def serving() -> Iterator[Serving]:
    one, ready = Serving(), threading.Event()
    one.server.on_ready = ready.set
    one.thread.start()
    assert ready.wait(20)
    try:
        yield one
    finally:
        one.app.go_on()
        one.server.stop()
        one.thread.join(20)
        one.listening.close()


def retire(serving: Serving) -> None:
    """Let it retire, and return when it has begun to."""
    serving.server.retire()
    wait_until(lambda: serving.app.streams_finished)


@pytest.mark.parametrize("path", QUICK)
def test_an_idle_connection_may_ask_once_more_and_hears_that_it_was_the_last_time(serving: Serving, path: str) -> None:
    with Asking(serving.port) as idle:
        assert idle.goes_on_after(path)
        retire(serving)

        assert not idle.goes_on_after(path)

    wait_until(serving.has_ended, seconds=2)


@pytest.mark.parametrize("path", QUICK)
def test_a_connection_that_never_asked_may_ask_once(serving: Serving, path: str) -> None:
    with Asking(serving.port) as new:
        wait_until(lambda: bool(serving.server.server_state.connections))
        retire(serving)

        assert not new.goes_on_after(path)

    wait_until(serving.has_ended, seconds=2)


def test_a_request_under_way_is_answered_and_hears_that_it_was_the_last(serving: Serving) -> None:
    with Asking(serving.port) as late:
        late.request("GET", "/late")
        wait_until(lambda: serving.app.begun == 1)
        retire(serving)
        serving.app.go_on()

        response = late.getresponse()

        assert (response.read().isdigit(), response.headers["connection"]) == (True, "close")


def test_an_answer_that_promised_to_keep_the_connection_is_kept_to_it(serving: Serving) -> None:
    with Asking(serving.port) as late:
        response = late.ask("/late-end")
        retire(serving)
        serving.app.go_on()
        assert response.read().isdigit()

        assert not late.goes_on_after("/")


@pytest.mark.parametrize("sooner", [True, False], ids=["before", "meanwhile"])
def test_requests_sent_without_waiting_are_all_answered(serving: Serving, sooner: bool) -> None:
    with Asking(serving.port) as hasty:
        hasty.sock.sendall(b"GET /late HTTP/1.1\r\n\r\n")
        wait_until(lambda: serving.app.begun == 1)
        if not sooner:
            retire(serving)
        hasty.sock.sendall(b"GET / HTTP/1.1\r\n\r\n")
        wait_until(lambda: waiting(serving) == 1)
        if sooner:
            retire(serving)
        serving.app.go_on()

        _, first, last = b"".join(iter(lambda: hasty.sock.recv(65536), b"")).split(b"HTTP/1.1 200 OK")

        assert b"connection: close" not in first
        assert b"connection: close" in last


def waiting(serving: Serving) -> int:
    """How many requests wait behind the first of the only connection."""
    (connection,) = serving.server.server_state.connections
    assert isinstance(connection, FlowdockProtocol)
    return len(connection.pipeline)


@pytest.mark.slow
@pytest.mark.parametrize("asked", [True, False], ids=["idle", "new"])
def test_who_asks_nothing_more_is_kept_as_long_as_ever(serving: Serving, asked: bool) -> None:
    serving.server.config.timeout_keep_alive = 2
    with Asking(serving.port) as silent:
        if asked:
            assert silent.goes_on_after("/")
        else:
            wait_until(lambda: bool(serving.server.server_state.connections))
        retire(serving)
        silent.sock.settimeout(0.5)

        with pytest.raises(TimeoutError):
            silent.ended()

        silent.sock.settimeout(5)
        assert silent.ended()
    wait_until(serving.has_ended, seconds=2)


def test_who_comes_when_it_retires_finds_somebody_else(serving: Serving) -> None:
    with Asking(serving.port) as under_way:
        under_way.request("GET", "/late")
        wait_until(lambda: serving.app.begun == 1)
        retire(serving)
        with Asking(serving.port) as newcomer:
            newcomer.request("GET", "/")
            with another(serving) as successor:
                assert newcomer.getresponse().status == 200

            assert (serving.app.begun, successor.begun) == (1, 1)


@contextmanager
def another(serving: Serving) -> Iterator[Plain]:
    """The application of one more server on the same socket."""
    app = Plain()
    server = running.Server(app)
    thread = threading.Thread(target=server.run, args=([serving.listening.dup()],), daemon=True)
    thread.start()
    yield app
    server.stop()
    thread.join(20)


def test_told_to_stop_it_does_not_wait_for_idle_connections(serving: Serving) -> None:
    with Asking(serving.port) as idle:
        assert idle.goes_on_after("/")
        retire(serving)

        serving.server.stop()

        wait_until(serving.has_ended, seconds=2)
        assert idle.ended()


def test_told_to_stop_twice_it_does_not_wait_for_requests_either(serving: Serving) -> None:
    with Asking(serving.port) as late:
        late.request("GET", "/late")
        wait_until(lambda: serving.app.begun == 1)
        serving.server.stop()
        serving.server.stop()

        wait_until(serving.has_ended, seconds=2)


def test_an_application_that_cannot_start_says_why() -> None:
    class Broken(Plain):
        async def _live(self, *_: object) -> None:
            raise ValueError("the disk is made of cheese")

    with running.listen("127.0.0.1", 0) as listening, pytest.raises(running.CannotStart) as caught:
        running.Server(Broken()).run([listening])

    assert isinstance(caught.value.__cause__, ValueError)
    assert str(caught.value) == "the disk is made of cheese"
