"""The unit for systemd says what Flowdock understands."""

import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from flowdock.server.settings import Settings
from flowdock.server.workers.supervisor import STOP_SECONDS
from tests.deploy import files
from tests.deploy.commands import environment, understood


def said(name: str) -> str:
    [value] = files.unit()[name]
    return value


def test_flowdock_understands_what_it_is_started_with(monkeypatch: pytest.MonkeyPatch) -> None:
    told = files.settings("flowdock.env.example")
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    program, *words = shlex.split(said("ExecStart"))

    meant = understood(words)

    assert Path(program).name == "flowdock"
    assert meant["workers"] == 4
    assert meant["database"] == told["FLOWDOCK_DATABASE"]
    assert said("Environment").partition("=")[0] in environment()


def test_a_reload_is_the_signal_that_replaces_the_workers() -> None:
    assert said("ExecReload") == "/bin/kill -HUP $MAINPID"


def test_its_folder_is_the_one_that_systemd_makes() -> None:
    assert said("Environment") == f"FLOWDOCK_DATA=/var/lib/{said('StateDirectory')}"
    assert said("ProtectSystem") == "strict"


def test_it_may_have_as_many_connections_as_streams_and_some_more() -> None:
    assert int(said("LimitNOFILE")) > 2 * Settings(data=Path(), public_url="").stream_limit


def test_it_is_killed_only_after_it_would_have_killed_its_workers_itself() -> None:
    assert int(said("TimeoutStopSec")) > STOP_SECONDS
    assert said("KillMode") == "mixed"


def test_it_is_no_root_and_gains_no_rights() -> None:
    assert said("User") == "flowdock"
    assert (said("NoNewPrivileges"), said("CapabilityBoundingSet")) == ("yes", "")


def test_systemd_knows_every_word_of_it(tmp_path: Path) -> None:
    if (systemd := shutil.which("systemd-analyze")) is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "flowdock.service"
    unit.write_text(files.text("flowdock.service").replace("/opt/flowdock/bin/flowdock", "/bin/true"))

    checked = subprocess.run([systemd, "verify", unit], capture_output=True, text=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")
