import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowdock.server.actions import editing, reading, sending
from flowdock.server.http.searching import searched
from flowdock.server.settings import Settings
from flowdock.server.store import keys, schema
from flowdock.server.store.schema import UnusableDatabase
from flowdock.server.store.transaction import Transaction
from tests.server.stage import ON_SQLITE, PLACE, Stage, plain

DATABASE = "flowdock.sqlite3"


def sizes(stage: Stage) -> tuple[int, int]:
    """Bytes of the database and of its write-ahead log."""
    return tuple(  # type: ignore[return-value]
        (stage.folder / name).stat().st_size for name in (DATABASE, f"{DATABASE}-wal")
    )


@ON_SQLITE
def test_the_write_ahead_log_stays_small(stage: Stage) -> None:
    def many(tx: Transaction) -> None:
        for _ in range(100):
            sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content="x" * 100)

    largest = 0
    for _ in range(40):
        stage.together(*[many for _ in range(5)])
        largest = max(largest, sizes(stage)[1])
    database, _ = sizes(stage)
    assert stage.send()["id"] > 20_000
    assert database > 10 * 1024 * 1024
    assert largest < 16 * 1024 * 1024


@ON_SQLITE
def test_nothing_is_left_beside_the_database_when_it_is_closed(stage: Stage) -> None:
    stage.send()
    stage.store.close()
    assert [path.name for path in stage.folder.glob(f"{DATABASE}*")] == [DATABASE]
    stage._start()


def test_an_event_that_was_stored_is_there_after_a_restart(stage: Stage) -> None:
    message = stage.send()
    stage.restart()
    assert stage.show(message["id"]) == message
    assert stage.send()["id"] == message["id"] + 1


def test_a_search_is_answered_while_others_write_without_a_pause(stage: Stage) -> None:
    async def search_under_load() -> list[int]:
        stop = asyncio.Event()

        def write(tx: Transaction) -> Any:
            return sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content="hay")

        async def keep_writing() -> None:
            while not stop.is_set():
                await stage.store.write(write, about=PLACE["flow"])

        def search(tx: Transaction) -> int:
            return len(plain(reading.list_messages(tx, stage.alice, **PLACE, search="needle")))

        writers = [asyncio.ensure_future(keep_writing()) for _ in range(16)]
        try:
            return [await searched(stage.store, search) for _ in range(10)]
        finally:
            stop.set()
            await asyncio.gather(*writers)

    stage.send("needle")
    assert stage._runner.run(search_under_load()) == [1] * 10


def test_reads_aside_and_writes_do_not_wait_for_each_other(stage: Stage) -> None:
    async def both() -> list[int]:
        reads = [stage.store.read_aside(lambda tx: len(tx.rows("SELECT * FROM events"))) for _ in range(20)]
        writes = [
            stage.store.write(lambda tx: sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content="x"))
            for _ in range(20)
        ]
        return (await asyncio.gather(asyncio.gather(*reads), asyncio.gather(*writes)))[0]

    assert all(count > 0 for count in stage._runner.run(both()))


def test_an_edit_of_what_was_just_sent_in_the_same_group_is_found(stage: Stage) -> None:
    def send_and_edit(tx: Transaction) -> int:
        sent = sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content="before")
        number = int(sent.body.split(b'"id":')[1].split(b",")[0])  # type: ignore[union-attr]
        editing.edit_message(tx, stage.alice, **PLACE, id=number, content="needle")
        return number

    [number] = stage.together(send_and_edit)
    assert (stage.found(search="needle"), stage.found(search="before")) == ([number], [])


# ----------------------------------------------------------------------------------------------------------- keys


@pytest.mark.parametrize("log_id, number", [(1, 1), (7, 42), (2**31 - 1, 2**32 - 1)])
def test_a_key_names_one_event_of_one_log(log_id: int, number: int) -> None:
    low, high = keys.span_of(log_id)
    key = keys.key_of(log_id, number)
    assert keys.number_of(key) == number
    assert low <= key <= high
    assert key < 1 << 63


@pytest.mark.parametrize(
    "after, before, low, high",
    [
        (0, None, 1, 2**32 - 1),
        (5, 9, 6, 8),
        (-5, 2**80, 1, 2**32 - 1),
        (5, -1, 6, 0),
        (2**80, None, 2**32, 2**32 - 1),
    ],
)
def test_a_span_never_leaves_its_log(after: int, before: int | None, low: int, high: int) -> None:
    span = keys.span_of(3, after=after, before=before)
    assert span == ((3 << 32) + low, (3 << 32) + high)


# ------------------------------------------------------------------------------------------------------ migrations


def test_a_database_is_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "with ?odd #name%20" / "database"
    path.parent.mkdir()
    schema.upgrade(path)
    assert [file.name for file in path.parent.iterdir()] == ["database"]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema.HEAD,)]


def test_a_database_of_this_version_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "database"
    schema.upgrade(path)
    before = path.read_bytes()
    schema.upgrade(path)
    assert path.read_bytes() == before


def test_a_migration_that_cannot_be_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "database"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE tags (in_the_way)")
        connection.commit()
    with pytest.raises(Exception, match="tags already exists"):
        schema.upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("tags",)]
        connection.execute("DROP TABLE tags")
        connection.commit()
    schema.upgrade(path)


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "database"
    schema.upgrade(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9000'")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(UnusableDatabase, match=r"has schema 9000, this version of Flowdock knows schemas up to \d+"):
        schema.upgrade(path)
    assert path.read_bytes() == before


def test_what_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "database"
    path.write_text("a letter to somebody, long enough to be taken for a header and more" * 10)
    before = path.read_bytes()
    with pytest.raises(UnusableDatabase, match="cannot be read"):
        schema.upgrade(path)
    assert path.read_bytes() == before


# ------------------------------------------------------------------------------------------------------ the secret


def test_the_secret_is_made_once_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", public_url="http://flowdock.example")
    secret = settings.secret()
    assert len(secret) == 32
    assert settings.secret() == secret
    [path] = settings.data.glob("secret*")
    assert path.stat().st_mode & 0o777 == 0o600
