"""One page, told: its blocks run in order against a real server, in a folder and with a profile of their own."""

import io
import os
import re
import sys
import time
from collections.abc import Mapping
from contextlib import redirect_stdout
from pathlib import Path
from signal import SIGINT
from typing import Any

from tests.docs import expecting
from tests.docs.fences import Block, Command, blocks, commands
from tests.docs.terminal import Running
from tests.gate import Gate

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".contract"
PATIENCE_SECONDS = 15
DOCUMENTED_PORT = "3569"
"""In pages it stands for the port of the page's server."""

_STARTS_SERVER = re.compile(r"\bflowdock (?:up|serve)\b")
_INTERRUPTED = frozenset({0, 130, -SIGINT})


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
        self._staying: list[tuple[Command, Running]] = []

    def tell(self) -> None:
        """Run all blocks, and compare what comes out with what the page shows."""
        told = blocks(self._path.read_text(encoding="utf-8").replace(DOCUMENTED_PORT, self._port))
        for block, following in zip(told, [*told[1:], None], strict=True):
            shown = following.text if following and following.language == "text" and following.follows_directly else ""
            try:
                self._run(block, shown)
            except AssertionError as error:
                raise AssertionError(f"{self._path.relative_to(ROOT)}:{block.line}: {error}") from error
        for command, running in self._staying:
            wait_until_said(command, running)
        for command, running in reversed(self._staying):
            code = running.interrupt(timeout=PATIENCE_SECONDS)
            assert code in _INTERRUPTED, f"{command.line!r} ended with {code} after Ctrl-C: {running.said}"

    def end(self) -> None:
        """Leave nothing open, whatever happened."""
        for value in reversed(self._names.values()):
            if type(value).__module__.startswith("flowdock.") or type(value).__name__ == "generator":
                getattr(value, "close", lambda: None)()
        for _, running in reversed(self._staying):
            running.kill()

    def _run(self, block: Block, shown: str) -> None:
        if block.why_not_run is not None or not self._is_possible(block):
            return
        if "file" in block.options:
            (self._folder / block.options["file"]).write_text(block.text, encoding="utf-8")
        elif block.language == "console":
            self._run_console(block)
        elif block.language == "python" and "with" in block.options:
            code, output = self._finished([str(INSTALLED / block.options["with"] / "bin" / "python"), "-c", block.text])
            assert code == 0, f"it ended with {code}: {output}"
            compare(Command(block.text, shown), output)
        elif block.language == "python":
            self._run_python(block, shown)

    def _is_possible(self, block: Block) -> bool:
        needed = INSTALLED / block.options.get("with", ".")
        if not needed.exists():
            self.left_out.append(f"line {block.line} needs {INSTALLED.name}/{needed.name}; run tools/contract-clients")
        return needed.exists()

    def _run_python(self, block: Block, shown: str) -> None:
        # Empty lines in front make a traceback point into the page.
        code = compile("\n" * (block.line - 1) + block.text, str(self._path), "exec")
        with redirect_stdout(io.StringIO()) as output:
            exec(code, self._names)
        compare(Command(block.text, shown), output.getvalue())

    def _run_console(self, block: Block) -> None:
        told = commands(block)
        staying = told.pop() if "background" in block.options else None
        for at, command in enumerate(told, start=1):
            wanted = int(block.options.get("exit", "0")) if at == len(told) else 0
            code, output = self._finished(["bash", "-c", f"set -eo pipefail\n{self._on_our_port(command)}"])
            assert code == wanted, f"{command.line!r} ended with {code}, not {wanted}: {output}"
            compare(command, output)
        if staying is not None:
            self._start(staying, listening=block.options["background"] == "listening")

    def _start(self, command: Command, *, listening: bool) -> None:
        environment = dict(self._environment) | ({"FLOWDOCK_STREAM_URL": self._gate.url} if listening else {})
        running = Running(["bash", "-c", self._on_our_port(command)], environment=environment, folder=self._folder)
        self._staying.append((command, running))
        if listening:
            self._gate.wait_until_one_more_is_open()
        else:
            wait_until_said(command, running)

    def _on_our_port(self, command: Command) -> str:
        return _STARTS_SERVER.sub(rf"\g<0> --port {self._port}", command.line)

    def _finished(self, command: list[str]) -> tuple[int, str]:
        environment = {**self._environment, "NODE_PATH": str(INSTALLED / "node" / "node_modules")}
        running = Running(command, environment=environment, folder=self._folder)
        try:
            return running.end(timeout=PATIENCE_SECONDS), running.said
        finally:
            running.kill()


def wait_until_said(command: Command, running: Running) -> None:
    """Wait until a program that stays has printed what the page shows."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not expecting.matches(command.shown, running.said):
        if time.monotonic() > deadline or running.is_over:
            compare(command, running.said)
        time.sleep(0.01)


def compare(command: Command, output: str) -> None:
    """Fail unless this is what the page shows."""
    assert expecting.matches(command.shown, output), (
        f"after\n{command.line}\nthe page shows\n{command.shown or '(nothing)'}\n"
        f"but there came\n{output or '(nothing)'}"
    )


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
        "TERM": "xterm",
        "COLUMNS": "100",
        "PYTHONUNBUFFERED": "1",
    }
