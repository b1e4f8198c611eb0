import os
import signal
import subprocess
import sys

import pytest

import flowdock
from flowdock import Flow
from flowdock.server.actions import setting_up
from flowdock.testing import Account, Server
from tests.cli.programs import Running, Start


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
