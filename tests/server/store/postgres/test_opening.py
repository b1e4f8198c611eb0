"""What is found when a server starts: a database to make, one that is ready, or one that cannot be used."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import psycopg
import pytest

from flowdock.server.store import schema
from flowdock.server.store.postgres import connections, opening
from flowdock.server.store.schema import HEAD, UnusableDatabase
from tests.conftest import FreshDatabase
from tests.services.machine import free_port
from tests.services.postgres import Databases, Postgres

PREPARE = "import sys; from flowdock.server.store.postgres import opening; print(opening.prepare(sys.argv[1]).hex())"


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchall()


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def refusal(url: str) -> str:
    """Why a database cannot be used."""
    with pytest.raises(UnusableDatabase) as refused:
        opening.prepare(url)
    return str(refused.value)


def test_an_empty_database_is_made_ready(fresh_database: FreshDatabase) -> None:
    url = fresh_database()
    opening.prepare(url)
    assert rows(url, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_the_secret_is_the_same_for_everybody(fresh_database: FreshDatabase) -> None:
    url = fresh_database()
    secret = opening.prepare(url)
    assert len(secret) == opening.SECRET_BYTES
    assert opening.prepare(url) == secret


def test_processes_that_start_together_on_an_empty_database_all_succeed(fresh_database: FreshDatabase) -> None:
    url = fresh_database()
    starting = [
        subprocess.Popen([sys.executable, "-c", PREPARE, url], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    secrets = {process.communicate(timeout=60)[0] for process in starting}
    assert [process.returncode for process in starting] == [0, 0, 0]
    assert len(secrets) == 1
    assert rows(url, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_who_migrates_waits_for_who_migrates_already(fresh_database: FreshDatabase) -> None:
    url = fresh_database()
    with psycopg.connect(url) as other, ThreadPoolExecutor(1) as thread:
        other.execute(f"SELECT pg_advisory_xact_lock({schema.LOCK})")
        waiting = thread.submit(opening.prepare, url)
        while not rows(url, "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"):
            assert not waiting.done()
        other.rollback()
        waiting.result(30)
    assert rows(url, "SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_a_migration_that_cannot_be_finished_leaves_nothing_behind(fresh_database: FreshDatabase) -> None:
    url = fresh_database()
    run(url, "CREATE TABLE tags (in_the_way text)")
    assert 'relation "tags" already exists' in refusal(url)
    assert rows(url, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace") == [
        ("tags",)
    ]
    run(url, "DROP TABLE tags")
    opening.prepare(url)


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(fresh_database: FreshDatabase) -> None:
    url = fresh_database()
    opening.prepare(url)
    run(url, "UPDATE alembic_version SET version_num = '9000'")
    text = refusal(url)
    assert f"has schema 9000, this version of Flowdock knows schemas up to {HEAD}" in text
    assert rows(url, "SELECT version_num FROM alembic_version") == [("9000",)]


def test_a_database_in_another_encoding_is_refused(postgres: Databases) -> None:
    name = postgres.create_unnamed()
    postgres.drop(name)
    run(
        postgres.url("postgres"),
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'",
    )
    assert f"the database {name!r} on " in (text := refusal(postgres.url(name)))
    assert "is encoded in LATIN1; create one with ENCODING 'UTF8'" in text


def test_a_user_who_may_not_make_tables_is_told_so(own_postgres: Postgres) -> None:
    run(own_postgres.url("postgres"), "CREATE ROLE reader LOGIN")
    text = refusal(f"postgresql://reader@127.0.0.1:{own_postgres.port}/postgres")
    assert "permission denied for schema public" in text


def test_a_place_where_nobody_listens_is_said_so_without_the_password() -> None:
    text = refusal(f"postgresql://flowdock:sesame@127.0.0.1:{free_port()}/flowdock")
    assert "connection refused" in text.lower()
    assert "sesame" not in text


def test_a_wrong_password_is_said_so_and_not_shown(own_postgres: Postgres) -> None:
    run(own_postgres.url("postgres"), "CREATE ROLE guarded LOGIN PASSWORD 'tulip'")
    access = own_postgres.folder / "data" / "pg_hba.conf"
    access.write_text("host all guarded 127.0.0.1/32 scram-sha-256\n" + access.read_text())
    own_postgres.restart()
    text = refusal(f"postgresql://guarded:sesame@127.0.0.1:{own_postgres.port}/postgres")
    assert 'password authentication failed for user "guarded"' in text
    assert "sesame" not in text


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://flowdock:ses%ame@127.0.0.1/flowdock",
        "postgresql://flowdock:ses%00ame@127.0.0.1/flowdock",
        "postgresql://flowdock:sesame@[::1/flowdock",
        "postgresql://flowdock@127.0.0.1/flowdock?pasword=sesame",
        "host=127.0.0.1 password='sesame",
    ],
)
def test_an_address_that_cannot_be_read_is_not_shown(url: str) -> None:
    text = refusal(url)
    assert "postgresql://user:password@host/name" in text
    assert "ses" not in text


def test_statements_are_prepared_where_the_server_itself_answers(fresh_database: FreshDatabase) -> None:
    with closing(connections.connect(fresh_database())) as connection:
        for _ in range(3):
            connection.execute("SELECT 1 + %s", (1,))
        assert connection.execute("SELECT count(*) > 0 FROM pg_prepared_statements").fetchone() == (True,)
