from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest

from tests.conftest import FreshDatabase
from tests.services.pgbouncer import POOL_SIZE, PgBouncer
from tests.services.postgres import Databases, Postgres
from tests.services.processes import children, is_alive, until


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def a_table(url: str) -> None:
    run(url, "CREATE TABLE nicks (nick text)", "INSERT INTO nicks VALUES ('bob'), ('Alice')")


def test_what_was_committed_survives_a_kill(own_postgres: Postgres) -> None:
    a_table(own_postgres.create("acme"))

    own_postgres.kill()
    own_postgres.start()

    assert rows(own_postgres.url("acme"), "SELECT count(*) FROM nicks") == [(2,)]


def test_a_kill_ends_a_backend_in_the_middle_of_its_work(own_postgres: Postgres) -> None:
    with closing(psycopg.connect(own_postgres.url("postgres"), autocommit=True)) as busy:
        busy.pgconn.send_query(b"DO $$ BEGIN LOOP END LOOP; END $$")
        busy.pgconn.flush()
        state = f"SELECT state FROM pg_stat_activity WHERE pid = {busy.info.backend_pid}"
        until(lambda: rows(own_postgres.url("postgres"), state) == [("active",)], "the backend works")
        assert busy.info.backend_pid in children(own_postgres.pid)

        own_postgres.kill()

        assert not is_alive(busy.info.backend_pid)


def test_a_killed_one_leaves_no_shared_memory_behind(own_postgres: Postgres) -> None:
    owned = f" {own_postgres.pid} "
    segments = Path("/proc/sysvipc/shm")
    before = segments.read_text()

    own_postgres.kill()
    own_postgres.close()

    assert owned in before
    assert owned not in segments.read_text()


def test_each_test_gets_databases_of_its_own(fresh_database: FreshDatabase) -> None:
    first, second = fresh_database(), fresh_database()

    a_table(first)

    assert rows(second, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


def test_a_template_is_prepared_once_and_copied(postgres: Databases, fresh_database: FreshDatabase) -> None:
    urls = [fresh_database(template=postgres.template("nicks", a_table)) for _ in range(2)]

    run(urls[0], "DELETE FROM nicks")

    assert rows(urls[1], "SELECT count(*) FROM nicks") == [(2,)]


def test_what_was_made_is_dropped_even_from_under_a_connection(postgres: Databases) -> None:
    given = Databases(postgres.url("postgres"))
    name = given.create_unnamed()
    with psycopg.connect(given.url(name)) as connection:
        given.drop_made()

        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert rows(postgres.url("postgres"), f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == []


def test_texts_sort_as_in_english_unless_a_query_says_otherwise(own_postgres: Postgres) -> None:
    url = own_postgres.create("acme")
    a_table(url)

    assert rows(url, "SELECT nick FROM nicks ORDER BY nick") == [("Alice",), ("bob",)]
    assert rows(url, "SELECT 'a' < 'B', 'a' COLLATE \"C\" < 'B' COLLATE \"C\"") == [(True, False)]


@pytest.mark.parametrize("durable, fsync", [(True, "on"), (False, "off")])
def test_waiting_for_the_disk_is_a_choice(durable: bool, fsync: str, own_postgres: Postgres) -> None:
    with Postgres(durable=durable) as chosen:
        assert rows(chosen.url("postgres"), "SHOW fsync") == [(fsync,)]


def test_pgbouncer_lends_a_connection_for_one_transaction(own_postgres: Postgres, own_pgbouncer: PgBouncer) -> None:
    own_postgres.create("acme")
    backends = set()
    with ExitStack() as open_together:
        for _ in range(3 * POOL_SIZE):
            client = open_together.enter_context(
                psycopg.connect(own_pgbouncer.url("acme"), autocommit=True, prepare_threshold=None)
            )
            backends.add(client.execute("SELECT pg_backend_pid()").fetchone())

    assert 1 <= len(backends) <= POOL_SIZE
