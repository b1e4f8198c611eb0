"""A real `flowdock serve` on a shared database, which can be killed and started again on the same port."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from flowdock.server import running


class Process:
    """One of the processes of a site."""

    def __init__(self, folder: Path, *, database: str, broker: str) -> None:
        with running.listen("127.0.0.1", 0) as probe:
            self.port: int = probe.getsockname()[1]
        given = {"DATA": str(folder), "DATABASE": database, "BROKER": broker}
        self._environment = os.environ | {f"FLOWDOCK_{name}": value for name, value in given.items()}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Return once it accepts requests; a database that is just coming back may take several tries."""
        for _ in range(60):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flowdock", "serve", "--port", str(self.port)],
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            assert self._process.stdout is not None
            if "is running on" in self._process.stdout.readline():
                return
            self.kill()
        raise AssertionError("it does not start")

    def restart(self) -> None:
        """Kill it in the middle of whatever it does, and start it again."""
        self.kill()
        self.start()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None
