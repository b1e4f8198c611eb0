"""A command that is loaded already behaves as one that is not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.docs.warm import Warm

SECONDS = 30


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with closing(Warm(tmp_path_factory.mktemp("warm"))) as loaded:
        yield str(loaded.folder / "flowdock")


@pytest.fixture
def up(warm: str, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A server that has said where it is."""
    command = [warm, "up", "--port", "0", "--json"]
    surroundings = {**os.environ, "FLOWDOCK_DATA": str(tmp_path / "data"), "HOME": str(tmp_path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=surroundings) as running:
        assert running.stdout is not None
        assert "api_url" in running.stdout.readline()
        yield running
        running.kill()


@pytest.mark.parametrize("words", [["--version"], ["no-such-command"], ["send"], ["upload", "absent.txt"]])
def test_it_says_and_ends_as_one_of_its_own(warm: str, tmp_path: Path, words: list[str]) -> None:
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "100"}
    mine, usual = (
        subprocess.run([program, *words], capture_output=True, text=True, env=surroundings, cwd=tmp_path, check=False)
        for program in (warm, str(Path(sys.executable).with_name("flowdock")))
    )

    assert (mine.returncode, mine.stdout, mine.stderr) == (usual.returncode, usual.stdout, usual.stderr)


def test_it_hears_signals(up: subprocess.Popen[str]) -> None:
    up.send_signal(signal.SIGINT)

    assert up.wait(SECONDS) == 0


def test_it_is_gone_when_who_started_it_is_killed(up: subprocess.Popen[str]) -> None:
    assert up.stdout is not None
    up.kill()

    # It ends only when nobody is left who could write.
    assert up.stdout.read() == ""
