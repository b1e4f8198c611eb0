import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

import flowdock
from flowdock.cli.app import app
from flowdock.testing import Account
from tests.cli.programs import SECONDS, Run

GROUPS = {str(group.name): group.typer_instance for group in app.registered_groups if group.typer_instance}
COMMANDS = [
    *(command.name for command in app.registered_commands),
    *(f"{name} {command.name}" for name, group in GROUPS.items() for command in group.registered_commands),
]
ONE_SCREEN = 45
"""Lines."""


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=SECONDS, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example_of_it(run: Run, command: str) -> None:
    shown = run(*command.split(), "--help")

    assert shown.code == 0
    assert re.search(rf"Examples?:\n.*flowdock {command}", shown.out, re.DOTALL)
    assert max(map(len, shown.out.splitlines())) <= 80


def test_the_help_shows_every_command_on_one_screen(run: Run) -> None:
    shown = run("--help").out
    often = re.findall(r"^  ([a-z][a-z-]*)  ", shown, re.MULTILINE)
    rarely = ",".join(re.findall(r"^  also:((?:.*,\n)*.*)$", shown, re.MULTILINE)).replace(",", " ").split()

    assert sorted([*often, *rarely]) == sorted(get_command(app).commands)  # type: ignore[attr-defined]
    assert often[:6] == ["up", "serve", "move", "admin", "bot", "send"]
    assert shown.count("\n") <= ONE_SCREEN


@pytest.mark.parametrize("words", [(), *((group,) for group in GROUPS)])
def test_what_a_command_does_is_told_in_whole_sentences(run: Run, words: tuple[str, ...]) -> None:
    assert "..." not in run(*words, "--help").out.replace("[ARGS]...", "")


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version").out == f"flowdock {flowdock.__version__}\n"


@pytest.mark.parametrize(
    "words",
    [("snd",), ("send",), ("send", "a", "b"), ("tail", "--since", "x"), ("tail", "acme"), ("up", "--port", "-1")],
)
def test_wrong_usage_has_its_own_code(run: Run, words: tuple[str, ...]) -> None:
    refused = run(*words)

    assert (refused.code, refused.out) == (2, "")
    assert "Usage: flowdock" in refused.err


def test_a_reader_that_has_had_enough_is_no_error(alice: Account) -> None:
    command = [sys.executable, "-m", "flowdock", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as listing:
        assert listing.stdout is not None
        listing.stdout.close()
        assert listing.stderr is not None
        assert listing.stderr.read() == b""
    assert listing.returncode == 0


def test_without_the_packages_of_the_command_line_it_says_what_to_install() -> None:
    failed = python("import sys; sys.modules['typer'] = None; from flowdock.cli import main; main()")

    assert (failed.returncode, failed.stderr) == (
        1,
        "the command line needs the package typer: install flowdock[cli]\n",
    )


@pytest.mark.parametrize("words", [["up"], ["serve"], ["admin", "create-org", "Acme"]])
def test_without_the_packages_of_the_server_it_says_what_to_install(words: list[str], tmp_path: Path) -> None:
    failed = python(
        "import sys; sys.modules['msgspec'] = None; from flowdock.cli import main;"
        f"sys.argv[1:] = {[*words, '--data', str(tmp_path / 'unused')]!r}; main()"
    )

    assert (failed.returncode, failed.stderr) == (1, "this needs the package msgspec: install flowdock[server]\n")
    assert not (tmp_path / "unused").exists()


def test_a_fault_of_the_program_itself_is_one_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    code = (
        "import sys; from flowdock.cli import main, session;"
        "session.opened = lambda **_: 1 // 0; sys.argv[1:] = ['flows']; main()"
    )

    failed = python(code)
    monkeypatch.setenv("FLOWDOCK_TRACEBACK", "1")
    told = python(code)

    assert failed.stderr == (
        "flowdock failed: ZeroDivisionError: integer division or modulo by zero; FLOWDOCK_TRACEBACK=1 shows where\n"
    )
    assert failed.returncode == told.returncode == 1
    assert "Traceback" in told.stderr


def test_starting_loads_neither_the_server_nor_what_other_commands_need() -> None:
    loaded = python("import sys, flowdock.cli.app; print(*sys.modules)").stdout.split()

    assert not {"asyncio", "httpx2", "msgspec", "rich", "starlette", "uvicorn"}.intersection(loaded)


def test_sending_does_not_load_the_server(alice: Account) -> None:
    code = "import sys; from flowdock.cli.app import app; sys.argv[1:] = ['send', 'hi']"

    loaded = python(f"{code}\ntry: app()\nexcept SystemExit: print(*sys.modules)").stdout.split()

    assert "httpx2" in loaded
    assert not {"msgspec", "rich", "starlette", "uvicorn"}.intersection(loaded)
