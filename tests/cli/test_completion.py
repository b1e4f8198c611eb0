import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from flowdock import Flow
from flowdock.testing import Account
from tests.cli.programs import SECONDS, Run

HOOKS = {"bash": "_flowdock_completion", "zsh": "compdef", "fish": "complete"}


Give: TypeAlias = Callable[[dict[str, str]], str]
Complete: TypeAlias = Callable[..., list[str]]


def asked_by_bash(line: str) -> dict[str, str]:
    """The variables in which bash asks what may follow this line."""
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
    return {"_FLOWDOCK_COMPLETE": "complete_bash", **asked}


@pytest.fixture
def given(run: Run, monkeypatch: pytest.MonkeyPatch) -> Give:
    """What a shell is given that asks in these variables."""

    def give(variables: dict[str, str]) -> str:
        with monkeypatch.context() as shell:
            for name, value in variables.items():
                shell.setenv(name, value)
            shown = run()
        assert shown.err == ""
        return shown.out

    return give


@pytest.fixture
def completed(given: Give) -> Complete:
    """What bash is given after a line."""
    return lambda line, **variables: given(asked_by_bash(line) | variables).split()


def test_a_shell_is_answered_by_the_program(home: Path) -> None:
    environment = {**os.environ, **asked_by_bash("flowdock se")}
    command = [sys.executable, "-m", "flowdock"]

    shown = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)

    assert (shown.stderr, shown.stdout.split()) == ("", ["serve", "send", "search"])


def test_commands_and_options_are_completed(completed: Complete) -> None:
    assert "send" in completed("flowdock se")
    assert "--since" in completed("flowdock tail --si")


def test_names_that_the_server_knows_are_completed(alice: Account, flow: Flow, completed: Complete) -> None:
    first = flow.send("Lamps #lamp")

    assert completed("flowdock send hi --flow ac") == ["acme/main"]
    assert completed("flowdock send hi --to b") == ["bob"]
    assert completed("flowdock send hi --tag la") == ["lamp"]
    assert completed(f"flowdock send hi --flow acme/main --thread {first['id']}") == [str(first["id"])]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_what_others_wrote_is_never_code_for_the_shell_that_evaluates_it(
    alice: Account, flow: Flow, given: Give, shell: str
) -> None:
    number = flow.send(r"lamp \$(touch x) `y` \"; z' \\", tags=["$(tag)", "la`mp", "lamp"])["id"]

    asked = {"_FLOWDOCK_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    threads = given(asked | {"_TYPER_COMPLETE_ARGS": "flowdock send hi --thread "})
    tags = given(asked | {"_TYPER_COMPLETE_ARGS": "flowdock send hi --tag "})

    assert str(number) in threads
    assert "lamp touch x y z" in threads
    assert "lamp" in tags
    assert not {*"$`\\;"} & {*threads, *tags}


def test_what_was_offered_is_kept_for_a_while(alice: Account, flow: Flow, completed: Complete) -> None:
    assert completed("flowdock tail ac") == ["acme/main"]

    flow.close()
    assert completed("flowdock tail ac", FLOWDOCK_STREAM_URL="http://127.0.0.1:1") == ["acme/main"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "not an address"])
def test_where_nothing_is_known_nothing_is_offered_and_nothing_said(
    url: str, completed: Complete, hurried: None
) -> None:
    assert completed("flowdock send hi --flow ac", FLOWDOCK_API_URL=url, FLOWDOCK_TOKEN="x") == []
    assert completed("flowdock send hi --flow ac", FLOWDOCK_PROFILE="/nowhere/at/all.json") == []


def test_profiles_are_completed(home: Path, completed: Complete) -> None:
    folder = home / "config" / "flowdock" / "profiles"
    folder.mkdir(parents=True)
    (folder / "work.json").write_text("{}")

    assert completed("flowdock --profile w") == ["work"]
    assert completed("flowdock profiles use w") == ["work"]


@pytest.mark.parametrize("shell", HOOKS)
def test_completion_is_installed_for_a_shell(home: Path, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    # Else it is installed for the shell that runs the tests.
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    command = [sys.executable, "-m", "flowdock", "--install-completion", shell]

    installed = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)

    assert installed.returncode == 0, installed.stderr
    written = [path for path in home.rglob("*") if path.is_file() and "flowdock" in path.name]
    assert any(HOOKS[shell] in path.read_text() for path in written)
