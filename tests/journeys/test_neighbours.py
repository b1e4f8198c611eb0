"""What one process hears of another, with a broker between them and without one."""

import http.client
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from flowdock.server import passwords
from flowdock.server.actions import setting_up, tokens
from flowdock.server.actions.places import Place
from flowdock.server.domain.actors import Person
from flowdock.server.http import credentials
from flowdock.server.hub import neighbours as looking
from flowdock.server.hub.neighbours import ALONE_SECONDS
from flowdock.server.store import events, flows, logs, schema
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.conftest import FreshDatabase
from tests.contract.plain import Stream
from tests.journeys.talking import Reader, ask, wait_until
from tests.services.postgres import Databases
from tests.services.redis import Redis

FLOW = "/flows/acme/main/messages"
STREAM = "/stream/flows/acme/main?active=true"
AT_MOST_SECONDS = ALONE_SECONDS + 2
LOOKING_SECONDS = ALONE_SECONDS / 2
"""Who hears of something sooner was told."""


@contextmanager
def neighbours(folder: Path, database: str, broker: str | None) -> Iterator[tuple[Server, Server]]:
    """Two servers of one site."""
    with (
        Server(folder, database=database, broker=broker) as one,
        Server(folder, database=database, broker=broker, beside=one) as other,
    ):
        yield one, other


@pytest.fixture
def database(postgres: Databases, fresh_database: FreshDatabase) -> str:
    """The URL of a database with empty tables."""
    return fresh_database(template=postgres.template("neighbours", schema.migrate_postgres))


@pytest.fixture
def pair(database: str, fresh_redis: str, tmp_path: Path) -> Iterator[tuple[Server, Server]]:
    with neighbours(tmp_path, database, fresh_redis) as both:
        yield both


class Single(Reader):
    """Reads one stream until it ends."""

    def run(self) -> None:
        self._read()


def port_of(server: Server) -> int:
    return int(server.url.rpartition(":")[2])


def say(server: Server, content: str, **more: Any) -> dict[str, Any]:
    said = {"event": "message", "content": content} | more
    answer: dict[str, Any] = ask(port_of(server), server.user.token, "POST", FLOW, said)
    return answer


@contextmanager
def reading(server: Server, *, by: str = "", path: str = STREAM) -> Iterator[Reader]:
    reader = Reader(port_of(server), by or server.second_user.token, path)
    reader.start()
    assert reader.following.wait(30)
    try:
        yield reader
    finally:
        reader.stop()


def contents(reader: Reader) -> list[object]:
    return [event["content"] for event in list(reader.events) if event["event"] == "message"]


def test_what_is_said_to_one_process_is_heard_in_the_other(pair: tuple[Server, Server]) -> None:
    one, other = pair
    with reading(one) as here, reading(other) as there:
        for at in range(20):
            say(pair[at % 2], str(at))
        for reader in (here, there):
            wait_until(lambda: len(contents(reader)) == 20)  # noqa: B023
            assert contents(reader) == [str(at) for at in range(20)]


def test_a_uuid_is_known_in_both(pair: tuple[Server, Server]) -> None:
    one, other = pair
    assert say(one, "once", uuid="the-same") == say(other, "twice", uuid="the-same")


def test_whispers_cross(pair: tuple[Server, Server]) -> None:
    one, other = pair
    activity = {"event": "activity.user", "content": {"last_activity": 1}}
    with reading(other) as reader:

        def is_heard() -> bool:
            ask(port_of(one), one.user.token, "POST", FLOW, activity)
            return any(
                event["event"] == "activity.user" and event["user"] == str(one.user.id) for event in reader.events
            )

        # Only what is said once the other one listens can be heard.
        wait_until(is_heard)
    assert contents(reader) == []


def test_a_source_that_is_removed_in_one_is_gone_in_the_other_at_once(pair: tuple[Server, Server]) -> None:
    one, other = pair
    item = {
        "event": "activity",
        "flow_token": one.flow_token,
        "title": "built",
        "author": {"name": "CI"},
        "external_thread_id": "1",
        "thread": {"title": "Build"},
    }

    def status(server: Server) -> int:
        import http.client  # noqa: PLC0415
        import json  # noqa: PLC0415

        connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=10)
        connection.request("POST", "/messages", json.dumps(item), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        connection.close()
        return answer.status

    credentials = other._app.service().credentials
    # Forgotten once more when the broker is found, so it may take two times to be remembered.
    wait_until(lambda: [status(server) for server in pair] == [202, 202] and bool(credentials._known))
    one.do(lambda tx: setting_up.remove_source(tx, 1))
    wait_until(lambda: not credentials._known, seconds=2)
    assert [status(server) for server in pair] == [410, 410]


def test_a_token_revoked_in_one_process_ends_its_streams_in_the_other(pair: tuple[Server, Server]) -> None:
    one, other = pair
    token_id, token = one.do(lambda tx: tokens.add(tx, user_id=one.second_user.id, label="lost"))
    with (
        Stream(other.url, f"/stream/flows/acme/main?access_token={token}", {}) as ending,
        Stream(other.url, f"/stream/flows/acme/main?access_token={one.second_user.token}", {}) as going_on,
    ):
        one.do(lambda tx: tokens.revoke_token(tx, Person(one.second_user.id), id=token_id))
        assert not ending.rest().strip()
        say(one, "still there?")
        assert going_on.next()["content"] == "still there?"


def expel(tx: Transaction, *, flow_id: str, user_id: int) -> None:
    """Take somebody out of a flow, with an event that ends their streams."""
    flow = flows.get_by_id(tx, user_id, flow_id)
    place = Place(flow.log_id, {"flow": flow.id})
    tx.execute("UPDATE flow_users SET in_flow = 0 WHERE log_id = ? AND user_id = ?", (place.log_id, user_id))
    number = logs.take_number(tx, place.log_id)
    left = {"event": "backend.user.leave", "id": number, **place.address, "user": str(user_id), "content": {}}
    events.append(tx, place.log_id, left, number=number, author=user_id, expels=user_id)


def test_who_loses_a_flow_in_one_process_loses_its_stream_in_the_other(pair: tuple[Server, Server]) -> None:
    one, other = pair
    expelled = Single(port_of(other), one.second_user.token, STREAM)
    expelled.start()
    assert expelled.following.wait(30)
    with reading(other, by=one.user.token) as stays:
        one.do(lambda tx: expel(tx, flow_id=one.flow_id, user_id=one.second_user.id))
        say(one, "among ourselves")
        wait_until(lambda: contents(stays) == ["among ourselves"])
        expelled.join(10)
    assert not expelled.is_alive()
    assert [event["event"] for event in expelled.events][-1] == "backend.user.leave"
    assert contents(expelled) == []


def test_without_a_broker_the_log_tells(database: str, tmp_path: Path) -> None:
    with neighbours(tmp_path, database, None) as (one, other), reading(other) as reader:
        assert max(lags(one, reader, times=2)) < AT_MOST_SECONDS


def lags(writing: Server, reader: Reader, *, times: int) -> list[float]:
    """How many seconds after its acknowledgement each of some messages is heard."""
    found = []
    for at in range(times):
        number = say(writing, f"lag {at}")["id"]
        began = time.monotonic()
        wait_until(lambda: any(event["id"] == number for event in reader.events[-1:]), seconds=10)  # noqa: B023
        found.append(time.monotonic() - began)
    return found


def hears(server: Server) -> bool:
    """Whether its broker is there."""
    neighbours = server._app._neighbours
    assert neighbours is not None
    assert neighbours._broker is not None
    return neighbours._broker.hears


@pytest.mark.slow
def test_without_redis_streams_are_seconds_behind_and_with_it_they_are_not(
    database: str, own_redis: Redis, tmp_path: Path
) -> None:
    with neighbours(tmp_path, database, own_redis.url) as pair, reading(pair[1]) as reader:
        for _ in range(2):
            wait_until(lambda: all(hears(server) for server in pair), seconds=10)
            assert min(lags(pair[0], reader, times=5)) < LOOKING_SECONDS
            own_redis.kill()
            wait_until(lambda: not any(hears(server) for server in pair), seconds=10)
            assert max(lags(pair[0], reader, times=3)) < AT_MOST_SECONDS
            own_redis.start()


@pytest.mark.slow
def test_what_nobody_tells_is_found_all_the_same(
    database: str, fresh_redis: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a process dies between its commit and what it was about to tell."""
    monkeypatch.setattr(looking, "SECONDS", seconds := 1.0)
    with (
        Server(tmp_path, database=database) as silent,
        Server(tmp_path, database=database, broker=fresh_redis, beside=silent) as other,
        reading(other) as reader,
    ):
        wait_until(lambda: hears(other), seconds=10)
        assert max(lags(silent, reader, times=1)) < seconds + AT_MOST_SECONDS


def test_what_one_process_acknowledged_every_other_shows(pair: tuple[Server, Server]) -> None:
    for at in range(20):
        writing, asked = pair[at % 2], pair[1 - at % 2]
        sent = say(writing, f"needle {at}")
        port, token = port_of(asked), asked.user.token
        shown = ask(port, token, "GET", f"{FLOW}/{sent['id']}")
        assert shown["content"] == f"needle {at}"
        assert ask(port, token, "GET", f"{FLOW}?search=needle&limit=100")[-1] == shown


def test_while_redis_is_away_nothing_stops_and_nothing_is_lost(database: str, own_redis: Redis, tmp_path: Path) -> None:
    with neighbours(tmp_path, database, own_redis.url) as (one, other), reading(other) as reader:
        say(one, "before")
        wait_until(lambda: contents(reader) == ["before"])
        own_redis.kill()
        say(one, "meanwhile")
        wait_until(lambda: contents(reader) == ["before", "meanwhile"], seconds=10)
        own_redis.start()
        for at in range(5):
            say(one, str(at))
        wait_until(lambda: contents(reader)[2:] == ["0", "1", "2", "3", "4"], seconds=10)


def test_a_stream_goes_on_in_another_process_with_its_cursor(pair: tuple[Server, Server]) -> None:
    one, other = pair
    with reading(one) as first:
        for at in range(3):
            say(one, str(at))
        wait_until(lambda: len(contents(first)) == 3)
        first.stop()
        say(other, "between")
        second = Reader(port_of(other), one.second_user.token, STREAM, cursor=first._cursor)
        second.start()
        say(one, "after")
        wait_until(lambda: len(contents(second)) == 2)
        second.stop()
    assert contents(second) == ["between", "after"]


def status_by_password(server: Server, password: str) -> tuple[int, str | None]:
    """The status of asking who one is, and when to ask again."""
    words = b64encode(f"dora@example.com:{password}".encode()).decode()
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=10)
    connection.request("GET", "/user", headers={"Authorization": f"Basic {words}"})
    response = connection.getresponse()
    connection.close()
    return response.status, response.headers["Retry-After"]


def test_wrong_passwords_are_counted_by_all_processes_together(
    pair: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = pair
    password_hash = passwords.hashed("right")

    def create(tx: Transaction) -> int:
        return setting_up.create_user(
            tx, nick="dora", email="dora@example.com", name="", password_hash=password_hash, org=None, admin=False
        )

    one.do(create)
    monkeypatch.setattr(credentials, "WRONG_PASSWORDS", 4)
    tried = [status_by_password(server, "wrong") for server in (one, other, one, other, one)]
    assert tried == [(401, None)] * 4 + [(429, str(credentials.WRONG_SECONDS))]
    assert status_by_password(other, "right")[0] == 429
    ask(port_of(one), one.user.token, "GET", "/user")


def last_ping(server: Server) -> int:
    """When the second user was last seen."""
    found = ask(port_of(server), server.user.token, "GET", "/flows/acme/main/users")
    [seen] = [int(one["last_ping"]) for one in found if one["id"] == server.second_user.id]
    return seen


def test_who_is_there_is_told_each_time_and_written_down_once(pair: tuple[Server, Server]) -> None:
    one, other = pair

    def told(reader: Reader) -> int:
        there = str(one.second_user.id)
        return sum(event["event"] == "activity.user" and event["user"] == there for event in list(reader.events))

    with reading(other, by=one.user.token, path="/stream/flows/acme/main") as listener:
        wait_until(lambda: other._app._hub.followed != [])
        say(one, "hello")
        wait_until(lambda: contents(listener) == ["hello"])
        with reading(one):
            wait_until(lambda: last_ping(one) > 0)
            first = last_ping(one)
            before = told(listener)
            with reading(other):
                wait_until(lambda: told(listener) > before)
                wait_until(lambda: not other._app._streams._tasks)
                assert last_ping(one) == first


def test_who_is_there_in_several_processes_is_there_until_the_last_stream_ends(pair: tuple[Server, Server]) -> None:
    one, other = pair
    watched, theirs = one.second_user.id, one.second_user.token

    def state(stream: Stream, wanted: int) -> list[int]:
        """What is told of them up to this state."""
        found: list[int] = []
        while wanted not in found:
            event = stream.next()
            if event["event"] == "presence" and event["user_id"] == watched:
                found.append(event["content"]["state"])
        return found

    with (
        Stream(other.url, "/stream/flows/acme/main?presence=1", _basic(one.user.token)) as stream,
        Stream(one.url, "/stream/flows?user=1&active=idle", _basic(theirs)),
    ):
        state(stream, 1_000_000)
        with Stream(other.url, "/stream/flows?user=1&active=true", _basic(theirs)):
            assert state(stream, 2_000_000) == [2_000_000]
        assert state(stream, 1_000_000) == [1_000_000]
        # Whoever comes later knows it from the database, where nothing was heard yet.
        with Stream(one.url, "/stream/flows/acme/main?presence=1", _basic(one.user.token)) as later:
            assert state(later, 1_000_000) == [1_000_000]


def _basic(token: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{token}:".encode()).decode(), "Accept": "application/json"}
