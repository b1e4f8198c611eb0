import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.services.machine import Missing, program

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder of programs without a Redis, or any other server that is not elsewhere."""
    for name in ("dirname", "id"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    return tmp_path


def run(path: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", ROOT / "tools/services"], check=False, env={"PATH": str(path)}, capture_output=True, text=True
    )


def add(folder: Path, name: str, script: str) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_nothing_is_said_when_everything_is_there(bare: Path) -> None:
    for name in ("postgres", "valkey-server", "pgbouncer"):
        add(bare, name, "exit 1")

    ran = run(bare)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_without_apt_get_it_says_what_is_missing_and_that_its_tests_skip(bare: Path) -> None:
    for name in ("postgres", "pgbouncer"):
        add(bare, name, "exit 1")

    ran = run(bare)

    assert ran.returncode == 0
    assert ran.stdout == (
        "services: not installed: redis-server; the tests which need that will skip "
        "(there is no apt-get here; install it your way)\n"
    )


def test_without_the_rights_to_install_it_says_what_to_type(bare: Path) -> None:
    for name in ("postgres", "pgbouncer"):
        add(bare, name, "exit 1")
    add(bare, "id", "echo 1000")
    add(bare, "sudo", "exit 1")
    add(bare, "apt-get", f"touch {bare}/installing")

    ran = run(bare)

    assert ran.returncode == 0
    assert ran.stdout.endswith("will skip (as root: 'apt-get install redis-server')\n")
    assert not (bare / "installing").exists()


def test_a_program_is_found_off_path_too_the_newest_version_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    for version in ("9", "17", "16"):
        (tmp_path / version / "bin").mkdir(parents=True)
        add(tmp_path / version / "bin", "a-server", "exit 1")

    found = program("the-server", "a-server", package="a", folders=f"{tmp_path.relative_to('/')}/*/bin")

    assert found == str(tmp_path / "17" / "bin" / "a-server")


def test_a_missing_program_says_what_to_install() -> None:
    with pytest.raises(
        Missing, match=r"^a-server is not installed; run tools/services, or install it \(Debian, Ubuntu: a-package\)$"
    ):
        program("a-server", "b-server", package="a-package")
