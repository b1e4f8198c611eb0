"""Webhooks over HTTP, from the flow to a program that listens on this machine."""

import hmac
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowdock import actions
from flowdock.server.couriers.webhooks import LEASE
from flowdock.server.store.store import Chance, now
from flowdock.testing import Server
from tests.conftest import FreshDatabase
from tests.contract.flows import NewFlow, make_flow
from tests.contract.plain import Caller, basic
from tests.journeys import talking
from tests.journeys.upstart import Up
from tests.server.outgoing.receiver import Receiver, Reply, Request


class Clock:
    """The present moment, which a test moves on."""

    def __init__(self) -> None:
        self.ahead = 0

    def __call__(self) -> int:
        return now() + self.ahead


CLOCK = Clock()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server"), chance=Chance(clock=CLOCK)) as running:
        yield running


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def alice(server: Server) -> Caller:
    return Caller(server.url, basic(server.user.token))


@pytest.fixture
def flow(server: Server) -> NewFlow:
    return make_flow(server)


def create(alice: Caller, flow: NewFlow, url: str, **more: Any) -> dict[str, Any]:
    answer = alice.post(f"{flow.path}/webhooks", url=url, **more)
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.json
    return made


def say(alice: Caller, flow: NewFlow, content: str) -> dict[str, Any]:
    said: dict[str, Any] = alice.post(f"{flow.path}/messages", event="message", content=content).json
    return said


def log_when(
    alice: Caller, flow: NewFlow, webhook: dict[str, Any], holds: Callable[[list[dict[str, Any]]], bool]
) -> list[dict[str, Any]]:
    """The log of deliveries once it is so."""
    found: list[dict[str, Any]] = []

    def is_so() -> bool:
        found[:] = alice.get(f"{flow.path}/webhooks/{webhook['id']}/deliveries").json
        return holds(found)

    talking.wait_until(is_so)
    return found


def content_of(request: Request) -> object:
    return json.loads(request.body)["content"]


def test_an_event_arrives_as_streams_carry_it_and_signed(alice: Caller, flow: NewFlow, receiver: Receiver) -> None:
    made = create(alice, flow, f"{receiver.url}/here?x=1", secret="shared")
    with alice.stream(f"/stream{flow.path}") as stream:
        assert stream.status == 200
        say(alice, flow, "grüße & <b>")
        while not (line := stream.line()).startswith(b"{"):
            pass

    request = receiver.next()
    assert (request.method, request.path, request.headers["content-type"]) == ("POST", "/here?x=1", "application/json")
    assert request.body == line.removesuffix(b"\r\n")
    signature = hmac.new(b"shared", request.body, "sha1").hexdigest()
    assert request.headers["x-flowdock-signature"] == f"sha1={signature}"
    assert actions.verify_webhook(request.headers, request.body, "shared")["content"] == "grüße & <b>"
    [one] = log_when(alice, flow, made, lambda log: [one["state"] for one in log] == ["delivered"])
    assert request.headers["x-flowdock-delivery"] == str(one["id"])


def test_what_was_refused_is_told_again_later(alice: Caller, flow: NewFlow, receiver: Receiver) -> None:
    made = create(alice, flow, receiver.url)
    receiver.answer = lambda _: Reply(500, b"secrets of the receiver")
    sent = say(alice, flow, "hello")
    receiver.next()
    [one] = log_when(alice, flow, made, lambda log: log[0]["status"] == 500)
    assert (one["state"], one["attempts"], one["message"]) == ("waiting", 1, sent["id"])
    assert "secrets" not in json.dumps(one)

    receiver.answer = lambda _: Reply(200)
    CLOCK.ahead += 11_000

    assert content_of(receiver.next()) == "hello"
    log_when(alice, flow, made, lambda log: log[0]["state"] == "delivered")


def test_what_was_told_is_told_again_on_demand(alice: Caller, flow: NewFlow, receiver: Receiver) -> None:
    made = create(alice, flow, receiver.url)
    say(alice, flow, "hello")
    receiver.next()
    [one] = log_when(alice, flow, made, lambda log: log[0]["state"] == "delivered")
    answer = alice.post(f"{flow.path}/webhooks/{made['id']}/deliveries/{one['id']}/replay")
    assert (answer.status, answer.json["state"]) == (202, "waiting")
    assert content_of(receiver.next()) == "hello"


def test_one_thing_is_told_after_the_other(alice: Caller, flow: NewFlow, receiver: Receiver) -> None:
    create(alice, flow, receiver.url, events="message")
    said = [f"message {number}" for number in range(30)]
    for content in said:
        say(alice, flow, content)
    assert [content_of(receiver.next()) for _ in said] == said


def test_what_is_only_whispered_is_not_told(alice: Caller, flow: NewFlow, receiver: Receiver) -> None:
    create(alice, flow, receiver.url)
    alice.post(f"{flow.path}/messages", event="activity.user")
    say(alice, flow, "loud")
    assert content_of(receiver.next()) == "loud"


def test_nothing_is_lost_with_a_restart(tmp_path: Path) -> None:
    with Receiver() as receiver, Server(tmp_path) as server:
        alice, flow = Caller(server.url, basic(server.user.token)), make_flow(server)
        never = threading.Event()
        receiver.answer = lambda _: Reply(release=never)
        create(alice, flow, receiver.url, events="message")
        said = [f"message {number}" for number in range(5)]
        for content in said:
            say(alice, flow, content)
        assert content_of(receiver.next()) == said[0]
        server.stop()
        never.set()
        receiver.answer = lambda _: Reply(200)

        server.start()

        assert [content_of(receiver.next()) for _ in said] == said


@pytest.mark.crash
def test_nothing_is_lost_when_the_server_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWDOCK_OUTGOING_NETWORKS", "127.0.0.0/8")
    with Receiver() as receiver, Up(tmp_path) as up:
        path = "/flows/acme/main"
        talking.ask(up.port, up.told["token"], "POST", f"{path}/webhooks", {"url": receiver.url, "events": "message"})
        never = threading.Event()
        receiver.answer = lambda _: Reply(release=never)
        said = [f"message {number}" for number in range(5)]
        for content in said:
            sent = {"event": "message", "content": content}
            talking.ask(up.port, up.told["token"], "POST", f"{path}/messages", sent)
        assert content_of(receiver.next()) == said[0]
        up.kill()
        never.set()
        receiver.answer = lambda _: Reply(200)
        with closing(sqlite3.connect(tmp_path / "data" / "flowdock.sqlite3")) as database, database:
            database.execute("UPDATE webhooks SET busy_until = busy_until - ?", (LEASE,))  # as if that long had passed
        up.start()
        assert [content_of(receiver.next()) for _ in said] == said


def test_an_address_inside_is_refused_at_once_and_told_nothing(tmp_path: Path) -> None:
    with Receiver() as receiver, Server(tmp_path, outgoing_networks=()) as server:
        alice, flow = Caller(server.url, basic(server.user.token)), make_flow(server)
        refused = alice.post(f"{flow.path}/webhooks", url=receiver.url)
        assert refused.status == 400
        assert "not a public address" in refused.json["errors"]["url"][0]
        made = create(alice, flow, f"http://localhost:{receiver.port}")
        say(alice, flow, "hello")
        [one] = log_when(alice, flow, made, lambda log: bool(log) and log[0]["attempts"] == 1)
        assert "not a public address" in one["error"]
        assert receiver.came.empty()


@pytest.mark.parametrize("url", ["ftp://x.example", "x", "http://a:b@x.example", "http://x.example:0", " "])
def test_what_cannot_be_asked_is_no_address(alice: Caller, flow: NewFlow, url: str) -> None:
    made = create(alice, flow, "https://receiver.example")
    for answer in (
        alice.post(f"{flow.path}/webhooks", url=url),
        alice.put(f"{flow.path}/webhooks/{made['id']}", url=url),
    ):
        assert (answer.status, list(answer.json["errors"])) == (400, ["url"])


def test_of_two_processes_one_tells_each_event(tmp_path: Path, fresh_database: FreshDatabase) -> None:
    database = fresh_database()
    with Receiver() as receiver, Server(tmp_path / "1", database=database) as first:
        flow = make_flow(first)
        with Server(tmp_path / "2", database=database, beside=first) as second:
            callers = [Caller(one.url, basic(first.user.token)) for one in (first, second)]
            webhooks = [create(callers[0], flow, f"{receiver.url}/{at}", events="message") for at in range(3)]
            said = [f"message {number}" for number in range(20)]
            for at, content in enumerate(said):
                say(callers[at % 2], flow, content)
            came = [receiver.next() for _ in range(len(said) * len(webhooks))]
            for webhook in webhooks:
                log_when(callers[0], flow, webhook, lambda log: all(one["state"] == "delivered" for one in log))
        for at in range(3):
            assert [content_of(one) for one in came if one.path == f"/{at}"] == said
        assert receiver.came.empty()
