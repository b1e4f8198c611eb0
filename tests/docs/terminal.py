"""A command at a terminal: what a person would see of it, without colours.

Standard output is a terminal, so that programs show what they show to people. Standard error is a pipe: progress bars
stay away, and what goes wrong is read all the same.
"""

import os
import pty
import re
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from signal import SIGINT, SIGKILL

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Running:
    """A command that was started in a folder; it has a process group of its own, which Ctrl-C reaches as a whole."""

    def __init__(self, command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> None:
        screen, stdout = pty.openpty()
        complaints, stderr = os.pipe()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
            )
        finally:
            os.close(stdout)
            os.close(stderr)
        self._said: list[bytes] = []
        self._readers = [threading.Thread(target=self._read, args=(end,), daemon=True) for end in (screen, complaints)]
        for reader in self._readers:
            reader.start()

    @property
    def said(self) -> str:
        """What it printed so far, on both outputs."""
        return _CONTROL.sub("", b"".join(self._said).decode(errors="replace"))

    def first_line(self, *, timeout: float) -> str:
        """The first line it printed, waited for."""
        deadline = time.monotonic() + timeout
        while "\n" not in self.said:
            if time.monotonic() > deadline or self.is_over:
                raise AssertionError(f"no line within {timeout} s, only {self.said!r}")
            time.sleep(0.01)
        return self.said.partition("\n")[0]

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def end(self, *, timeout: float) -> int:
        """Its exit code, waited for."""
        code = self._process.wait(timeout)
        for reader in self._readers:
            reader.join(timeout)
        return code

    def interrupt(self, *, timeout: float) -> int:
        """Press Ctrl-C: its exit code."""
        os.killpg(self._process.pid, SIGINT)
        return self.end(timeout=timeout)

    def kill(self) -> None:
        """End it at any price, if it still runs."""
        if not self.is_over:
            os.killpg(self._process.pid, SIGKILL)
            self.end(timeout=10)

    def _read(self, source: int) -> None:
        # A terminal whose last program has gone gives an error instead of an end.
        with suppress(OSError):
            while content := os.read(source, 65536):
                self._said.append(content)
        os.close(source)
