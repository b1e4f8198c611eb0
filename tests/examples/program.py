"""An example, run as a user would: a process of its own that is told everything by arguments and environment."""

import importlib.util
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

EXAMPLES = Path(__file__).parents[2] / "examples"
PATIENCE_SECONDS = 20


def loaded(name: str) -> ModuleType:
    """An example as a module of its own, fresh each time."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Program:
    """A running example."""

    def __init__(self, name: str, *arguments: str, environment: Mapping[str, str], folder: Path) -> None:
        own = {key: value for key, value in os.environ.items() if not key.startswith("FLOWDOCK_")}
        # Nobody's profile, unless a test names one.
        own |= {"FLOWDOCK_PROFILE": str(folder / "no-profile.json"), **environment}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=own,
            encoding="utf-8",
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._complaints: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_output, daemon=True),
            threading.Thread(target=self._read_complaints, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def line(self) -> str:
        """The next line it printed, waited for."""
        try:
            return self._lines.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            said = "".join(self._complaints) or "nothing"
            raise AssertionError(f"no line within {PATIENCE_SECONDS} s; on standard error: {said}") from None

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C: the exit code, and what it said on standard error."""
        self._process.send_signal(signal.SIGINT)
        return self.end()

    def end(self) -> tuple[int, str]:
        """Wait until it ends by itself: the exit code, and what it said on standard error."""
        code = self._process.wait(PATIENCE_SECONDS)
        for reader in self._readers:
            reader.join(PATIENCE_SECONDS)
        return code, "".join(self._complaints)

    def kill(self) -> None:
        """End it at any price, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self.end()

    def _read_output(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                self._lines.put(line.rstrip("\n"))

    def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as complaints:
            self._complaints.extend(complaints)
