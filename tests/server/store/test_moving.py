"""A site goes from one database to another: all of it, unchanged, whatever interrupts it, and never half served."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import flowdock
from flowdock.server.actions import indexing
from flowdock.server.app import open_store
from flowdock.server.settings import Settings
from flowdock.server.store import schema, search
from flowdock.server.store.moving import mark
from flowdock.server.store.moving.end import CannotMove
from flowdock.server.store.moving.move import moved
from flowdock.server.store.moving.steps import Step
from flowdock.server.store.moving.tables import tables, tables_of
from flowdock.server.store.postgres import connections
from flowdock.server.store.schema import UnusableDatabase
from flowdock.server.store.transaction import Transaction
from tests.conftest import FreshDatabase
from tests.server.store.sites import TEXTS, Interrupted, Place, Places, interrupt_after, move
from tests.services.pgbouncer import PgBouncer
from tests.services.postgres import Databases, Postgres

WAYS = [(one, other) for one in ("sqlite", "postgresql") for other in ("sqlite", "postgresql")]
THERE_AND_BACK = [("sqlite", "postgresql"), ("postgresql", "sqlite")]


@pytest.fixture
def places(tmp_path: Path, postgres: Databases, fresh_database: FreshDatabase) -> Places:
    template = postgres.template("moved", schema.migrate_postgres)
    return Places(tmp_path, lambda: fresh_database(template=template))


# ---------------------------------------------------------------------------------------------------- what moves


@pytest.mark.parametrize("source, target", WAYS)
def test_everything_arrives_with_its_ids_and_its_secret(places: Places, source: str, target: str) -> None:
    here, there = places.filled(source), places.fresh(target)
    before = here.content()

    told = move(here, there)

    assert there.content() == before == here.content()
    assert there.secret() == here.secret()
    assert {name: content.rows for name, content in told.items()} == {name: len(rows) for name, rows in before.items()}
    assert sum(map(len, before.values())) > 40


@pytest.mark.parametrize("source, target", WAYS)
def test_what_was_moved_is_found_by_its_words_and_tags(places: Places, source: str, target: str) -> None:
    here, there = places.filled(source), places.fresh(target)
    move(here, there)

    assert found(there) == found(here)
    assert [len(keys) for keys in found(there)] == [12, 12, 1]


def found(place: Place) -> list[list[int]]:
    """The messages of the flow that are found by a word, by a tag and by something rare, once all are indexed."""

    def find(tx: Transaction) -> list[list[int]]:
        assert tx.rows("SELECT id FROM logs WHERE indexed_number < last_number") == []
        [[log_id]] = tx.rows("SELECT log_id FROM flows")
        sought: list[tuple[list[str], list[str]]] = [(["needle"], []), ([], ["tag"]), (["needle", "7"], ["tag"])]
        return [search.having(tx, log_id, words=words, tags=tags, limit=99, thread_key=None) for words, tags in sought]

    found: list[list[int]] = place.read(find)
    return found


@pytest.mark.parametrize("source, target", WAYS)
def test_ids_go_on_after_the_highest_even_if_that_is_gone(places: Places, source: str, target: str) -> None:
    here, there = places.filled(source), places.fresh(target)
    here.write("INSERT INTO applications (name, created_at) VALUES ('gone', 0)")
    [[gone]] = here.read(lambda tx: tx.rows("SELECT id FROM applications WHERE name = 'gone'"))
    here.write("DELETE FROM applications WHERE name = 'gone'")

    move(here, there)

    there.write("INSERT INTO applications (name, created_at) VALUES ('new', 0)")
    [[new]] = there.read(lambda tx: tx.rows("SELECT id FROM applications WHERE name = 'new'"))
    assert new == gone + 1


def test_ids_go_on_after_those_that_somebody_put_there_by_hand(places: Places) -> None:
    here, there = places.filled("postgresql"), places.fresh("postgresql")
    here.write("INSERT INTO applications (id, name, created_at) VALUES (1000, 'by hand', 0)")

    move(here, there)

    there.write("INSERT INTO applications (name, created_at) VALUES ('new', 0)")
    assert there.read(lambda tx: tx.rows("SELECT id FROM applications WHERE name = 'new'")) == [(1001,)]


def test_every_table_is_moved_but_those_that_are_made_anew(tmp_path: Path) -> None:
    schema.migrate(tmp_path / "database")
    with closing(sqlite3.connect(tmp_path / "database")) as connection:
        there_are = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        moved = {table.name for table in tables_of(connection)}

    rest = {name for name in there_are - moved if not name.startswith(("words", "sqlite_"))}
    assert rest == {"tags", "alembic_version"}


def test_every_table_comes_after_those_it_refers_to(tmp_path: Path) -> None:
    schema.migrate(tmp_path / "database")
    seen: set[str] = set()
    with closing(sqlite3.connect(tmp_path / "database")) as connection:
        for table in tables():
            rows = connection.execute('SELECT "table" FROM pragma_foreign_key_list(?)', (table.name,))
            assert {name for (name,) in rows} <= seen
            seen.add(table.name)


LATER = """
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    blob = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    op.execute(
        "CREATE TABLE a_later_one (user_id BIGINT NOT NULL REFERENCES users (id), name TEXT NOT NULL,"
        f" content {{blob}}, PRIMARY KEY (user_id, name))"
    )
"""
MOVE_WITH_IT = """
import sys
from pathlib import Path
from tests.server.store.sites import Place, move
from flowdock.server.settings import Settings

here, there = (Place(Settings(data=Path(path), public_url="")) for path in sys.argv[1:3])
there_too = Place(Settings(data=Path(sys.argv[2]), public_url="", database_url=sys.argv[3]))
with here.end as end:
    end.prepare_source()
here.write("INSERT INTO a_later_one SELECT id, nick, x'00FF' FROM users")
there.settings.prepare()
move(here, there_too)
move(there_too, there)
assert there.content() == here.content()
print([name for _, name, content in there.content()["a_later_one"] if content == b"\\x00\\xff"])
"""


def test_a_table_that_a_later_migration_adds_is_moved(
    places: Places, tmp_path: Path, fresh_database: FreshDatabase
) -> None:
    here = places.filled("sqlite")
    later = Path(shutil.copytree(Path(flowdock.__file__).parent, tmp_path / "later" / "flowdock"))
    revision = f"{int(schema.HEAD) + 1:04}"
    migration = later / "server/store/migrations/versions" / f"{revision}_later.py"
    migration.write_text(LATER.format(revision=revision, before=schema.HEAD))
    head = (later / "server/store/schema.py").read_text()
    (later / "server/store/schema.py").write_text(head.replace(f'HEAD = "{schema.HEAD}"', f'HEAD = "{revision}"'))
    # Coverage would look for this copy later, when it is gone.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}

    done = subprocess.run(
        [sys.executable, "-c", MOVE_WITH_IT, here.settings.data, tmp_path / "back", fresh_database()],
        env=environment | {"PYTHONPATH": f"{later.parent}{os.pathsep}{Path(__file__).parents[3]}"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "['alice', 'bob', 'carol']\n", done


numbers = st.integers(-(2**63), 2**63 - 1)
numbers_or_none = st.none() | numbers
texts = st.text(max_size=8) | st.sampled_from(TEXTS) | st.text(alphabet="\0\x01a0\U0010ffff", max_size=4)
contents = st.binary(max_size=8) | st.none()
keys = st.integers(1, 6) | numbers
ROWS = st.one_of(
    st.tuples(
        st.just("events"),
        st.tuples(
            keys, texts, numbers, numbers | st.none(), st.none() | numbers, contents, contents, st.none() | numbers
        ),
    ),
    st.tuples(st.just("idempotency"), st.tuples(keys, keys, texts, numbers)),
    st.tuples(st.just("site"), st.tuples(texts, st.binary(max_size=8))),
    st.tuples(st.just("applications"), st.tuples(st.integers(1, 2**40), texts, texts | st.none(), numbers)),
)


def key_of(row: tuple[str, tuple[Any, ...]]) -> Any:
    """What makes a row another than all others."""
    name, values = row
    return name, values[: 3 if name == "idempotency" else 1]


def name_of(row: tuple[str, tuple[Any, ...]]) -> Any:
    """What the names of applications must not have in common either."""
    name, values = row
    return name, values[1] if name == "applications" else values


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=25, unique_by=(key_of, name_of)))
def test_any_rows_come_back_as_they_went(places: Places, rows: list[Any]) -> None:
    here, big, back = places.of_rows("sqlite", rows), places.fresh("postgresql"), places.fresh("sqlite")

    there = move(here, big, batch_rows=2, index=lambda _tx, _log: False)
    again = move(big, back, batch_rows=3, index=lambda _tx, _log: False)

    assert back.content() == big.content() == here.content()
    assert there == again


# ------------------------------------------------------------------------------------------------------ interrupted


@pytest.mark.parametrize("source, target", WAYS)
def test_it_gets_there_however_often_it_is_interrupted(places: Places, source: str, target: str) -> None:
    here, there = places.filled(source), places.fresh(target)

    for steps in count():
        try:
            move(here, there, told=interrupt_after(steps))
        except Interrupted:
            continue
        break

    assert steps > 10
    assert there.content() == here.content()


@pytest.mark.parametrize("source, target", THERE_AND_BACK)
def test_what_was_copied_is_not_copied_again(places: Places, source: str, target: str) -> None:
    here, there = places.filled(source), places.fresh(target)
    steps: list[Step] = []
    with pytest.raises(Interrupted):
        move(here, there, told=until(steps, lambda step: step.what == "events" and step.done >= 10))

    again: list[Step] = []
    move(here, there, told=again.append)

    copied = [step.what for step in steps if step.doing == "copying" and step.done == step.total]
    began_with = next(step for step in again if step.total)
    assert (began_with.doing, began_with.what, began_with.done) == ("copying", "events", 10)
    assert not {step.what for step in again if step.doing == "copying"} & set(copied)


def until(steps: list[Step], enough: Callable[[Step], bool]) -> Callable[[Step], None]:
    """What keeps steps, and interrupts when it is enough."""

    def keep(step: Step) -> None:
        steps.append(step)
        if enough(step):
            raise Interrupted

    return keep


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_an_interruption_in_the_middle_of_a_transaction_undoes_only_that(places: Places, target: str) -> None:
    here, there = places.filled("sqlite"), places.fresh(target)
    calls = count()

    def fail_late(tx: Transaction, log_id: int) -> bool:
        is_behind = indexing.advance(tx, log_id)
        if next(calls) == 1:
            raise Interrupted
        return is_behind

    with pytest.raises(Interrupted):
        move(here, there, index=fail_late)
    move(here, there)

    assert there.content() == here.content()
    assert found(there) == found(here)


def test_it_goes_on_when_postgres_cut_its_connection(places: Places) -> None:
    here, there = places.filled("sqlite"), places.fresh("postgresql")

    def cut(step: Step) -> None:
        if step.what == "threads":
            with psycopg.connect(url_of(there), autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'flowdock move' AND datname = current_database()"
                )

    with pytest.raises(CannotMove, match=r"^the move stopped: .*; run the same command again, and it goes on where"):
        move(here, there, told=cut)
    move(here, there)

    assert there.content() == here.content()


def test_the_source_waits_as_long_as_the_target_needs(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SESSION", "SET idle_in_transaction_session_timeout = '50ms'")
    here, there = places.filled("postgresql"), places.fresh("sqlite")
    pause = threading.Event()

    move(here, there, told=lambda step: pause.wait(0.2 if step.doing == "indexing" else 0))

    assert there.content() == here.content()


def url_of(place: Place) -> str:
    """The address of a database in PostgreSQL."""
    assert place.settings.database_url is not None
    return place.settings.database_url


# -------------------------------------------------------------------------------------- what is served, and what not


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
@pytest.mark.parametrize("steps", [0, 12, 45])
def test_half_a_site_is_not_served(places: Places, target: str, steps: int) -> None:
    here, there = places.filled("sqlite"), places.fresh(target)
    with pytest.raises(Interrupted):
        move(here, there, told=interrupt_after(steps))

    with pytest.raises(UnusableDatabase, match="holds a part of a site, as a move to it was not finished; run"):
        serve(there)
    with pytest.raises(CannotMove, match="holds a part of a site, as a move to it was not finished"):
        move(there, places.fresh("sqlite"))

    move(here, there)
    serve(there)


def serve(place: Place) -> None:
    """Open a database as a server does."""

    async def open_and_close() -> None:
        open_store(place.settings).close()

    asyncio.run(open_and_close())


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_move_is_finished_only_after_what_is_done_inside(places: Places, target: str) -> None:
    here, there = places.filled("sqlite"), places.fresh(target)

    with pytest.raises(Interrupted), moved(here.end, there.end, index=indexing.advance):
        raise Interrupted

    with pytest.raises(UnusableDatabase):
        serve(there)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_target_with_something_in_it_is_refused_and_left_as_it_is(places: Places, target: str) -> None:
    here, there = places.filled("sqlite"), places.filled(target)
    before = there.content()

    with pytest.raises(CannotMove, match=r"holds a site already: there is something in \w+; give an empty"):
        move(here, there)

    assert there.content() == before
    serve(there)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_target_of_an_older_version_is_refused_and_not_migrated(places: Places, target: str) -> None:
    here, there = places.filled("sqlite"), places.filled(target)
    there.write("UPDATE alembic_version SET version_num = '0001'")

    with pytest.raises(CannotMove, match="holds tables of an older version of Flowdock; give an empty database"):
        move(here, there)

    assert there.read(lambda tx: tx.rows("SELECT version_num FROM alembic_version")) == [("0001",)]


def test_a_target_that_has_the_site_already_is_told_so(places: Places) -> None:
    here, there = places.filled("sqlite"), places.fresh("postgresql")
    move(here, there)

    with pytest.raises(CannotMove, match=r"^the big one holds this site already"):
        move(here, there)


def test_the_unfinished_move_of_another_site_is_left_as_it_is(places: Places) -> None:
    here, other, there = places.filled("sqlite"), places.filled("sqlite"), places.fresh("postgresql")
    with pytest.raises(Interrupted):
        move(here, there, told=interrupt_after(20))
    before = there.content()

    with pytest.raises(CannotMove, match="holds a part of another site, the move of which was not finished; run that"):
        move(other, there)

    assert there.content() == before
    move(here, there)


def test_a_database_that_a_server_only_opened_is_empty(places: Places) -> None:
    here, there = places.filled("sqlite"), places.fresh("sqlite")
    serve(there)
    assert there.secret() != here.secret()

    move(here, there)

    assert there.secret() == here.secret()
    for path in (there.settings.database, there.settings.data / "secret"):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_where_there_is_no_site_there_is_none_to_move(
    places: Places, kind: str, tmp_path: Path, fresh_database: FreshDatabase
) -> None:
    url = fresh_database() if kind == "postgresql" else None
    nothing = Place(Settings(data=tmp_path / "nothing", public_url="", database_url=url))

    with pytest.raises(CannotMove, match=r"^there is no site to move: "):
        move(nothing, places.fresh("sqlite"))

    assert not nothing.settings.database.exists()


# ------------------------------------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize("source, target", THERE_AND_BACK)
@pytest.mark.parametrize(
    "change",
    ["UPDATE users SET name = 'Mallory' WHERE id = 2", "DELETE FROM flow_users WHERE user_id = 3"],
)
def test_a_difference_is_found_and_the_target_not_served(places: Places, source: str, target: str, change: str) -> None:
    here, there = places.filled(source), places.fresh(target)
    with pytest.raises(Interrupted):
        move(here, there, told=until([], lambda step: step.doing == "comparing"))
    there.write(change)

    with pytest.raises(
        CannotMove, match=r"^(users|flow_users) is not the same at both ends: 3 rows with the checksum "
    ):
        move(here, there)

    with pytest.raises(UnusableDatabase):
        serve(there)


def test_what_is_stored_at_the_source_between_two_attempts_is_noticed(places: Places) -> None:
    here, there = places.filled("sqlite"), places.fresh("postgresql")
    with pytest.raises(Interrupted):
        move(here, there, told=until([], lambda step: step.doing == "indexing"))
    here.write("UPDATE flows SET name = 'Renamed'")

    with pytest.raises(
        CannotMove, match=r"^flows is not the same at both ends: .* move again, into an empty database$"
    ):
        move(here, there)


@pytest.mark.parametrize("which", ["source", "target"])
def test_a_database_that_a_server_is_connected_to_is_refused(
    places: Places, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowdock.server.store.moving.postgres.PATIENCE_SECONDS", 0.2)
    here, there = places.filled("postgresql"), places.fresh("postgresql")
    used = here if which == "source" else there

    with (
        connections.connect(url_of(used), application=connections.APPLICATION),
        pytest.raises(
            CannotMove, match=r"^the big one is in use: 1 connections of Flowdock servers are open; stop the servers"
        ),
    ):
        move(here, there)

    move(here, there)
    assert there.content() == here.content()


def test_a_server_that_comes_meanwhile_keeps_it_from_being_finished(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flowdock.server.store.moving.postgres.PATIENCE_SECONDS", 0.2)
    here, there = places.filled("postgresql"), places.fresh("sqlite")
    came: list[Any] = []

    def come(step: Step) -> None:
        if not came:
            came.append(connections.connect(url_of(here), application=connections.APPLICATION))

    with pytest.raises(CannotMove, match="is in use: 1 connections of Flowdock servers are open"):
        move(here, there, told=come)
    with pytest.raises(UnusableDatabase):
        serve(there)

    came.pop().close()
    move(here, there)


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
def test_nobody_writes_to_the_source_meanwhile(places: Places, source: str) -> None:
    here, there = places.filled(source), places.fresh("sqlite")
    attempts, refused = 0, []

    def write(_: Step) -> None:
        nonlocal attempts
        attempts += 1
        try:
            if here.settings.database_url is None:
                with closing(sqlite3.connect(here.settings.database, timeout=0.01)) as connection:
                    connection.execute("UPDATE users SET name = 'x'")
            else:
                with psycopg.connect(here.settings.database_url) as connection:
                    connection.execute("SET LOCAL lock_timeout = '10ms'")
                    connection.execute("UPDATE users SET name = 'x'")
        except (sqlite3.OperationalError, psycopg.errors.LockNotAvailable) as error:
            refused.append(str(error))

    move(here, there, told=write)

    assert len(refused) == attempts > 10


def test_the_moment_that_is_moved_begins_when_the_last_writer_has_finished(places: Places) -> None:
    here, there = places.filled("postgresql"), places.fresh("sqlite")
    with psycopg.connect(url_of(here)) as writer:
        writer.execute("UPDATE users SET name = 'the last word'")
        moving = threading.Thread(target=move, args=(here, there))
        moving.start()
        wait_for_a_lock(here)
        writer.commit()
        moving.join(30)

    assert {row[6] for row in there.content()["users"]} == {"the last word"}


def wait_for_a_lock(place: Place) -> None:
    """Return when somebody waits for one."""
    with psycopg.connect(url_of(place), autocommit=True) as looking:
        for _ in range(3000):
            if looking.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                return
            threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


def test_two_moves_of_one_site_exclude_each_other(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flowdock.server.store.moving.postgres._WITHOUT_LIMITS", ("SET LOCAL lock_timeout = '50ms'",))
    here, one, other = places.filled("postgresql"), places.fresh("sqlite"), places.fresh("sqlite")
    refused: list[str] = []

    def move_too(_: Step) -> None:
        if not refused:
            with pytest.raises(CannotMove) as caught:
                move(here, other)
            refused.append(str(caught.value))

    move(here, one, told=move_too)

    assert refused[0].startswith("the big one is in use: somebody writes to it, or moves it already; stop that")


# --------------------------------------------------------------------------------------------------- behind a pooler


@pytest.fixture
def pooled(tmp_path: Path, own_pgbouncer: PgBouncer, own_postgres: Postgres) -> Place:
    """A database behind pgbouncer in transaction mode."""
    own_postgres.create("site")
    return Place(Settings(data=tmp_path / "pooled", public_url="", database_url=own_pgbouncer.url("site")))


def test_a_pooler_in_transaction_mode_may_be_between(places: Places, pooled: Place) -> None:
    here, back = places.filled("sqlite"), places.fresh("sqlite")

    for steps in (10, 10, 10):
        with pytest.raises(Interrupted):
            move(here, pooled, told=interrupt_after(steps))
    move(here, pooled)
    move(pooled, back)

    assert back.content() == pooled.content() == here.content()


# ------------------------------------------------------------------------------------------------------ the mark


@given(st.binary(), st.lists(st.text()), st.text(), st.lists(numbers | st.text() | st.binary()))
def test_a_mark_is_read_as_it_was_written(site: bytes, done: list[str], table: str, after: list[Any]) -> None:
    written = mark.Mark(site=site, done=tuple(done), table=table, rows=3, after=tuple(after))

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(written), type=mark.Mark) == written
