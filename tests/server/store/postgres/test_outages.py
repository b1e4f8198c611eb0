"""PostgreSQL goes away and comes back: nothing that was acknowledged is lost, nothing is stored twice."""

import asyncio
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flowdock.server.actions import reading
from flowdock.server.store import logs
from flowdock.server.store.postgres import connections, opening
from flowdock.server.store.postgres.store import READER_THREADS
from flowdock.server.store.transaction import Transaction, Unavailable
from tests.server.stage import PLACE, plain
from tests.server.store.postgres.line import Line
from tests.server.store.postgres.stores import Stores
from tests.services.postgres import Postgres
from tests.services.processes import until

CONNECT_SECONDS = 1


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    monkeypatch.setattr(connections, "CONNECT_SECONDS", CONNECT_SECONDS)


@pytest.fixture
def stores(own_postgres: Postgres, tmp_path: Path) -> Iterator[Stores]:
    """Two stores on a PostgreSQL that may be stopped."""
    url = own_postgres.create("acme")
    opening.prepare(url)
    stores = Stores(tmp_path / "data", url)
    yield stores
    stores.close()


@pytest.fixture
def line(own_postgres: Postgres, stores: Stores) -> Iterator[Line]:
    """A line that can be cut, by which the only store is connected."""
    with Line(own_postgres.port) as line:
        for store in stores.all:
            store.close()
        stores.all.clear()
        stores.open(stores.url.replace(str(own_postgres.port), str(line.port)))
        until(lambda: stores.read(logs.behind) == [], "the indexer has nothing to say")
        yield line
        for store in stores.all:
            store.close()
        stores.all.clear()


def warm(stores: Stores) -> None:
    """Let every thread have a connection of its own, idle by now."""

    async def many() -> None:
        store = stores.all[0]

        def pause(tx: Transaction) -> None:
            tx.one("SELECT pg_sleep(0.05)")

        reads, writes = [store.read(pause) for _ in range(4)], [store.write(pause, about=at) for at in range(4)]
        await asyncio.gather(*reads, *writes)

    stores.run(many)


def show(stores: Stores, number: int) -> Any:
    return plain(stores.read(lambda tx: reading.show_message(tx, stores.alice, **PLACE, id=number)))


def test_what_was_idle_during_a_restart_is_replaced_without_an_error(own_postgres: Postgres, stores: Stores) -> None:
    sent = stores.write(stores.say("before"))
    for way in (own_postgres.stop, own_postgres.kill):
        warm(stores)
        way()
        own_postgres.start()
        assert show(stores, sent["id"]) == sent
        stores.write(stores.say("after"))
    assert stores.contents() == ["before", "after", "after"]


def test_all_that_comes_at_once_after_a_restart_succeeds(own_postgres: Postgres, stores: Stores) -> None:
    warm(stores)
    own_postgres.restart()
    store = stores.all[0]

    async def many() -> list[Any]:
        reads = [store.read(lambda tx: tx.one("SELECT 1")) for _ in range(30)]
        writes = [store.write(stores.say(str(at)), about=at) for at in range(30)]
        return await asyncio.gather(*reads, *writes, return_exceptions=True)

    assert [outcome for outcome in stores.run(many) if isinstance(outcome, Exception)] == []
    assert sorted(stores.contents(), key=int) == [str(at) for at in range(30)]


def test_a_write_that_is_interrupted_before_its_commit_is_done_again(own_postgres: Postgres, stores: Stores) -> None:
    with stores.held(stores.say("interrupted")) as outcome:
        own_postgres.kill()
        own_postgres.start()
    assert outcome()["content"] == "interrupted"
    assert stores.contents() == ["interrupted"]


def test_a_write_that_finds_no_database_is_unavailable_and_can_be_sent_again(
    own_postgres: Postgres, stores: Stores
) -> None:
    say = stores.say("once", uuid="u1")
    with stores.held(say) as outcome:
        own_postgres.kill()
    assert isinstance(outcome(), Unavailable)
    assert not any(group.in_doubt for group in stores.told)

    own_postgres.start()

    until(lambda: not isinstance(stores.outcome(stores.start(say)), Unavailable), "it can be sent again")
    assert stores.contents() == ["once"]


def test_an_unreachable_database_is_said_so_in_the_time_that_clients_have(
    own_postgres: Postgres, stores: Stores
) -> None:
    warm(stores)
    own_postgres.kill()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        stores.read(lambda tx: tx.one("SELECT 1"))
    with pytest.raises(Unavailable):
        stores.write(stores.say())
    assert time.monotonic() - began < 2 * CONNECT_SECONDS + 1


def test_it_comes_back_by_itself(own_postgres: Postgres, stores: Stores) -> None:
    warm(stores)
    own_postgres.kill()
    for _ in range(2):
        with pytest.raises(Unavailable):
            stores.read(lambda tx: tx.one("SELECT 1"))
    own_postgres.start()
    until(lambda: not isinstance(stores.outcome(stores.start(stores.say("again"))), Unavailable), "it is back")
    assert stores.contents() == ["again"]


def test_closing_does_not_wait_for_a_database_that_is_away(own_postgres: Postgres, stores: Stores) -> None:
    own_postgres.kill()
    closing = stores.all.pop()

    async def ask_and_close() -> float:
        asked = [asyncio.ensure_future(closing.read(lambda tx: tx.one("SELECT 1"))) for _ in range(10 * READER_THREADS)]
        await asyncio.sleep(0)
        began = time.monotonic()
        closing.close()
        took = time.monotonic() - began
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(outcome, Unavailable | asyncio.CancelledError) for outcome in outcomes)
        return took

    assert stores.run(ask_and_close) < CONNECT_SECONDS + 5  # what the pool gives its threads to end


@pytest.mark.parametrize("was_stored", [False, True])
def test_a_commit_that_was_not_answered_is_in_doubt_and_sent_again_stored_once(
    stores: Stores, line: Line, was_stored: bool
) -> None:
    say = stores.say("once", uuid="u1")
    if was_stored:
        line.cut_before_answering(b"COMMIT")
    else:
        line.cut_before_asking(b"INSERT INTO idempotency")  # the last of what is sent together with the commit

    with pytest.raises(Unavailable):
        stores.write(say)

    assert line.was_cut
    assert [group.in_doubt for group in stores.told] == [True]
    assert [group.appended for group in stores.told] == [[]]
    assert stores.contents() == (["once"] if was_stored else [])
    assert stores.write(say)["content"] == "once"
    assert stores.contents() == ["once"]


def test_a_connection_that_breaks_before_the_commit_is_nobodys_trouble(stores: Stores, line: Line) -> None:
    line.cut_before_asking(b"UPDATE logs")
    assert stores.write(stores.say("once"))["content"] == "once"
    assert line.was_cut
    assert stores.contents() == ["once"]


def test_a_read_that_is_cut_off_is_asked_again(stores: Stores, line: Line) -> None:
    line.cut_before_answering(b"needle")
    assert stores.read(lambda tx: tx.one("SELECT 'needle'")) == ("needle",)
    assert line.was_cut


def test_a_database_that_became_a_standby_refuses_and_loses_nothing(own_postgres: Postgres, stores: Stores) -> None:
    def become(what: str) -> None:
        with psycopg.connect(own_postgres.url("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE acme SET default_transaction_read_only = {what}")
        own_postgres.restart()

    become("on")
    with pytest.raises(Unavailable):
        stores.write(stores.say("refused", uuid="u1"))
    assert stores.contents() == []
    become("off")
    stores.write(stores.say("once", uuid="u1"))
    assert stores.contents() == ["once"]


def test_the_server_notices_within_seconds_that_a_machine_is_gone_which_has_locks(stores: Stores) -> None:
    names = ("tcp_keepalives_idle", "tcp_keepalives_interval", "tcp_keepalives_count", "tcp_user_timeout")
    shown = ", ".join(f"current_setting('{name}')" for name in names)
    assert stores.read(lambda tx: tx.one(f"SELECT {shown}")) == ("5", "2", "3", "10000")


def test_fewer_connections_than_there_are_threads_are_shared(tmp_path: Path) -> None:
    with Postgres(settings={"max_connections": "4", "superuser_reserved_connections": "0"}) as small:
        url = small.create("acme")
        opening.prepare(url)
        stores = Stores(tmp_path / "data", url)
        outcomes = stores.at_once(*[stores.say(str(at)) for at in range(40)])
        stores.close()
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
