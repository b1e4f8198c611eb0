"""The command line as other programs meet it: words in, a code and two texts out."""

import json
import re
import signal
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.request import Request, urlopen

SECONDS = 30
"""After which a test gives up waiting."""


@dataclass(frozen=True, slots=True)
class Program:
    """How a program ended."""

    code: int
    out: str
    err: str

    @property
    def complaint(self) -> str:
        """The one line on standard error with which it failed."""
        assert self.code == 1, self
        assert self.out == ""
        assert self.err.count("\n") == 1, self.err
        return self.err.removesuffix("\n")


Run: TypeAlias = Callable[..., Program]


class Running:
    """A program that runs."""

    def __init__(self, *words: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flowdock", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def line(self) -> str:
        """The next line it prints, with its line feed; nothing at the end."""
        return self._lines.get(timeout=SECONDS)

    def line_if_any(self, *, seconds: float) -> str | None:
        """The next line it prints, unless none comes within so many seconds."""
        try:
            return self._lines.get(timeout=seconds)
        except Empty:
            return None

    def json(self) -> Any:
        """The next line it prints, decoded."""
        line = self.line()
        assert line, self.end()
        return json.loads(line)

    def end(self, number: int = signal.SIGTERM) -> Program:
        """How it ends after a signal."""
        self.process.send_signal(number)
        return self.ended()

    def ended(self) -> Program:
        """How it ends by itself; what was read of its output is not in there."""
        code = self.process.wait(SECONDS)
        self._reading.join(SECONDS)
        left = "".join(self._lines.get() for _ in range(self._lines.qsize()))
        assert self.process.stderr is not None
        return Program(code, left, self.process.stderr.read())

    def tell_to_end(self) -> None:
        """Ask it to end, and do not wait."""
        self.process.terminate()

    def close(self) -> None:
        """Make sure that nothing is left of it."""
        self.tell_to_end()
        try:
            self.process.wait(SECONDS)
        finally:
            self.process.kill()
        self._reading.join(SECONDS)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put("")


def address_in(line: str) -> str:
    """The first address of a server in a line."""
    found = re.search(r"http://[^\s;]+", line)
    assert found, line
    return found[0]


def signed_in(url: str, email: str, password: str) -> str:
    """The nick of who signs in."""
    request = Request(
        f"{url}/user", headers={"Authorization": f"Basic {b64encode(f'{email}:{password}'.encode()).decode()}"}
    )
    with urlopen(request) as answer:
        return str(json.load(answer)["nick"])


class Start:
    """Starts programs, and ends those that are left."""

    def __init__(self) -> None:
        self._started: list[Running] = []

    def __call__(self, *words: str) -> Running:
        """Start `flowdock` with these words."""
        self._started.append(Running(*words))
        return self._started[-1]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for running in self._started:
            running.tell_to_end()
        for running in self._started:
            running.close()
