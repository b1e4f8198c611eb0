import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import flowdock
from flowdock import Flow
from flowdock.server.actions import setting_up
from flowdock.testing import Account, Server
from tests.cli.programs import Run, Running, Start
from tests.client.peer import eventually


def newest(flow: Flow) -> str:
    return str(flow.list(limit=1)[0]["id"])


def listening(tail: Running, flow: Flow) -> str:
    """The first line of a tail; it is not known when it begins to listen, so somebody speaks until it does."""
    for number in range(1000):
        flow.send(f"is anybody there? {number}")
        if line := tail.line_if_any(seconds=0.1):
            return line
    raise AssertionError(tail.end())


def test_what_happens_is_told_from_a_message_on(alice: Account, flow: Flow, start: Start) -> None:
    begin = newest(flow)
    past = flow.send("past")
    tail = start("tail", "--since", begin, "--json")

    assert tail.json()["id"] == past["id"]
    live = flow.send("live")
    flow.edit(live["id"], tags=["todo"])

    assert tail.json()["id"] == live["id"]
    assert tail.json()["content"] == {"message": live["id"], "add": ["todo"], "remove": []}


def test_without_a_beginning_only_what_happens_from_now_on_is_told(alice: Account, flow: Flow, start: Start) -> None:
    flow.send("past")

    first = listening(start("tail"), flow)

    assert "bob: is anybody there?" in first


def test_a_private_conversation_can_be_followed(server: Server, alice: Account, start: Start) -> None:
    with flowdock.connect(token=server.second_user.token, uid=alice.id, api_url=server.url) as private:
        private.send("past")
        tail = start("tail", "--to", "bob", "--since", "0")
        assert tail.line().endswith("bob: past\n")

        private.send("live")

        assert tail.line().endswith("bob: live\n")


def test_somebody_who_joins_later_has_a_name(alice: Account, server: Server, flow: Flow, start: Start) -> None:
    tail = start("tail", "--since", newest(flow))
    listening(tail, flow)
    stranger = server.stranger()
    server.do(lambda tx: setting_up.add_to_flow(tx, org="acme", flow="main", user_id=stranger.id, by=alice.id))

    lines = iter(tail.line, "")
    assert next(line for line in lines if "added" in line).endswith(f"alice added {stranger.nick}\n")
    assert next(lines).endswith(f"{stranger.nick} joined\n")


def test_a_restart_of_the_server_loses_nothing(alice: Account, server: Server, flow: Flow, start: Start) -> None:
    tail = start("tail", "--since", newest(flow), "--json")
    flow.send("before")
    assert tail.json()["content"] == "before"

    server.stop()
    server.start()
    flow.send("after")

    assert tail.json()["content"] == "after"


@pytest.mark.parametrize("words", [(), ("--since", "0")])
def test_ctrl_c_ends_it_as_wanted(alice: Account, flow: Flow, start: Start, words: tuple[str, ...]) -> None:
    tail = start("tail", *words)
    listening(tail, flow)

    ended = tail.end(signal.SIGINT)

    assert (ended.code, ended.err) == (0, "")


def test_a_reader_that_has_had_enough_is_no_error(alice: Account, flow: Flow) -> None:
    command = [sys.executable, "-m", "flowdock", "tail", "--since", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as tail:
        assert tail.stdout is not None
        assert tail.stderr is not None
        tail.stdout.readline()
        tail.stdout.close()
        while tail.poll() is None:
            flow.send("is anybody there?")
        assert tail.stderr.read() == b""

    assert tail.returncode == 0


def test_who_watches_is_told_what_is_listened_to(alice: Account, flow: Flow) -> None:
    watching, watched = os.openpty()
    command = [sys.executable, "-m", "flowdock", "tail", "--since", "0"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=watched, stderr=subprocess.PIPE) as tail:
        assert tail.stderr is not None
        assert tail.stderr.readline() == b"listening to acme/main; Ctrl-C ends\n"
        assert b"\x1b[" in os.read(watching, 1 << 12)
        tail.send_signal(signal.SIGINT)
    os.close(watching)
    os.close(watched)

    assert tail.returncode == 0


@pytest.fixture
def ops(server: Server) -> Iterator[Flow]:
    """A second flow."""
    server.do(lambda tx: setting_up.create_flow(tx, org="acme", name="Ops", creator=server.user.id))
    with flowdock.connect(token=server.user.token, org="acme", flow="ops", api_url=server.url) as opened:
        yield opened


def test_of_several_flows_each_line_tells_where_it_was(alice: Account, flow: Flow, ops: Flow, start: Start) -> None:
    flow.send("the lamp is #off")
    ops.send("the disk is #off")
    tail = start("tail", "acme/main", "acme/ops", "--since", "0", "--tag", "off")
    past = [tail.line(), tail.line()]

    flow.send("and again it is #off")

    told = [*past, tail.line()]
    assert [line.split(" ", 2)[2].lstrip().split()[0] for line in told] == ["acme/main", "acme/ops", "acme/main"]
    assert [line.rstrip().rpartition(": ")[2] for line in told] == [
        "the lamp is #off",
        "the disk is #off",
        "and again it is #off",
    ]


def test_all_flows_and_private_conversations_are_heard_together(
    server: Server, alice: Account, flow: Flow, ops: Flow, start: Start
) -> None:
    flow.send("in #main")
    ops.send("in #main, too")
    with flowdock.connect(token=server.second_user.token, uid=alice.id, api_url=server.url) as private:
        private.send("in private #main")
        tail = start("tail", "--all", "--private", "--since", "today", "--tag", "main", "--json")

        heard = {tail.json()["content"] for _ in range(3)}

    assert heard == {"in #main", "in #main, too", "in private #main"}


def test_a_checkpoint_goes_on_exactly_where_the_last_one_ended(
    alice: Account, flow: Flow, start: Start, tmp_path: Path
) -> None:
    words = ("tail", "--checkpoint", str(tmp_path / "seen.db"), "--since", newest(flow), "--json")
    sent: list[int] = []
    heard: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        sent.append(flow.send("while nobody listens")["id"])
        tail = start(*words)
        sent.append(flow.send("while it begins")["id"])
        heard += [tail.json()["id"] for _ in range(2)]
        eventually(lambda: remembered(tmp_path / "seen.db", sent[-1]))
        assert tail.end(number).out == ""

    assert heard == sent


def remembered(path: Path, number: int) -> bool:
    with closing(sqlite3.connect(path)) as file:
        return bool(file.execute("SELECT cursor FROM streams").fetchone() == (str(number),))


@pytest.mark.parametrize(
    "words,wanted",
    [
        (("--tag", "lamp"), "off #lamp"),
        (("--from", "alice"), "@bob, is it?"),
        (("--mentions",), "is it so, @alice"),
        (("--event", "status"), "away"),
    ],
)
def test_only_what_is_wanted_is_told(
    alice: Account, flow: Flow, start: Start, words: tuple[str, ...], wanted: str
) -> None:
    begin = newest(flow)
    with flowdock.connect(token=alice.token, org="acme", flow="main") as own:
        flow.send("off #lamp")
        own.send("@bob, is it?")
        flow.send("is it so, @alice")
        flow.status("away")
        tail = start("tail", "--since", begin, "--json", *words)

        assert tail.json()["content"] == wanted


def test_one_thread_can_be_followed(alice: Account, flow: Flow, start: Start) -> None:
    first = flow.send("one thread")
    flow.send("another thread")
    tail = start("tail", "--since", "0", "--thread", str(first["id"]), "--json")
    assert tail.json()["id"] == first["id"]

    reply = flow.thread(first["thread_id"]).send("goes on")

    assert tail.json()["id"] == reply["id"]


@pytest.mark.parametrize(
    "words",
    [
        ("acme/main", "--all"),
        ("acme/main", "--to", "bob"),
        ("--all", "--since", "42"),
        ("--since", "soon"),
        ("--all", "--thread", "42"),
    ],
)
def test_what_excludes_each_other_is_wrong_usage(alice: Account, run: Run, words: tuple[str, ...]) -> None:
    assert run("tail", *words).code == 2


def test_a_flow_among_several_that_is_not_there_is_named(alice: Account, run: Run) -> None:
    complaint = run("tail", "acme/main", "acme/mian").complaint

    assert complaint == "no flow 'acme/mian' for this token; 'flowdock flows' lists those there are"


def test_on_a_terminal_a_lost_connection_is_told_and_that_it_is_back(
    alice: Account, server: Server, flow: Flow, start: Start
) -> None:
    watching, watched = os.openpty()
    command = [sys.executable, "-m", "flowdock", "tail", "--since", newest(flow), "--json"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=watched) as tail:
        assert tail.stdout is not None
        flow.send("before")
        assert b"before" in tail.stdout.readline()
        server.stop()
        assert os.read(watching, 1 << 12).startswith(b"the connection is lost (")
        server.start()
        assert b"the connection is back" in os.read(watching, 1 << 12)
        flow.send("after")
        assert b"after" in tail.stdout.readline()
        tail.send_signal(signal.SIGINT)
    os.close(watching)
    os.close(watched)
