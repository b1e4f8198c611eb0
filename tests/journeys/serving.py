"""A real `flowdock serve` with several workers, for whoever wants to restart them under load."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from flowdock.server import running


class Serving:
    """What an operator runs on one host; `token` belongs to the only person, who is in the flow acme/main."""

    def __init__(self, folder: Path, *, database: str, broker: str, workers: int) -> None:
        with running.listen("127.0.0.1", 0) as probe:
            self.port: int = probe.getsockname()[1]
        self.workers = workers
        self.token = ""
        given = {"DATA": str(folder), "DATABASE": database, "BROKER": broker, "WORKERS": str(workers)}
        self._environment = os.environ | {f"FLOWDOCK_{name}": value for name, value in given.items()}
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._admin("create-org", "Acme")
        self._admin("create-user", "alice", "--email", "alice@example.com", "--org", "acme", "--admin", "--bot")
        self._admin("create-flow", "acme", "Main", "--by", "alice")
        self.token = self._admin("create-token", "alice")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flowdock", "serve", "--port", str(self.port)],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert "is running on" in self._line()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.communicate(timeout=30)

    def restart(self) -> None:
        """Have every worker replaced, and return when the last of the old ones has been told to go."""
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        for _ in range(self.workers):
            line = self._line()
            assert re.fullmatch(r"worker \d+ takes the place of worker \d+\n", line), line

    def end(self) -> str:
        """End it; what it said meanwhile."""
        assert self._process is not None
        self._process.terminate()
        said, _ = self._process.communicate(timeout=30)
        assert self._process.returncode == 0
        return said

    def _line(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def _admin(self, *words: str) -> str:
        command = [sys.executable, "-m", "flowdock", "admin", *words]
        done = subprocess.run(command, env=self._environment, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout.strip()
