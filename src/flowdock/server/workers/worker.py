"""A worker as its supervisor sees it."""

import multiprocessing
import signal
import time
from contextlib import suppress
from enum import Enum, auto
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from socket import socket

from flowdock.server.workers import process
from flowdock.server.workers.process import Make

PROVEN_SECONDS = 10.0
"""Who lived for so long can do its work; what ended it may not happen again."""

_FOR_THE_SUPERVISOR = {signal.SIGINT, signal.SIGHUP}


class Stage(Enum):
    """Where it is in its life."""

    STARTING = auto()
    SERVING = auto()
    LEAVING = auto()


class Worker:
    """A process that serves, or is about to, or was; it ends with the supervisor."""

    def __init__(self, make: Make, listening: socket) -> None:
        self.stage = Stage.STARTING
        self.unanswered = 0
        """For how many of the supervisor's glances nothing came from it."""
        self._began = time.monotonic()
        self._error = ""
        self._is_mute = False
        self._connection, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(
            target=process.work, args=(make, listening, theirs), daemon=True
        )
        resource_tracker.ensure_running()  # which every process needs that is started so, and which unblocks signals
        # What a terminal sends goes to all of us; only one should decide what comes of it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _FOR_THE_SUPERVISOR)
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
        self.number = self._process.pid or 0
        """The id of the process."""

    @property
    def sentinel(self) -> int:
        """What becomes ready when the process ends."""
        return self._process.sentinel

    @property
    def signs(self) -> tuple[int | Connection, ...]:
        """What becomes ready when something happens."""
        return (self.sentinel,) if self._is_mute else (self.sentinel, self._connection)

    @property
    def is_proven(self) -> bool:
        """Whether it lived for a while."""
        return time.monotonic() - self._began > PROVEN_SECONDS

    def look(self) -> None:
        """Ask whether it is alive, unless it was asked already: questions must not pile up before who is not."""
        self.unanswered += 1
        if self.unanswered == 1:
            self._tell(process.PING)

    def retire(self) -> None:
        """Let it end without anybody's harm."""
        self._leave(process.RETIRE)

    def stop(self) -> None:
        """Let it end soon, at the second time at once."""
        self._leave(process.STOP)

    def kill(self) -> None:
        """End it."""
        self._process.kill()

    def hear(self) -> None:
        """Take what it says."""
        try:
            while self._connection.poll():
                self._take(self._connection.recv_bytes())
        except (EOFError, OSError):
            self._is_mute = True

    def ended(self) -> str:
        """How it ended, as a sentence; nothing is left of it then."""
        self._process.join()
        code = self._process.exitcode or 0
        self._process.close()
        self._connection.close()
        if self._error:
            return f"worker {self.number} cannot start: {self._error}"
        if code < 0:
            return f"worker {self.number} was ended by {_name_of(-code)}"
        return f"worker {self.number} ended with exit code {code}"

    def _leave(self, word: bytes) -> None:
        self.stage = Stage.LEAVING
        self.unanswered = 0
        self._tell(word)

    def _tell(self, word: bytes) -> None:
        with suppress(OSError):  # it is gone, which its sentinel tells
            self._connection.send_bytes(word)

    def _take(self, word: bytes) -> None:
        self.unanswered = 0
        if word == process.READY and self.stage is Stage.STARTING:
            self.stage = Stage.SERVING
        elif word == process.LEAVING:
            self.stage = Stage.LEAVING
        elif word.startswith(process.FAILED):
            self._error = word.removeprefix(process.FAILED).decode(errors="replace")


def _name_of(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
