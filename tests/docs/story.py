"""One page, told: its blocks run in order against a real server, in a folder and with a profile of their own."""

import io
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from signal import SIGINT
from typing import Any

from tests.docs import expecting
from tests.docs.fences import Block, Command, blocks, commands
from tests.gate import Gate

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".contract"
PATIENCE_SECONDS = 30
DOCUMENTED_PORT = "3569"

_STARTS_SERVER = re.compile(r"\bflowdock (?:up|serve)\b")
_INTERRUPTED = frozenset({0, 130, -SIGINT})


class Background:
    """A command that stays; what it prints is kept."""

    def __init__(self, command: Command, *, environment: Mapping[str, str], folder: Path) -> None:
        self.command = command
        # A group of its own, so that Ctrl-C reaches the program that the shell runs, as it would in a terminal.
        self._process = subprocess.Popen(
            ["bash", "-c", f"exec {command.line}" if "=" not in command.line.split()[0] else f"env {command.line}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=dict(environment),
            encoding="utf-8",
            start_new_session=True,
        )
        self._said: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_until_said(self) -> None:
        """Wait until it has printed what the page shows."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not expecting.matches(self.command.shown, "".join(self._said)):
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise AssertionError(difference(self.command, "".join(self._said)))
            time.sleep(0.01)

    def interrupt(self) -> None:
        """Press Ctrl-C; it has to end as one that was asked to."""
        os.killpg(self._process.pid, SIGINT)
        code = self._process.wait(PATIENCE_SECONDS)
        self._reader.join(PATIENCE_SECONDS)
        assert code in _INTERRUPTED, f"{self.command.line!r} ended with {code} after Ctrl-C: {''.join(self._said)}"

    def kill(self) -> None:
        """End it at any price."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(PATIENCE_SECONDS)
            self._reader.join(PATIENCE_SECONDS)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._said.append(line)


class Story:
    """A page under way. `left_out` says which blocks could not run here and why."""

    def __init__(self, path: Path, *, folder: Path, port: int, environment: Mapping[str, str], gate: Gate) -> None:
        self.left_out: list[str] = []
        self._path = path
        self._folder = folder
        self._port = str(port)
        self._environment = environment
        self._gate = gate
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._background: list[Background] = []

    def tell(self) -> None:
        """Run all blocks, and compare what comes out with what the page shows."""
        told = blocks(self._path.read_text(encoding="utf-8").replace(DOCUMENTED_PORT, self._port))
        for at, block in enumerate(told):
            following = told[at + 1] if at + 1 < len(told) else None
            shown = following.text if following and following.language == "text" and following.follows_directly else ""
            try:
                self._run(block, shown)
            except AssertionError as error:
                raise AssertionError(f"{self._path.relative_to(ROOT)}:{block.line}: {error}") from error
        for program in self._background:
            program.wait_until_said()
        for program in reversed(self._background):
            program.interrupt()

    def end(self) -> None:
        """Leave nothing open, whatever happened."""
        for value in reversed(self._names.values()):
            if type(value).__module__.startswith("flowdock.") or type(value).__name__ == "generator":
                getattr(value, "close", lambda: None)()
        for program in reversed(self._background):
            program.kill()

    def _run(self, block: Block, shown: str) -> None:
        if block.why_not_run is not None:
            return
        if "file" in block.options:
            (self._folder / block.options["file"]).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            self._run_console(block)
        elif "with" in block.options:
            self._run_elsewhere(block, shown)
        elif block.language == "python":
            self._run_python(block, shown)

    def _run_python(self, block: Block, shown: str) -> None:
        # Blank lines in front make a traceback point into the page.
        code = compile("\n" * (block.line - 1) + block.text, str(self._path), "exec")
        with redirect_stdout(io.StringIO()) as output:
            exec(code, self._names)  # noqa: S102 - it is our own documentation
        self._compare(Command(block.text, shown), output.getvalue())

    def _run_elsewhere(self, block: Block, shown: str) -> None:
        where = block.options["with"]
        if where == "node":
            needed, command = INSTALLED / "node" / "node_modules" / "flowdock", ["node", "-e", block.text]
        else:
            needed = INSTALLED / where / "bin" / "python"
            command = [str(needed), "-I", "-c", block.text]
        if not needed.exists():
            self.left_out.append(f"line {block.line}: {needed.relative_to(ROOT)} is not there; run tools/contract-clients")
            return
        environment = {**self._environment, "NODE_PATH": str(INSTALLED / "node" / "node_modules")}
        code, output = self._finished(command, environment)
        assert code == 0, f"it ended with {code}: {output}"
        self._compare(Command(block.text, shown), output)

    def _run_console(self, block: Block) -> None:
        told = commands(block)
        staying = told.pop() if "background" in block.options else None
        for at, command in enumerate(told, start=1):
            wanted = int(block.options.get("exit", "0")) if at == len(told) else 0
            code, output = self._finished(["bash", "-c", f"set -o pipefail\n{self._on_our_port(command)}"], self._environment)
            assert code == wanted, f"{command.line!r} ended with {code}, not {wanted}: {output}"
            self._compare(command, output)
        if staying is not None:
            self._start(staying, listening=block.options["background"] == "listening")

    def _start(self, command: Command, *, listening: bool) -> None:
        environment = dict(self._environment) | ({"FLOWDOCK_STREAM_URL": self._gate.url} if listening else {})
        ours = Command(self._on_our_port(command), command.shown)
        self._background.append(Background(ours, environment=environment, folder=self._folder))
        if listening:
            self._gate.wait_until_one_more_is_open()
        else:
            self._background[-1].wait_until_said()

    def _on_our_port(self, command: Command) -> str:
        return _STARTS_SERVER.sub(rf"\g<0> --port {self._port}", command.line)

    def _finished(self, command: list[str], environment: Mapping[str, str]) -> tuple[int, str]:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env=dict(environment),
            encoding="utf-8",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    def _compare(self, command: Command, output: str) -> None:
        assert expecting.matches(command.shown, output), difference(command, output)


def difference(command: Command, output: str) -> str:
    """What was shown and what came, one below the other."""
    return f"after\n{command.line}\nthe page shows\n{command.shown or '(nothing)'}\nbut there came\n{output or '(nothing)'}"


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a page: this project's programs, and nothing of whoever runs the tests."""
    home = folder / "home"
    home.mkdir()
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("FLOWDOCK_", "XDG_", "PYTHON"))}
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "100",
        "NO_COLOR": "1",
        "PYTHONUNBUFFERED": "1",
    }
