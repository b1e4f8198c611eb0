"""A program that a test starts, kills and starts again: what PostgreSQL, Redis, pgbouncer and the object store share.

A service listens on one port of the loopback, the same for its whole life, and keeps everything in one folder. It ends
with its `close`, and should the process that started it be killed, with that. Processes are looked up in /proc.
"""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Self

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30
_LOOK_AGAIN_SECONDS = 0.01
_LINES_OF_LOG = 20
_INSTEAD_OF_ROOT = "postgres"
# Below the ports that systems give to outgoing connections: one of those could take the port of a service that is down.
_PORTS = range(20_000, 32_000)
# Settings of whoever runs the tests that would reach into the programs.
_NOT_INHERITED = ("COVERAGE_", "MOTO_", "PG")
# The process groups differ, so Ctrl+C ends only the tests, which then stop their services in good order.
_WATCH = 'read -r _; kill -s "$1" "$2"'


class Missing(Exception):
    """A program is not installed; the text says what to install."""


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
        if self._folder is None:
            self._folder = self._make_folder()
            self.prepare()
        self._process = self._run(self.command())
        self._watch = _watch(self._process.pid, self.abandoned_by)
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
                _kill_family(self._process.pid)
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
                start_new_session=True,
                user=owner,
                group=owner,
                extra_groups=None if owner is None else [],
            )

    def _make_folder(self) -> Path:
        if self._given is None:
            folder = Path(tempfile.mkdtemp(prefix=f"flowdock-{self.name}-", dir=self.place()))
        else:
            folder = self._given / f"{self.name}-{self.port}"
            folder.mkdir(parents=True, mode=0o700)
        if owner := self._owner():
            shutil.chown(folder, owner, owner)
            closed = [one for one in folder.parents if not one.stat().st_mode & 0o001]
            if closed:
                raise NotWorking(f"{closed[0]} is closed to the user {owner}; give {self.name} no folder, or another")
        return folder

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


def program(*names: str, package: str, folders: str = "usr/local/sbin") -> str:
    """The path of the first of these programs that is installed, also where only root looks.

    `folders` is a pattern, from the root, for more places to look in; that of the newest version comes first.
    """
    more = sorted(Path("/").glob(folders), key=_version, reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", *map(str, more)])
    for name in names:
        if found := shutil.which(name, path=path):
            return found
    raise Missing(f"{names[0]} is not installed; run tools/services, or install it (Debian, Ubuntu: {package})")


def until(done: Callable[[], bool], what: str) -> None:
    """Return once something is so; `what` says it for the error of giving up."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_SECONDS} s and it is still not so: {what}")
        time.sleep(_LOOK_AGAIN_SECONDS)


def free_port() -> int:
    """A port of the loopback on which nobody listens."""
    ports = random.SystemRandom()
    while True:
        port = ports.choice(_PORTS)
        with socket.socket() as probe:
            # As servers do: connections of the past do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        return port


def children(pid: int) -> list[int]:
    """The processes that a process started and that are still there."""
    everybody = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [one for one in everybody if _state(one)[1] == pid]


def is_alive(pid: int) -> bool:
    """Whether a process is there; one that ended and that nobody asked about yet is not."""
    return _state(pid)[0] not in "XZ"


def _state(pid: int) -> tuple[str, int]:
    """The letter for what a process does, `X` for nothing any more, and who started it."""
    try:
        # The name of the program comes before, in brackets, and may have any characters.
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "X", 0
    return words[0], int(words[1])


def _version(folder: Path) -> list[int]:
    return [int(part) for part in folder.parts if part.isdigit()]


def _kill_family(pid: int) -> None:
    # While it stands still it makes no new processes.
    os.kill(pid, signal.SIGSTOP)
    until(lambda: _state(pid)[0] in "TZ", f"process {pid} stands still")
    family = [pid, *children(pid)]
    for one in family:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    until(lambda: not any(map(is_alive, family)), f"none of the processes {family} is left")


def _watch(pid: int, number: signal.Signals) -> subprocess.Popen[bytes]:
    # The pipe to it closes when this process ends, however that happens. The kernel's own way (PR_SET_PDEATHSIG) goes
    # by the thread that started the program, and services are started in threads too.
    return subprocess.Popen(
        ["sh", "-c", _WATCH, "watch", number.name.removeprefix("SIG"), str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
