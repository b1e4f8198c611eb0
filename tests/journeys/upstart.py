"""A real `flowdock up` in a process of its own, which can be killed and started again on the same folder and port."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from flowdock.server import running


class Up:
    """What a user starts in a terminal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with running.listen("127.0.0.1", 0) as probe:
            self.port: int = probe.getsockname()[1]
        self.told: dict[str, Any] = {}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Return once it accepts requests."""
        environment = os.environ | {"FLOWDOCK_PROFILE": str(self._folder / "profile.json")}
        command = [sys.executable, "-m", "flowdock", "up", "--json", "--data", str(self._folder / "data")]
        self._process = subprocess.Popen(
            [*command, "--port", str(self.port)], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.told = json.loads(self._process.stdout.readline())

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None
