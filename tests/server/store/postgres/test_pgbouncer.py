"""Behind pgbouncer in transaction mode, where each transaction may run on another connection to PostgreSQL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flowdock.server.actions import commenting, editing, flows, people, presenting, reading, sending, threading
from flowdock.server.actions.places import of_source
from flowdock.server.domain.permissions import POST_TO_FLOW
from flowdock.server.store.transaction import Transaction
from tests.server.stage import PLACE, Stage
from tests.server.store.postgres.stores import Stores
from tests.services.pgbouncer import POOL_SIZE, PgBouncer
from tests.services.postgres import Postgres

ITEM: Any = {"title": "Build", "author": {"name": "CI"}, "external_thread_id": "7", "thread": {"title": "Build 7"}}


@pytest.fixture
def url(own_postgres: Postgres, own_pgbouncer: PgBouncer) -> str:
    own_postgres.create("acme")
    return own_pgbouncer.url("acme")


@pytest.fixture
def stage(url: str, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path / "data", url)
    yield stage
    stage.close()


def direct(own_postgres: Postgres, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(own_postgres.url("acme")) as connection:
        return connection.execute(query).fetchall()


def test_everything_that_people_and_integrations_do_works(stage: Stage) -> None:
    first = stage.send("needle #tag @bob")
    reply = stage.act(
        stage.bob, sending.send_to_thread, **PLACE, thread_id=first["thread_id"], event="message", content="x"
    )
    stage.act(stage.carol, editing.react, **PLACE, id=first["id"], emoji="tada", type="add")
    stage.act(stage.alice, editing.edit_message, **PLACE, id=first["id"], content="better needle", tags=["other"])
    stage.act(stage.bob, commenting.comment_on, **PLACE, id=first["id"], content="indeed")
    stage.act(stage.bob, editing.delete_message, **PLACE, id=reply.result["id"])
    whispered = stage.act(
        stage.alice, sending.send_privately, user_id=stage.bob.user_id, event="message", content="psst"
    )
    stage.act(stage.alice, editing.edit_private, user_id=stage.bob.user_id, id=whispered.result["id"], content="pssst")
    stage.write(
        lambda tx: presenting.present(tx, stage.source, of_source(tx, stage.source, POST_TO_FLOW), "activity", ITEM)
    )

    assert stage.show(first["id"])["emojiReactions"] == {"tada": [str(stage.carol.user_id)]}
    assert stage.found(search="better needle") == [first["id"]]
    assert stage.found(tags=["other"]) == [first["id"]]
    [told] = stage.ask(stage.bob, reading.list_private, user_id=stage.alice.user_id)
    assert told["content"] == "pssst"
    titles = [thread["title"] for thread in stage.ask(stage.alice, threading.list_threads, **PLACE)]
    assert titles[0] == "Build 7"
    assert stage.ask(stage.alice, flows.show_flow, **PLACE)["last_message_id"] == stage.found(limit=1)[0]
    assert len(stage.ask(stage.alice, people.flow_users, **PLACE)) == 3


def test_more_at_once_than_it_has_connections_are_all_answered(stage: Stage) -> None:
    def say(tx: Transaction) -> Any:
        return sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content="hello")

    async def many() -> list[Any]:
        store = stage.store
        writes = [store.write(say, about=at) for at in range(10 * POOL_SIZE)]
        reads = [store.read(lambda tx: tx.one("SELECT pg_sleep(0.01)")) for _ in range(10 * POOL_SIZE)]
        return await asyncio.gather(*writes, *reads)

    assert len(stage._runner.run(many())) == 20 * POOL_SIZE
    assert len(stage.found(limit=100)) >= 10 * POOL_SIZE


def test_nothing_is_left_in_a_session_that_the_next_transaction_may_get(stage: Stage, own_postgres: Postgres) -> None:
    for _ in range(5):
        stage.send()
        stage.found(search="hello")

    for _ in range(2 * POOL_SIZE):
        assert stage.read(lambda tx: tx.rows("SELECT name FROM pg_prepared_statements")) == []
        assert stage.row("SELECT current_setting('idle_in_transaction_session_timeout')") == ("0",)


def test_a_restart_of_the_database_behind_it_is_survived(url: str, own_postgres: Postgres, tmp_path: Path) -> None:
    stores = Stores(tmp_path / "data", url)
    stores.write(stores.say("before"))
    own_postgres.restart()
    stores.write(stores.say("after"))
    assert stores.contents() == ["before", "after"]
    stores.close()
