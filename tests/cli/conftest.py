"""What every test of the command line starts from: nobody's profile, and a server to talk to."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

import flowdock
from flowdock import Flow
from flowdock.cli.app import app
from flowdock.client.patience import Patience
from flowdock.testing import Account, Image, Server
from tests.cli.programs import Program, Run, Start

CLIENT = ("TOKEN", "FLOW_TOKEN", "API_URL", "STREAM_URL", "TRACEBACK")
SERVER = ("DATA", "PUBLIC_URL", "DATABASE", "BROKER", "FILES", "WORKERS")
COLOURING = ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home folder with nothing in it, for this process and those it starts."""
    for name in (*(f"FLOWDOCK_{one}" for one in (*CLIENT, *SERVER)), *COLOURING):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "home"
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
    monkeypatch.setenv("FLOWDOCK_PROFILE", str(folder / "profile.json"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TZ", "UTC")
    return folder


@pytest.fixture
def server(_flowdock_image: Image, tmp_path: Path) -> Iterator[Server]:
    """A server with a flow and three people."""
    with Server(tmp_path / "server", image=_flowdock_image) as running:
        yield running


@pytest.fixture
def alice(server: Server, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The environment of somebody who may do everything in the only flow."""
    monkeypatch.setenv("FLOWDOCK_API_URL", server.url)
    monkeypatch.setenv("FLOWDOCK_TOKEN", server.user.token)
    return server.user


@pytest.fixture
def flow(server: Server) -> Iterator[Flow]:
    """The flow as somebody else sees it: bob."""
    with flowdock.connect(
        token=server.second_user.token, org=server.org, flow=server.flow, api_url=server.url
    ) as opened:
        yield opened


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that `run` runs try as often as ever, with next to no time in between."""
    monkeypatch.setattr("flowdock.client._sync.transport.Patience", partial(Patience, first_wait=0.01))


@pytest.fixture
def run() -> Run:
    """Run a command in this process."""

    def run_one(*words: str, input: str | bytes | None = None) -> Program:
        result = CliRunner().invoke(app, list(words), input=input, prog_name="flowdock")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Program(result.exit_code, result.stdout, result.stderr)

    return run_one


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a command as a program of its own, which ends with the test at the latest."""
    with Start() as started:
        yield started
