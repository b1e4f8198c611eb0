"""The npm package `hubot` with its adapter for Flowdock, as somebody runs a bot."""

import queue
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

from tests.contract.foreign import INSTALLED, required
from tests.contract.plain import PATIENCE_SECONDS

FOLDER = Path(__file__).parent / "node" / "hubot"
"""Where it is started: it loads what is in `scripts` there."""


class Hubot:
    """A running bot, of which only what it logs is seen from here."""

    def __init__(self, *, name: str, token: str, api: str, stream: str) -> None:
        modules = INSTALLED / "node" / "node_modules"
        program, coffee = required(modules / "hubot" / "bin" / "hubot"), required(modules / ".bin" / "coffee")
        required(modules / "hubot-flowdock")
        node = shutil.which("node")
        if node is None:
            pytest.skip("Node.js is not installed (Debian, Ubuntu: 'apt-get install npm')")
        environment = {
            "PATH": f"{coffee.parent}:{Path(node).parent}:/usr/bin:/bin",
            "NODE_NO_WARNINGS": "1",
            "FLOWDOCK_API_URL": api,
            "FLOWDOCK_STREAM_URL": f"{stream}/flows",
            "HUBOT_FLOWDOCK_API_TOKEN": token,
        }
        self._process = subprocess.Popen(
            [coffee, program, "--adapter", "flowdock", "--name", name, "--disable-httpd"],
            cwd=FOLDER,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )
        self.logged: list[str] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._listening = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listening.start()

    def wait_for(self, text: str) -> str:
        """The next line in its log that has this text."""
        return self._line_where(lambda line: text in line, text)

    def wait_until_it_listens(self, *flows: str) -> None:
        """Return once it follows these flows, by their names, and no others."""
        names = set(flows)
        self._line_where(
            lambda line: "listening to flows:" in line and set(line.split("flows:")[1].strip().split(", ")) == names,
            f"listening to {sorted(names)}",
        )

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)
        self._listening.join()

    def _line_where(self, is_wanted: Callable[[str], bool], what: str) -> str:
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE_SECONDS)
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"hubot said nothing of {what!r}; it said\n{''.join(self.logged)}")
            if is_wanted(line):
                return line

    def _listen(self, output: IO[str]) -> None:
        with output:
            for line in output:
                self.logged.append(line)
                self._lines.put(line)
        self._lines.put(None)
