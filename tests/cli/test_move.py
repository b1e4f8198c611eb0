"""`flowdock move`: a site goes to another place, and whoever types it is told how far it is and what to do."""

import io
import json
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

import flowdock
from flowdock.cli import steps
from flowdock.server.store import schema
from flowdock.server.store.moving.tables import tables
from flowdock.testing import Server
from tests.cli.programs import Program, Run, Start
from tests.conftest import FreshDatabase
from tests.journeys.talking import wait_until
from tests.services.postgres import Databases

MESSAGES = 30
TABLES = len(tables())


@pytest.fixture
def site(a_site: Path, tmp_path: Path) -> Path:
    """A data folder with a small site that nobody serves."""
    (tmp_path / "a.txt").write_text("hello")
    return shutil.copytree(a_site, tmp_path / "site")


@pytest.fixture(scope="module")
def a_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each of them is a copy of."""
    folder = tmp_path_factory.mktemp("a-site") / "site"
    with (
        Server(folder) as server,
        flowdock.connect(token=server.user.token, org=server.org, flow=server.flow, api_url=server.url) as flow,
    ):
        for number in range(MESSAGES):
            flow.send(f"message {number}")
        (folder.parent / "a.txt").write_text("hello")
        flow.upload(folder.parent / "a.txt")
    return folder


@pytest.fixture
def database(postgres: Databases, fresh_database: FreshDatabase) -> str:
    """The URL of a database with empty tables."""
    return fresh_database(template=postgres.template("moved", schema.migrate_postgres))


def messages(database: Path) -> list[Any]:
    """The messages in a data folder."""
    with closing(sqlite3.connect(database / "flowdock.sqlite3")) as connection:
        return connection.execute("SELECT key, message FROM events ORDER BY key").fetchall()


# ------------------------------------------------------------------------------------------------------------ it moves


def test_a_site_goes_to_postgres_and_back_with_its_files(site: Path, database: str, tmp_path: Path, run: Run) -> None:
    there = run("move", "--from", str(site), "--to", database, "--to-files", str(tmp_path / "files"))
    back = run("move", "--from", database, "--from-files", str(tmp_path / "files"), "--to", str(tmp_path / "back"))

    for moved in (there, back):
        assert (moved.code, moved.err) == (0, "")
        lines = moved.out.splitlines()
        assert len(lines) == TABLES + 2
        assert [words.split()[:2] for words in lines if words.startswith(("events", "files"))] == [
            ["events", str(len(messages(site)))],
            ["files", "1"],
        ]
    assert there.out.splitlines()[:TABLES] == back.out.splitlines()[:TABLES]
    assert back.out.splitlines()[-1].endswith(f" is in {tmp_path / 'back'}")
    assert messages(tmp_path / "back") == messages(site)
    assert contents(tmp_path / "back" / "files") == contents(site / "files") != {}
    assert (tmp_path / "back" / "secret").read_bytes() == (site / "secret").read_bytes()


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_moved_is_served(site: Path, tmp_path: Path, run: Run, start: Start) -> None:
    assert run("move", "--from", str(site), "--to", str(tmp_path / "copy")).code == 0

    server = start("serve", "--data", str(tmp_path / "copy"), "--port", "0")

    assert "is running on" in server.line()


def test_programs_get_one_line_of_json(site: Path, tmp_path: Path, run: Run) -> None:
    told = json.loads(run("move", "--from", str(site), "--to", str(tmp_path / "copy"), "--json").out)

    assert (told["from"], told["to"]) == (str(site), str(tmp_path / "copy"))
    assert len(told["tables"]) == TABLES
    assert told["tables"]["events"]["rows"] == len(messages(site))
    assert len(told["tables"]["events"]["checksum"]) == 64
    assert told["files"] == {"copied": 1, "bytes": 5, "there": 0, "damaged": 0}


def test_it_is_told_when_files_stay_where_they_are(site: Path, database: str, tmp_path: Path, run: Run) -> None:
    there = run("move", "--from", str(site), "--to", database, "--json")
    back = run("move", "--from", database, "--to", str(tmp_path / "back"), "--json")

    assert there.err == f"the files stay in {site / 'files'}; FLOWDOCK_FILES tells servers so, --to-files copies them\n"
    assert back.err == "files are not copied, as nothing says where they are; --from-files PLACE does\n"
    assert json.loads(there.out)["files"] is None is json.loads(back.out)["files"]


def test_the_environment_says_where_the_files_of_a_database_are(
    site: Path, database: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWDOCK_FILES", str(tmp_path / "files"))

    assert run("move", "--from", str(site), "--to", database).err == ""

    assert contents(tmp_path / "files") == contents(site / "files")


def test_a_password_can_stay_in_the_environment(
    site: Path, database: str, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWDOCK_DATABASE", database)

    assert run("move", "--from", str(site)).code == 0
    assert run("move", "--to", str(tmp_path / "back")).code == 0

    assert messages(tmp_path / "back") == messages(site)
    assert run("move").code == 2


def test_damaged_files_are_left_out_and_counted(site: Path, tmp_path: Path, run: Run) -> None:
    [body] = (site / "files").rglob("body")
    body.write_bytes(b"hell")

    moved = run("move", "--from", str(site), "--to", str(tmp_path / "copy"))

    assert moved.code == 0
    assert moved.err.endswith("1 files are damaged where they come from, and were left out\n")


# -------------------------------------------------------------------------------------------------------- interrupted


@contextmanager
def in_the_middle(start: Start, site: Path, database: str) -> Iterator[Any]:
    """A move that is about to copy its last table, as long as the block runs."""
    with psycopg.connect(database, autocommit=True) as holding:
        holding.execute(
            "CREATE FUNCTION wait() RETURNS TRIGGER LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END'"
        )
        holding.execute("CREATE TRIGGER wait BEFORE INSERT ON threads FOR EACH STATEMENT EXECUTE FUNCTION wait()")
        holding.execute("SELECT pg_advisory_lock(1)")
        moving = start("move", "--from", str(site), "--to", database)
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_until(lambda: holding.execute(waiting).fetchone() is not None)
        yield moving


def test_a_move_that_was_killed_is_not_served_and_goes_on(site: Path, database: str, run: Run, start: Start) -> None:
    with in_the_middle(start, site, database) as moving:
        assert moving.end(signal.SIGKILL).code == -signal.SIGKILL

    refused = run("serve", "--database", database, "--port", "0").complaint
    again = run("move", "--from", str(site), "--to", database, "--json")

    assert refused.endswith(
        "holds a part of a site, as a move to it was not finished; run the same 'flowdock move' again"
    )
    assert json.loads(again.out)["tables"]["events"]["rows"] == len(messages(site))
    assert start("serve", "--database", database, "--port", "0").line().startswith("Flowdock is running on")


def test_ctrl_c_says_how_to_go_on(site: Path, database: str, run: Run, start: Start) -> None:
    with in_the_middle(start, site, database) as moving:
        ended = moving.end(signal.SIGINT)

    assert ended == Program(130, "", ended.err)
    assert ended.err.splitlines()[-1] == "interrupted; run the same command again, and it goes on where it was"
    assert run("move", "--from", str(site), "--to", database).code == 0


# ------------------------------------------------------------------------------------------------------ what is refused


def test_a_folder_that_is_served_is_refused(site: Path, tmp_path: Path, run: Run, start: Start) -> None:
    server = start("serve", "--data", str(site), "--port", "0")
    server.line()

    complaint = run("move", "--from", str(site), "--to", str(tmp_path / "copy")).complaint

    holder = f"{site} is in use by another Flowdock (process {server.process.pid})"
    assert complaint == f"{holder}; stop that one, and run the same command again"


def test_a_database_that_is_served_is_refused(
    site: Path, database: str, tmp_path: Path, run: Run, start: Start, *, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("move", "--from", str(site), "--to", database)
    server = start("serve", "--database", database, "--port", "0")
    server.line()
    words = ("move", "--from", database, "--to", str(tmp_path / "back"), "--from-files", str(site / "files"))

    with monkeypatch.context() as hurried:
        hurried.setattr("flowdock.server.store.moving.postgres.PATIENCE_SECONDS", 0.2)
        complaint = run(*words).complaint
    server.end()

    assert "Flowdock servers are open; stop the servers" in complaint
    assert run(*words).code == 0


@pytest.mark.parametrize(
    "source, target, complaint",
    [
        (
            "nowhere",
            "copy",
            "there is no site in {folder}/nowhere; --from takes the data folder of a server, or postgre",
        ),
        ("site", "postgresql://me:hunter2@127.0.0.1:1/x", "the PostgreSQL database cannot be used: connection failed"),
        ("postgresql://me:hunter2@127.0.0.1:1/x", "copy", "the move stopped: connection failed: "),
        ("site", "a.txt", "{folder}/a.txt: File exists"),
    ],
)
def test_what_cannot_be_moved_is_told_without_secrets(
    site: Path, run: Run, monkeypatch: pytest.MonkeyPatch, *, source: str, target: str, complaint: str
) -> None:
    monkeypatch.chdir(site.parent)

    refused = run("move", "--from", source, "--to", target, "--from-files", "nothing", "--to-files", "files")

    assert "hunter2" not in refused.err
    assert refused.complaint.startswith(complaint.format(folder=site.parent))


@pytest.mark.parametrize(
    "source, target",
    [
        ("site", "site"),
        ("site", "./site/../site"),
        ("postgresql://db/x", "postgresql://db/x"),
        ("mysql://me:hunter2@db/x", "copy"),
        ("site", "postgresql://me:hunter2/@db/x"),
    ],
)
def test_what_is_no_move_is_wrong_usage(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, source: str, target: str
) -> None:
    monkeypatch.chdir(tmp_path)

    refused = run("move", "--from", source, "--to", target)

    assert refused.code == 2
    assert "hunter2" not in refused.err
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_is_not_empty_is_refused(site: Path, tmp_path: Path, run: Run) -> None:
    words = ("move", "--from", str(site), "--to", str(tmp_path / "copy"))
    run(*words)

    assert run(*words).complaint == (
        f"{tmp_path / 'copy' / 'flowdock.sqlite3'} holds this site already: there is something in logs;"
        " give an empty database"
    )


# ------------------------------------------------------------------------------------------------------ how far it is


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", screen := Screen())

    with steps.shown() as tell:
        tell("copying events", 3, 12)

    assert "copying events: 3 of 12" in screen.getvalue()


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_pace_of_a_step_is_told_from_its_beginning_on() -> None:
    clock = Clock()
    pace = steps.Pace(clock=clock)
    lines = []
    for seconds, doing, done, total in (
        (0.0, "copying events", 1000, 10_000),  # as after an interruption
        (2.0, "copying events", 3000, 10_000),
        (1.0, "copying events", 10_000, 10_000),
        (1.0, "comparing events", 0, 600_000),
        (1.0, "comparing events", 1000, 600_000),
        (1.0, "copying files", 3, None),
        (4.0, "copying files", 11, None),
    ):
        clock.now += seconds
        lines.append(pace.line(doing, done, total))

    assert lines == [
        "copying events: 1,000 of 10,000",
        "copying events: 3,000 of 10,000, 1,000 a second, 7 s left",
        "copying events: 10,000 of 10,000, 3,000 a second, 0 s left",
        "comparing events: 0 of 600,000",
        "comparing events: 1,000 of 600,000, 1,000 a second, 10 min left",
        "copying files: 3",
        "copying files: 11, 2 a second",
    ]


def test_without_a_terminal_there_is_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with steps.shown() as tell:
        for number in range(12):
            tell("copying events", number, 12)
            now += 1

    assert [line.split(",")[0] for line in capfd.readouterr().err.splitlines()] == [
        "copying events: 5 of 12",
        "copying events: 10 of 12",
    ]
