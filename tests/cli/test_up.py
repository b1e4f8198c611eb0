import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

import flowdock
from flowdock.client import profile
from flowdock.server.running import listen
from tests.cli.programs import SECONDS, Program, Run, Running, Start, signed_in

TOKEN = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that `flowdock up` has filled and left."""
    folder = tmp_path_factory.mktemp("founded")
    environment = os.environ | {"FLOWDOCK_PROFILE": str(folder / "profile.json")}
    command = [sys.executable, "-m", "flowdock", "up", "--port", "0", "--data", str(folder / "data"), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as up:
        assert up.stdout is not None
        up.stdout.readline()
        up.terminate()
    assert up.returncode == 0
    return folder / "data"


@pytest.fixture
def data(founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that folder, which all commands take."""
    folder = tmp_path / "data"
    shutil.copytree(founded, folder)
    monkeypatch.setenv("FLOWDOCK_DATA", str(folder))
    return folder


@pytest.fixture
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a data folder is to be, which all commands take."""
    monkeypatch.setenv("FLOWDOCK_DATA", str(tmp_path / "nothing" / "yet"))
    return tmp_path / "nothing" / "yet"


def up(start: Start) -> tuple[Running, Any]:
    running = start("up", "--port", "0", "--json")
    return running, running.json()


def test_an_empty_folder_is_filled_and_everything_needed_is_told_at_once(nothing: Path, start: Start) -> None:
    running, told = up(start)

    assert told["stream_url"] == f"{told['api_url']}/stream"
    assert {"web_url", "flow_id"} < told.keys()
    for person in (told["user"], told["second_user"]):
        with flowdock.connect(token=person["token"], api_url=told["api_url"]) as client:
            assert {name: client.me()[name] for name in ("id", "nick", "email")} == {
                name: person[name] for name in ("id", "nick", "email")
            }
            (flow,) = client.flows()
            assert (flow["id"], flow["organization"]["parameterized_name"]) == (told["flow_id"], told["org"])
    with flowdock.connect(flow_token=told["flow_token"], api_url=told["api_url"]) as service:
        service.present("1", flowdock.constructors.author("CI"), "built", thread={"title": "Build 1"})
    assert told["token"] == told["user"]["token"]
    assert running.end().code == 0
    assert stat.S_IMODE((nothing / "credentials.json").stat().st_mode) == 0o600


def test_the_passwords_let_people_sign_in(data: Path, start: Start) -> None:
    _, told = up(start)

    for person in (told["user"], told["second_user"]):
        assert signed_in(told["api_url"], person["email"], person["password"]) == person["nick"]


def test_a_later_start_tells_the_same_tokens(data: Path, start: Start) -> None:
    first, told = up(start)
    first.end()

    second, told_again = up(start)

    places = {"api_url", "stream_url", "web_url"}
    assert {key: told[key] for key in told if key not in places} == {
        key: told_again[key] for key in told_again if key not in places
    }
    assert second.end().code == 0


def test_afterwards_other_commands_need_no_options(data: Path, home: Path, run: Run, start: Start) -> None:
    _, told = up(start)

    assert run("send", "Hello").out.strip().isdigit()
    assert json.loads(run("whoami", "--json").out)["id"] == told["user"]["id"]
    assert json.loads(run("list", "-n", "1", "--json").out)["content"] == "Hello"
    assert stat.S_IMODE((home / "profile.json").stat().st_mode) == 0o600


def announced(running: Running, *, last: str) -> str:
    lines: list[str] = []
    while not lines or last not in lines[-1]:
        lines.append(running.line())
        assert lines[-1], running.ended()
    return "".join(lines)


def test_people_are_told_everything_in_plain_text(data: Path, start: Start) -> None:
    credentials = json.loads((data / "credentials.json").read_bytes())

    shown = announced(start("up", "--port", "0"), last="Ctrl-C")

    for account in (credentials["user"], credentials["second_user"]):
        assert re.search(rf"{account['nick']} +{account['email']} +{account['password']} +{account['token']}", shown)
    for piece in (str(data), credentials["bot"]["token"], credentials["flow_token"], 'send "Hello"', "/stream"):
        assert piece in shown
    assert shown.isascii()
    assert "\x1b" not in shown


def test_the_snippet_works_when_it_is_pasted(data: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWDOCK_API_URL", "http://127.0.0.1:9")  # the snippet knows better
    shown = announced(start("up", "--port", "0"), last="Ctrl-C")
    snippet = re.search(r"^import flowdock\n(?:.+\n)+", shown, re.MULTILINE)
    assert snippet is not None

    pasted = subprocess.run(
        [sys.executable], input=snippet[0], capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert snippet[0].count("\n") == 5
    assert max(map(len, snippet[0].splitlines())) <= 80
    assert (pasted.returncode, pasted.stdout, pasted.stderr) == (0, "This is a reply\n", "")


def test_a_port_in_use_is_named_with_a_way_out(data: Path, run: Run) -> None:
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]

        complaint = run("up", "--port", str(port)).complaint

    assert complaint == (
        f"port {port} on 127.0.0.1 is in use; choose another with --port, or --port 0 for any free one"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", ".."])
def test_a_host_that_is_not_this_machine_is_named(data: Path, run: Run, host: str) -> None:
    complaint = run("up", "--port", "0", "--host", host).complaint

    assert complaint.startswith(f"cannot listen on {host!r}: ")
    assert complaint.endswith("; --host takes an address of this machine, such as 127.0.0.1")


def test_a_folder_in_use_is_named_with_a_way_out(data: Path, run: Run, start: Start) -> None:
    running, _ = up(start)

    complaint = run("up", "--port", "0").complaint

    assert complaint == (
        f"{data} is in use by another Flowdock (process {running.process.pid}); "
        "stop that one, or choose another folder with --data"
    )


class Streaming:
    """A connection on which a stream arrives, read as bytes."""

    def __init__(self, told: Any, accept: str) -> None:
        address = urlsplit(told["api_url"])
        self._socket = socket.create_connection((address.hostname, address.port), timeout=SECONDS)
        self._socket.sendall(
            f"GET /stream/flows/acme/main HTTP/1.1\r\nHost: {address.netloc}\r\nAccept: {accept}\r\n"
            f"Authorization: Bearer {told['token']}\r\n\r\n".encode()
        )
        self.head = b""
        while b"\r\n\r\n" not in self.head:
            self.head += self._socket.recv(1)

    def rest(self) -> bytes:
        """Everything up to the end of the connection."""
        with self._socket, self._socket.makefile("rb") as file:
            return file.read()


@pytest.fixture
def streams(data: Path, start: Start) -> tuple[Running, list[Streaming]]:
    """A server, and a stream of either kind from it."""
    running, told = up(start)
    return running, [Streaming(told, accept) for accept in ("application/json", "text/event-stream")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_streams_properly_and_then_the_server(
    streams: tuple[Running, list[Streaming]], number: signal.Signals
) -> None:
    running, opened = streams
    assert all(stream.head.startswith(b"HTTP/1.1 200 ") for stream in opened)

    running.process.send_signal(number)
    code = running.process.wait(5)

    assert [stream.rest().endswith(b"0\r\n\r\n") for stream in opened] == [True, True]
    assert (code, running.ended()) == (0, Program(0, "", ""))


def test_what_was_acknowledged_outlives_a_killed_server(data: Path, start: Start) -> None:
    running, told = up(start)
    with flowdock.connect(token=told["token"], org="acme", flow="main", api_url=told["api_url"]) as flow:
        numbers = [flow.send(f"message {number}")["id"] for number in range(20)]
    assert running.end(signal.SIGKILL).code == -signal.SIGKILL

    _, told = up(start)

    with flowdock.connect(token=told["token"], org="acme", flow="main", api_url=told["api_url"]) as flow:
        assert [message["id"] for message in flow.list(limit=20)] == numbers


@pytest.mark.crash
@pytest.mark.parametrize("name", ["lock", "flowdock.sqlite3", "credentials.json"])
def test_a_first_start_may_be_killed_at_any_moment(nothing: Path, start: Start, name: str) -> None:
    command = [sys.executable, "-m", "flowdock", "up", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as first:
        while not (nothing / name).exists():
            assert first.poll() is None
        os.killpg(first.pid, signal.SIGKILL)

    _, told = up(start)

    assert signed_in(told["api_url"], told["user"]["email"], told["user"]["password"]) == "alice"
    with flowdock.connect(token=told["token"], org="acme", flow="main", api_url=told["api_url"]) as flow:
        assert flow.send("Hello")["content"] == "Hello"


def test_a_folder_that_was_made_but_not_filled_is_filled(nothing: Path, start: Start) -> None:
    serving = start("serve", "--port", "0")
    serving.line()
    serving.end()

    _, told = up(start)

    assert TOKEN.fullmatch(told["token"])


def test_a_founding_that_dies_before_its_end_is_done_again(nothing: Path, start: Start) -> None:
    serving = start("serve", "--port", "0")
    serving.line()
    serving.end()
    (nothing / "credentials.json").write_text("written, but what it tells of was never committed")

    _, told = up(start)

    with flowdock.connect(token=told["token"], api_url=told["api_url"]) as client:
        assert client.me()["nick"] == "alice"


def test_a_folder_that_somebody_else_filled_is_only_started(nothing: Path, home: Path, run: Run, start: Start) -> None:
    run("admin", "create-org", "Other")
    run("admin", "create-user", "olga", "--email", "olga@example.com", "--org", "other", "--bot")

    running, told = up(start)
    running.end()
    shown = announced(start("up", "--port", "0"), last="Ctrl-C")

    assert (told["token"], told["user"], told["org"]) == (None, None, None)
    assert f"admin create-token NICK --data {nothing}" in shown
    assert not (home / "profile.json").exists()


@pytest.mark.parametrize("content", ["{", "[]", '{"org": "acme"}'])
def test_damaged_credentials_are_named_with_a_way_out(data: Path, run: Run, content: str) -> None:
    (data / "credentials.json").write_text(content)

    assert run("up", "--port", "0").complaint == (
        f"{data / 'credentials.json'} is damaged; move it away, and make new tokens with 'flowdock admin create-token'"
    )


@pytest.mark.parametrize(
    "stored, remark",
    [
        ('{"api_url": "https://flowdock.example.com", "token": "kept"}', "belongs to https://flowdock.example.com and"),
        ("{", "is not JSON"),
    ],
)
def test_a_profile_that_is_not_its_own_is_left_alone(
    data: Path, home: Path, start: Start, stored: str, remark: str
) -> None:
    home.mkdir()
    (home / "profile.json").write_text(stored)

    running, told = up(start)
    ended = running.end()

    assert (home / "profile.json").read_text() == stored
    assert remark in ended.err
    shown = announced(start("up", "--port", "0"), last="Ctrl-C")
    assert re.search(rf"export FLOWDOCK_API_URL=http://127.0.0.1:\d+ FLOWDOCK_TOKEN={told['token']}\n", shown)


def test_a_profile_of_this_machine_is_replaced(data: Path, home: Path, start: Start) -> None:
    profile.write(home / "profile.json", {"api_url": "http://localhost:3569", "token": "old"})

    _, told = up(start)

    assert profile.read(home / "profile.json") == {
        key: told[key] for key in ("api_url", "stream_url", "org", "flow", "token", "flow_token")
    }


def test_a_profile_that_cannot_be_written_does_not_keep_the_server_from_running(
    data: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWDOCK_PROFILE", str(data / "secret" / "profile.json"))

    running, told = up(start)

    assert f"the profile {data / 'secret' / 'profile.json'} cannot be written" in running.end().err
    assert told["token"]
