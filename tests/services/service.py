"""A program that a test starts, kills and starts again: what PostgreSQL, Redis, pgbouncer and the object store share.

A service listens on one port of the loopback, the same for its whole life, and keeps everything in one folder. It ends
with its `close`, and should the process that started it be killed, with that.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar, Self

from tests.services.machine import Missing, free_port
from tests.services.processes import PATIENCE_SECONDS, kill_family, until, watch

_LINES_OF_LOG = 20
_INSTEAD_OF_ROOT = "postgres"
# Settings of whoever runs the tests that would reach into the programs.
_NOT_INHERITED = ("COVERAGE_", "MOTO_", "PG")


class NotWorking(Exception):
    """A service did not do what it was told; the text has the end of its log."""


class Service(ABC):
    """One program. Start it with `start` and end it with `close`, or use it in a `with` block."""

    name: ClassVar[str]
    stopped_by: ClassVar[signal.Signals] = signal.SIGTERM
    abandoned_by: ClassVar[signal.Signals] = signal.SIGKILL
    """Which signal ends it, with all its processes, when nobody is left to call `close`."""
    refuses_root: ClassVar[bool] = False

    def __init__(self, folder: Path | None = None) -> None:
        """Without a folder it makes one where temporary files go, and removes it in `close`."""
        self.port = free_port()
        self._given = folder
        self._folder: Path | None = None
        self._prepared = False
        self._process: subprocess.Popen[bytes] | None = None
        self._watch: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def folder(self) -> Path:
        """Where it keeps its files."""
        if self._folder is None:
            raise RuntimeError(f"{self.name} was never started; call start() first")
        return self._folder

    @property
    def pid(self) -> int:
        """The id of its first process."""
        if self._process is None:
            raise RuntimeError(f"{self.name} does not run; call start() first")
        return self._process.pid

    def start(self) -> None:
        """Return once it answers.

        Raises:
            Missing: it is not installed.
            NotWorking: it did not start.
        """
        if self._process is not None:
            raise RuntimeError(f"{self.name} runs already; call stop() or kill() first")
        if not self._prepared:
            self._folder = self._make_folder()
            self._give_away(self._folder)
            self.prepare()
            self._prepared = True
        self._process = self._run(self.command())
        self._watch = watch(self._process.pid, self.abandoned_by)
        try:
            until(self._ready, "answers")
            self.settle()
        except (NotWorking, TimeoutError) as error:
            self.kill()
            raise NotWorking(f"{self.name} did not start: {error}; its log ends:\n{self._end_of_log()}") from error

    def stop(self) -> None:
        """End it in good order; it can be started again."""
        if self._process is not None:
            self._process.send_signal(self.stopped_by)
            try:
                self._process.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
            self._forget()

    def kill(self) -> None:
        """End all its processes in the middle of whatever they do; it can be started again."""
        if self._process is not None:
            if self._process.poll() is None:
                kill_family(self._process.pid)
            self._process.wait()
            self._forget()

    def restart(self) -> None:
        """Stop it if it runs, and bring it back on the same port with what it stored."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it and leave nothing behind; a folder that was given stays."""
        try:
            self.stop()
        finally:
            if self._given is None and self._folder is not None:
                shutil.rmtree(self._folder)
                self._folder = None
                self._prepared = False

    def log(self) -> str:
        """What it said so far."""
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    @abstractmethod
    def command(self) -> list[str]:
        """Which program to run, with its arguments."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it can be used."""

    def place(self) -> Path | None:
        """Where to make its folder if it was given none; usually where temporary files go."""
        return None

    def prepare(self) -> None:  # noqa: B027 - most need nothing
        """What to do once, in its empty folder, before it starts for the first time."""

    def settle(self) -> None:  # noqa: B027 - most need nothing
        """What to do each time it has started."""

    def run_to_end(self, command: list[str]) -> None:
        """Run a program that prepares something."""
        if self._run(command).wait() != 0:
            raise NotWorking(f"{command[0]} failed; its log ends:\n{self._end_of_log()}")

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        owner = self._owner()
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self.folder,
                env={name: value for name, value in os.environ.items() if not name.startswith(_NOT_INHERITED)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl+C then ends the tests alone, and they stop their services in good order.
                start_new_session=True,
                user=owner,
                group=owner,
                extra_groups=None if owner is None else [],
            )

    def _make_folder(self) -> Path:
        if self._folder is not None:
            return self._folder
        if self._given is None:
            return Path(tempfile.mkdtemp(prefix=f"flowdock-{self.name}-", dir=self.place()))
        folder = self._given / f"{self.name}-{self.port}"
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def _give_away(self, folder: Path) -> None:
        if owner := self._owner():
            shutil.chown(folder, owner, owner)
            closed = [one for one in folder.parents if not one.stat().st_mode & 0o001]
            if closed:
                raise NotWorking(f"{closed[0]} is closed to the user {owner}; give {self.name} no folder, or another")

    def _owner(self) -> str | None:
        if not self.refuses_root or os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(_INSTEAD_OF_ROOT).pw_name
        except KeyError:
            raise Missing(f"{self.name} refuses to run as root, and there is no user {_INSTEAD_OF_ROOT}") from None

    def _ready(self) -> bool:
        if self.answers():
            return True
        assert self._process is not None
        if (code := self._process.poll()) is not None:
            raise NotWorking(f"it ended with {code}")
        return False

    def _end_of_log(self) -> str:
        return "\n".join(self.log().splitlines()[-_LINES_OF_LOG:])

    def _forget(self) -> None:
        self._process = None
        if self._watch is not None:
            assert self._watch.stdin is not None
            self._watch.kill()
            self._watch.wait()
            self._watch.stdin.close()
            self._watch = None
