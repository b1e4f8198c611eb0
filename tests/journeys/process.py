"""One of several processes of a site: a real `flowdock serve`, which can be killed and started again on its port."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from flowdock.server import running

PUBLIC_URL = "http://flowdock.example"


class Process:
    """What one host runs. All processes of a site have one database, one broker and one address for the world."""

    def __init__(self, folder: Path, *, database: str, broker: str | None) -> None:
        with running.listen("127.0.0.1", 0) as probe:
            self.port: int = probe.getsockname()[1]
        self._folder = folder / f"data-{self.port}"
        self._log = folder / f"log-{self.port}"
        self._options = ["--database", database, *(["--broker", broker] if broker else [])]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Return once it accepts requests."""
        self.begin()
        self.wait()

    def begin(self) -> None:
        """Start, and leave it to `wait` to see how that goes."""
        command = [sys.executable, "-m", "flowdock", "serve", "--data", str(self._folder), "--port", str(self.port)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, "--public-url", PUBLIC_URL, "--outgoing-networks", "127.0.0.0/8", *self._options],
                env={name: value for name, value in os.environ.items() if not name.startswith("FLOWDOCK_")},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def wait(self) -> None:
        """Return once it accepts requests."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert "is running on" in line, self.log()

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def freeze(self, *, seconds: float) -> None:
        """Let it stand still for a while, with whatever it holds."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self._process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        """What it complained about so far."""
        return self._log.read_text()
