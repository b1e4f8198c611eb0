import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import flowdock
from flowdock.server.running import listen
from tests.cli.programs import SECONDS, Run, Start, address_in


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the data folder is to be."""
    monkeypatch.setenv("FLOWDOCK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_it_tells_its_address_and_folder_in_one_line(data: Path, home: Path, start: Start) -> None:
    serving = start("serve", "--port", "0")

    line = serving.line()

    assert line == f"Flowdock is running on {address_in(line)}; its data is in {data}\n"
    ended = serving.end()
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert not (home / "profile.json").exists()
    assert not (data / "credentials.json").exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_every_signal_to_end_ends_it_gently(data: Path, start: Start, number: int) -> None:
    serving = start("serve", "--port", "0")
    serving.line()

    ended = serving.end(number)

    assert (ended.code, ended.out, ended.err) == (0, "", "")


@pytest.mark.parametrize("given", ["option", "environment"])
def test_links_begin_with_the_public_address(
    data: Path, run: Run, start: Start, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    run("admin", "create-org", "Acme")
    run("admin", "create-user", "alice", "--email", "alice@example.com", "--bot")
    run("admin", "create-flow", "acme", "Main", "--by", "alice")
    token = run("admin", "create-token", "alice").out.strip()
    public = "https://flowdock.example.com"
    if given == "environment":
        monkeypatch.setenv("FLOWDOCK_PUBLIC_URL", public)

    url = address_in(
        start("serve", "--port", "0", *(("--public-url", f"{public}/") if given == "option" else ())).line()
    )

    with flowdock.connect(token=token, org="acme", flow="main", api_url=url) as flow:
        assert flow.info()["url"] == f"{public}/flows/acme/main"


def test_a_public_address_that_is_none_is_wrong_usage(data: Path, run: Run) -> None:
    refused = run("serve", "--public-url", "flowdock.example.com")

    assert refused.code == 2
    assert "'flowdock.example.com' is not an address such as" in " ".join(refused.err.split())
    assert not data.exists()


def test_two_servers_cannot_have_one_folder(data: Path, run: Run, start: Start) -> None:
    serving = start("serve", "--port", "0")
    serving.line()

    assert f"{data} is in use by another Flowdock (process {serving.process.pid}); " in run("serve").complaint
    serving.end(signal.SIGKILL)
    assert start("serve", "--port", "0").line().startswith("Flowdock is running on ")


def wait_for_listener(port: int) -> None:
    give_up = time.monotonic() + SECONDS
    while True:
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_it_serves_although_nobody_reads_what_it_says(data: Path) -> None:
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "flowdock", "serve", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as serving:
        assert serving.stdout is not None
        assert serving.stderr is not None
        serving.stdout.close()
        wait_for_listener(port)
        with (
            pytest.raises(flowdock.Unauthorized),
            flowdock.connect(token="x", api_url=f"http://127.0.0.1:{port}") as one,
        ):
            one.me()
        serving.terminate()
        assert serving.stderr.read() == b""

    assert serving.returncode == 0


def test_a_folder_that_cannot_be_made_is_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    complaint = run("serve", "--data", str(tmp_path / "file" / "data")).complaint

    assert complaint == f"{tmp_path / 'file' / 'data'}: Not a directory"
