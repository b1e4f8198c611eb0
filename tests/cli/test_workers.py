"""`flowdock serve` and `flowdock admin` on a database: several processes, several servers."""

import json
import re
import signal
import socket
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest

import flowdock
from tests.cli.programs import SECONDS, Run, Running, Start, address_in
from tests.conftest import FreshDatabase
from tests.journeys.talking import Reader, wait_until


@pytest.fixture
def database(fresh_database: FreshDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an empty database, which every command uses."""
    url = fresh_database()
    monkeypatch.setenv("FLOWDOCK_DATABASE", url)
    monkeypatch.setenv("FLOWDOCK_DATA", str(tmp_path / "data"))
    return url


def found(run: Run) -> str:
    """A token of somebody in a flow, all made by `flowdock admin`."""
    run("admin", "create-org", "Acme")
    run("admin", "create-user", "alice", "--email", "alice@example.com", "--org", "acme", "--admin", "--bot")
    run("admin", "create-user", "bob", "--email", "bob@example.com", "--org", "acme", "--bot")
    run("admin", "create-flow", "acme", "Main", "--by", "alice")
    return run("admin", "create-token", "alice").out.strip()


def serving(start: Start, *words: str) -> tuple[Running, str]:
    """A server, and its address, once it answers."""
    running = start("serve", "--port", "0", *words)
    line = running.line()
    assert line, running.ended()
    return running, address_in(line)


def test_two_workers_are_one_server(run: Run, database: str, start: Start) -> None:
    token = found(run)
    running = start("serve", "--port", "0", "--workers", "2")

    line = running.line()

    place = re.sub(r"//.*@", "//***@", database)
    assert line == f"Flowdock is running on {address_in(line)}; its data is in {place}\n"
    with flowdock.connect(token=token, org="acme", flow="main", api_url=address_in(line)) as flow:
        sent = {flow.send(f"message {number}")["id"] for number in range(20)}
        assert sent == {message["id"] for message in flow.list(limit=20)}
    ended = running.end()
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_the_number_of_workers_may_be_in_the_environment(
    database: str, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWDOCK_WORKERS", "1")
    running, _ = serving(start)

    running.process.send_signal(signal.SIGHUP)

    assert running.process.stderr is not None
    assert re.fullmatch(r"worker \d+ takes the place of worker \d+\n", running.process.stderr.readline())
    assert running.end().code == 0


def test_servers_on_one_database_may_share_a_folder(run: Run, database: str, start: Start) -> None:
    token = found(run)
    (_, one), (_, other) = serving(start), serving(start)

    with flowdock.connect(token=token, org="acme", flow="main", api_url=one) as flow:
        number = flow.send("Hello")["id"]
    with flowdock.connect(token=token, org="acme", flow="main", api_url=other) as flow:
        assert flow.show(number)["content"] == "Hello"


def test_who_is_brought_into_a_flow_is_seen_by_those_who_follow_it(run: Run, database: str, start: Start) -> None:
    token = found(run)
    _, url = serving(start)
    reader = Reader(int(url.rpartition(":")[2]), token, "/stream/flows/acme/main")
    reader.start()
    assert reader.following.wait(SECONDS)

    assert run("admin", "add-to-flow", "acme/main", "bob").out == "bob is in acme/main\n"

    wait_until(lambda: [event["event"] for event in reader.events] == ["action", "backend.user.join"])
    reader.stop()


def test_it_says_that_it_is_well(database: str, start: Start) -> None:
    _, url = serving(start, "--workers", "2")

    with urlopen(f"{url}/health") as answer:
        assert json.load(answer) == {"status": "ok"}


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("words", [("serve", "--workers", "2"), ("serve",), ("admin", "create-org", "Acme")])
def test_a_database_that_cannot_be_reached_is_one_line_without_its_password(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    port = unused_port()

    complaint = run(
        *words, "--data", str(tmp_path), "--database", f"postgresql://me:hunter2@127.0.0.1:{port}/x"
    ).complaint

    assert f'"127.0.0.1", port {port} failed: Connection refused' in complaint
    assert "hunter2" not in complaint


def test_a_database_that_is_not_there_is_named(run: Run, database: str) -> None:
    complaint = run("serve", "--workers", "2", "--database", f"{database}_not").complaint

    assert re.search(r'database "\w+_not" does not exist', complaint)


def test_a_database_that_lets_nobody_in_is_one_line_without_its_password(run: Run, database: str) -> None:
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS locked_out")
        admin.execute("CREATE ROLE locked_out NOLOGIN")

    complaint = run("serve", "--database", re.sub(r"//[^@/]*@", "//locked_out:hunter2@", database)).complaint

    assert "locked_out" in complaint
    assert "hunter2" not in complaint


def test_a_database_of_a_newer_version_is_left_alone(run: Run, database: str) -> None:
    run("admin", "create-org", "Acme")
    with psycopg.connect(database, autocommit=True) as newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")

    complaint = run("serve", "--workers", "2").complaint

    assert "has schema 9999" in complaint
    assert complaint.endswith("start the version that wrote it, or a newer one")


def test_a_worker_that_cannot_start_says_why_in_one_line(run: Run, database: str, start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ended = start("serve", "--port", "0", "--workers", "2", "--files", str(tmp_path / "file")).ended()

    assert ended.code == 1
    assert re.fullmatch(rf"worker \d+ cannot start: files cannot be kept in {tmp_path / 'file'}: .*\n", ended.err)


def test_a_server_that_cannot_start_says_why_in_one_line(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    ended = start("serve", "--port", "0", "--data", str(tmp_path), "--files", str(tmp_path / "file")).ended()

    assert ended.code == 1
    assert re.fullmatch(rf"files cannot be kept in {tmp_path / 'file'}: .*\n", ended.err)
