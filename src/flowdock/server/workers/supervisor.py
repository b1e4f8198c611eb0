"""Watches over workers: starts them, replaces them, ends them.

It opens no database and answers no request, so nothing of theirs brings it down. What it does next follows from what
there is: `_balance` starts and retires workers until there are as many as wanted.
"""

import math
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from multiprocessing.connection import wait

from flowdock.server.running import CannotStart
from flowdock.server.workers.process import Make
from flowdock.server.workers.worker import Stage, Worker

GLANCE_SECONDS = 5.0
"""How often workers are asked whether they live."""
PATIENCE = {Stage.STARTING: 12, Stage.SERVING: 6, Stage.LEAVING: 15}
"""How many such questions a worker may leave unanswered. Counted, not timed: a machine that slept wrongs nobody."""
STOP_SECONDS = 8.0
"""Who has not ended so long after being told to is killed."""
LONGEST_PAUSE_SECONDS = 30.0

_HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGTTIN, signal.SIGTTOU)


class Supervisor:
    """Keeps so many workers serving a socket, whatever becomes of any of them.

    SIGHUP replaces all of them, one after another; SIGTTIN adds one, SIGTTOU takes one away; SIGTERM and SIGINT end
    everything, when they come again at once. `remark` is told what happens, in lines for people.
    """

    def __init__(
        self,
        make: Make,
        listening: socket.socket,
        *,
        count: int,
        remark: Callable[[str], None],
        glance_seconds: float = GLANCE_SECONDS,
        stop_seconds: float = STOP_SECONDS,
    ) -> None:
        self._make = make
        self._listening = listening
        self._wanted = count
        self._remark = remark
        self._glance_seconds = glance_seconds
        self._stop_seconds = stop_seconds
        self._workers: list[Worker] = []
        self._outdated: list[Worker] = []
        """Those that a rolling restart has still to replace, the next one first."""
        self._were_ready = False
        self._error: CannotStart | None = None
        self._failures = 0
        """How many workers in a row ended before they were proven."""
        self._pause_until = 0.0
        self._next_glance = 0.0
        self._patience_ends = 0.0
        """When those are killed that were told to stop; 0 before."""
        self._has_terminal = sys.stdin is not None and sys.stdin.isatty()

    def run(self, on_ready: Callable[[], None]) -> None:
        """Return when everything has ended; `on_ready` is called once, when all workers accept requests.

        Raises:
            CannotStart: one of the first workers could not.
        """
        self._next_glance = time.monotonic() + self._glance_seconds
        try:
            with _signals() as signals:
                while self._workers or not self._patience_ends:
                    self._balance()
                    self._wait(signals)
                    if not self._were_ready and len(self._at(Stage.SERVING)) == self._wanted:
                        self._were_ready = True
                        on_ready()
        finally:
            for worker in self._workers:
                worker.kill()
                worker.ended()
        if self._error is not None:
            raise self._error

    def _at(self, *stages: Stage) -> list[Worker]:
        return [worker for worker in self._workers if worker.stage in stages]

    def _balance(self) -> None:
        """Start who is missing, and retire who is too many."""
        if self._patience_ends:
            return
        # A rolling restart takes one more, but only one.
        wanted = self._wanted + bool(self._outdated and not self._at(Stage.LEAVING))
        while len(self._at(Stage.STARTING, Stage.SERVING)) < wanted and time.monotonic() >= self._pause_until:
            self._workers.append(Worker(self._make, self._listening))
        serving = self._at(Stage.SERVING)
        if len(serving) > self._wanted:
            outdated = [worker for worker in self._outdated if worker in serving]
            retiring = (outdated or serving[::-1])[0]
            if outdated:
                self._outdated.remove(retiring)
                self._remark(f"worker {serving[-1].number} takes the place of worker {retiring.number}")
            retiring.retire()

    def _wait(self, signals: socket.socket) -> None:
        """Wait until something happens, and see to it."""
        now = time.monotonic()
        moments = (self._next_glance, self._pause_until, self._patience_ends)
        patience = min((moment - now for moment in moments if moment > now), default=0)
        happened = wait([signals, *(sign for worker in self._workers for sign in worker.signs)], patience)
        for worker in [*self._workers]:
            self._hear(worker)
            if worker.sentinel in happened:
                self._lose(worker)
        if signals in happened:
            for number in signals.recv(64):
                self._obey(signal.Signals(number))
        if time.monotonic() >= self._next_glance:
            self._glance()
        if 0 < self._patience_ends <= time.monotonic():
            self._patience_ends = math.inf
            self._kill(self._workers, f"did not end within {self._stop_seconds:g} s")

    def _hear(self, worker: Worker) -> None:
        before = worker.stage
        worker.hear()
        if before is Stage.SERVING and worker.stage is Stage.LEAVING:
            self._remark(f"worker {worker.number} was told to leave; another one takes its place")

    def _obey(self, number: signal.Signals) -> None:
        if number in {signal.SIGTERM, signal.SIGINT} or (number == signal.SIGHUP and self._lost_terminal()):
            self._stop()
        elif number == signal.SIGHUP:
            self._outdated = self._at(Stage.STARTING, Stage.SERVING)
        else:
            self._wanted = max(1, self._wanted + (1 if number == signal.SIGTTIN else -1))
            self._remark(f"{self._wanted} workers from now on")

    def _lost_terminal(self) -> bool:
        """Whether the terminal was closed in which it was started; SIGHUP says that too."""
        return self._has_terminal and not os.isatty(sys.stdin.fileno())

    def _stop(self) -> None:
        self._listening.close()  # who comes now is not to wait for nobody
        self._patience_ends = self._patience_ends or time.monotonic() + self._stop_seconds
        for worker in self._workers:
            worker.stop()

    def _glance(self) -> None:
        """Ask who is alive, and kill who has not been for long."""
        self._next_glance = time.monotonic() + self._glance_seconds
        for stage, patience in PATIENCE.items():
            silent = [worker for worker in self._at(stage) if worker.unanswered >= patience]
            self._kill(silent, f"was silent for {patience * self._glance_seconds:g} s")
        for worker in self._workers:
            worker.look()

    def _kill(self, doomed: Iterable[Worker], why: str) -> None:
        for worker in doomed:
            self._remark(f"worker {worker.number} {why} and is killed")
            worker.kill()

    def _lose(self, worker: Worker) -> None:
        """See to it that a worker has ended."""
        self._workers.remove(worker)
        ended, stage = worker.ended(), worker.stage
        gives_up = stage is Stage.STARTING and bool(self._outdated)
        if gives_up:
            self._outdated.clear()
        elif worker in self._outdated:
            self._outdated.remove(worker)  # who comes for it is new
        if self._patience_ends or stage is Stage.LEAVING:
            return
        if not self._were_ready:
            self._error = CannotStart(ended)
            self._stop()
            return
        self._failures = 0 if worker.is_proven else self._failures + 1
        pause = min(2.0 ** (self._failures - 2), LONGEST_PAUSE_SECONDS) if self._failures > 1 else 0.0
        self._pause_until = time.monotonic() + pause
        follows = f"the next try is in {pause:.0f} s" if pause else "another one takes its place"
        self._remark(f"{ended}; {'the others go on as they are' if gives_up else follows}")


@contextmanager
def _signals() -> Generator[socket.socket]:
    """A socket from which the numbers of signals can be read, a byte each."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(0)
    before = {number: signal.signal(number, lambda *_: None) for number in _HEARD}
    with ours, theirs:
        earlier = signal.set_wakeup_fd(theirs.fileno())
        try:
            yield ours
        finally:
            signal.set_wakeup_fd(earlier)
            for number, handler in before.items():
                signal.signal(number, handler)
