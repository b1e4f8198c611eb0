"""The options that name database, broker and place of files, before anything is connected to."""

import signal
import sys
from pathlib import Path

import pytest

from tests.cli.programs import Run

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the data folder would be, if anything were begun."""
    monkeypatch.setenv("FLOWDOCK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.parametrize(
    "option, value, expected",
    [
        (
            "--database",
            f"mysql://me:{SECRET}@db/flowdock",
            ("'mysql://***@db/flowdock'", "postgresql://user:password@"),
        ),
        ("--database", "db.example.com", ("'db.example.com'", "postgresql://user:password@")),
        ("--database", "postgresql:db", ("'postgresql:db'", "postgresql://user:password@")),
        (
            "--database",
            f"postgresql://me:{SECRET}/x@db/flowdock",
            ("'postgresql://***@db/flowdock'", "%2F for /"),
        ),
        ("--database", f"postgresql://me:{SECRET}@x@db/flowdock", ("'postgresql://***@db/flowdock'", "%40 for @")),
        ("--database", f"postgresql://me:{SECRET}#x@db/flowdock", ("'postgresql://***@db/flowdock'", "%23 for #")),
        ("--database", f"postgresql://me:{SECRET}?x@db/flowdock", ("'postgresql://***@db/flowdock'", "%3F for ?")),
        ("--database", "postgresql://db:fivefour/flowdock", ("'postgresql://db:fivefour/flowdock'", "of the form")),
        ("--database", "postgresql://[::1/flowdock", ("'postgresql://[::1/flowdock'", "of the form")),
        ("--broker", f"amqp://me:{SECRET}@mq", ("'amqp://***@mq'", "redis://:password@host:6379")),
        ("--broker", f"redis://:{SECRET}/x@mq", ("'redis://***@mq'", "write %2F for /")),
        ("--mail", f"http://me:{SECRET}@mail", ("'http://***@mail'", "smtp://user:password@host:port")),
        ("--mail", f"smtp://me:{SECRET}/x@mail", ("'smtp://***@mail'", "write %2F for /")),
        ("--mail-from", "flowdock", ("'flowdock'", "an address such as flowdock@example.com")),
        ("--files", f"ftp://me:{SECRET}@files/flowdock", ("'ftp://…'", "s3://bucket/prefix")),
    ],
)
def test_an_address_that_is_none_is_wrong_usage_and_shown_without_its_password(
    run: Run, data: Path, option: str, value: str, expected: tuple[str, str]
) -> None:
    refused = run("serve", option, value)

    complaint = " ".join(refused.err.split())
    assert refused.code == 2
    assert all(part in complaint for part in expected)
    assert SECRET not in complaint
    assert not data.exists()


def test_an_address_in_the_environment_is_looked_at_as_well(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWDOCK_DATABASE", "mysql://db/flowdock")

    refused = run("serve")

    assert refused.code == 2
    assert "'mysql://db/flowdock'" in refused.err
    assert not data.exists()


@pytest.mark.parametrize(
    "value",
    [
        "postgresql:///flowdock",
        "postgres://db/flowdock",
        "postgresql://me:p%40ss%2Fword@db:5432/flowdock?sslmode=require",
        "postgresql://me@one:5432,two:5433/flowdock?target_session_attrs=read-write",
        "postgresql://me@[::1]:5432/flowdock",
        "postgresql://%2Fvar%2Frun%2Fpostgresql/flowdock",
        "postgresql://db/flowdock?user=me%40server",
    ],
)
def test_every_address_that_postgresql_knows_is_taken(run: Run, value: str) -> None:
    refused = run("serve", "--database", value, "--workers", "none")

    assert "Invalid value for '--workers'" in refused.err


def test_several_workers_want_a_database_and_are_told_how_to_get_there(run: Run, data: Path) -> None:
    refused = run("serve", "--workers", "2")

    complaint = " ".join(refused.err.split())
    assert refused.code == 2
    assert "--workers 2 needs --database: a data folder has one process" in complaint
    assert "'flowdock move' takes it to PostgreSQL" in complaint
    assert not data.exists()


def test_a_broker_without_a_database_has_nothing_to_say(run: Run, data: Path) -> None:
    refused = run("serve", "--broker", "redis://127.0.0.1")

    assert refused.code == 2
    assert "--broker needs --database" in refused.err
    assert not data.exists()


@pytest.mark.parametrize(
    "words, package, extra",
    [
        (("serve", "--database", f"postgresql://me:{SECRET}@db/flowdock"), "psycopg", "postgres"),
        (("admin", "create-org", "Acme", "--database", f"postgresql://me:{SECRET}@db/flowdock"), "psycopg", "postgres"),
        (("serve", "--database", "postgresql:///x", "--broker", f"redis://:{SECRET}@mq"), "redis", "redis"),
    ],
)
@pytest.mark.usefixtures("data")
def test_a_missing_package_is_named_with_its_extra(
    run: Run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)

    complaint = run(*words).complaint

    assert complaint.endswith(f" needs the package {package}: install flowdock[{extra}]")
    assert SECRET not in complaint


def test_a_system_without_the_signals_of_unix_has_no_workers(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(signal, "SIGHUP")

    complaint = run("serve", "--database", "postgresql://db/flowdock", "--workers", "2").complaint

    assert complaint.endswith("start several servers instead")
    assert not data.exists()
