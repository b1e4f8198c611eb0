"""Workers under a supervisor, as real processes: whatever becomes of one of them, the socket is served."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.journeys.talking import LOST, wait_until
from tests.server.applications import Asking

SECONDS = 30
SOON_SECONDS = 0.5


class Supervised:
    """The program, and what it says."""

    def __init__(self, folder: Path, count: int, *seconds: float, stdin: int = subprocess.DEVNULL) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        words = [str(one) for one in (count, self.port, folder, *seconds)]
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.server.supervised", *words],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            start_new_session=True,
        )
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def line(self) -> str:
        """What it says next; nothing at the end."""
        return self._lines.get(timeout=SECONDS)

    def is_silent(self) -> bool:
        return self._lines.empty()

    def numbers(self, pattern: str) -> list[int]:
        """The ids of processes in what it says next, which must be of this form."""
        line = self.line()
        found = re.fullmatch(pattern.replace("N", r"(\d+)"), line)
        assert found, line
        return [int(number) for number in found.groups()]

    def ask(self, path: str = "/") -> int:
        """The id of the worker that answers a new connection."""
        with Asking(self.port) as asking:
            return int(asking.ask(path).read())

    def workers(self, count: int) -> set[int]:
        """The ids of so many workers, each of which answers sooner or later."""
        found: set[int] = set()

        def are_found() -> bool:
            found.add(self.ask())
            return len(found) == count

        wait_until(are_found)
        return found

    def hang(self, asking: Asking) -> None:
        """Make the worker at the other end deaf to everything."""
        asking.request("GET", "/hang")
        wait_until((self.folder / "hung").exists)

    def kill(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self) -> tuple[int, str]:
        """How it ended: its exit code, and what it complained of."""
        code = self.process.wait(SECONDS)
        self._reading.join(SECONDS)
        assert self.process.stderr is not None
        return code, self.process.stderr.read()

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(SOON_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.terminate()  # told again, nobody waits for requests under way
        self.process.wait(SECONDS)
        self._reading.join(SECONDS)
        for pipe in (self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.removesuffix("\n"))
        self._lines.put("")


Supervise = Callable[..., Supervised]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Start a supervisor with so many workers."""
    started: list[Supervised] = []

    def start(count: int, *seconds: float, stdin: int = subprocess.DEVNULL) -> Supervised:
        started.append(Supervised(tmp_path, count, *seconds, stdin=stdin))
        return started[-1]

    yield start
    for one in started:
        one.close()


def is_gone(pid: int) -> bool:
    """Whether there is no such process any more."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_it_is_ready_once_all_workers_answer(supervise: Supervise) -> None:
    supervised = supervise(2)

    assert supervised.line() == "ready"

    assert len(supervised.workers(2)) == 2
    assert supervised.is_silent()


def test_while_one_worker_is_busy_the_other_answers(supervise: Supervise) -> None:
    supervised = supervise(2, 5, 0.5)
    supervised.line()
    with Asking(supervised.port) as asking:
        supervised.hang(asking)

        assert len({supervised.ask() for _ in range(20)}) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_of_them_at_once_and_gently(supervise: Supervise, number: int) -> None:
    supervised = supervise(2)
    supervised.line()
    workers = supervised.workers(2)
    with Asking(supervised.port) as idle:
        assert idle.goes_on_after("/")

        supervised.kill(number)

        assert idle.ended()
    assert supervised.ended() == (0, "")
    assert supervised.line() == ""
    assert all(map(is_gone, workers))


def test_who_comes_while_they_end_is_refused_at_once(supervise: Supervise) -> None:
    supervised = supervise(1)
    supervised.line()
    with Asking(supervised.port) as late:
        late.request("GET", "/late")
        supervised.ask()  # by now the other request has begun

        supervised.kill(signal.SIGTERM)

        wait_until(lambda: is_refused(supervised.port), seconds=2)
        assert supervised.process.poll() is None


def is_refused(port: int) -> bool:
    with socket.socket() as knocking:
        return knocking.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED


def test_an_interrupt_from_the_keyboard_goes_to_all_of_them_and_ends_them_gently(supervise: Supervise) -> None:
    supervised = supervise(2)
    supervised.line()

    os.killpg(supervised.process.pid, signal.SIGINT)

    assert supervised.ended() == (0, "")
    assert supervised.line() == ""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="only Linux tells which children a process has")
def test_an_interrupt_while_workers_start_leaves_no_trace(supervise: Supervise) -> None:
    supervised = supervise(3)
    wait_until(lambda: len(children_of(supervised.process.pid)) == 4)  # with Python's tracker of resources

    os.killpg(supervised.process.pid, signal.SIGINT)

    assert supervised.ended() == (0, "")


def test_closing_the_terminal_it_was_started_in_ends_it(supervise: Supervise) -> None:
    terminal, its_end = os.openpty()
    supervised = supervise(1, stdin=its_end)
    os.close(its_end)
    assert supervised.line() == "ready"
    supervised.kill(signal.SIGHUP)
    supervised.numbers("worker N takes the place of worker N")

    os.close(terminal)
    supervised.kill(signal.SIGHUP)  # as the terminal would, if it were the one that controls it

    assert supervised.ended() == (0, "")
    assert supervised.line() == ""


def children_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()


def test_a_worker_that_dies_is_replaced_at_once(supervise: Supervise) -> None:
    supervised = supervise(1)
    supervised.line()
    first = supervised.ask()

    os.kill(first, signal.SIGKILL)
    second = supervised.ask()

    assert second != first
    assert supervised.line() == f"worker {first} was ended by SIGKILL; another one takes its place"


def test_while_one_worker_dies_the_others_serve(supervise: Supervise) -> None:
    supervised = supervise(2)
    supervised.line()
    first, second = supervised.workers(2)
    os.kill(first, signal.SIGKILL)

    assert supervised.ask() == second


def test_workers_that_die_again_and_again_are_replaced_with_pauses(supervise: Supervise) -> None:
    supervised = supervise(1)
    supervised.line()

    for pause in ("another one takes its place", "the next try is in 1 s", "the next try is in 2 s"):
        worker = supervised.ask()
        os.kill(worker, signal.SIGKILL)
        assert supervised.line() == f"worker {worker} was ended by SIGKILL; {pause}"


def test_a_worker_that_is_told_to_leave_is_replaced_while_it_does(supervise: Supervise) -> None:
    supervised = supervise(1)
    supervised.line()
    with Asking(supervised.port) as idle:
        first = int(idle.ask("/").read())
        os.kill(first, signal.SIGTERM)
        assert supervised.line() == f"worker {first} was told to leave; another one takes its place"

        assert supervised.ask() != first

        assert int(idle.ask("/").read()) == first
    wait_until(lambda: is_gone(first), seconds=3)


def test_a_rolling_restart_replaces_every_worker(supervise: Supervise) -> None:
    supervised = supervise(2)
    supervised.line()
    old = supervised.workers(2)

    supervised.kill(signal.SIGHUP)

    pairs = [supervised.numbers("worker N takes the place of worker N") for _ in old]
    assert {replaced for _, replaced in pairs} == old
    new = {successor for successor, _ in pairs}
    wait_until(lambda: all(map(is_gone, old)))
    assert supervised.workers(2) == new


@pytest.mark.slow
def test_a_rolling_restart_has_one_worker_leave_at_a_time(supervise: Supervise) -> None:
    supervised = supervise(2)
    supervised.line()
    with ExitStack() as kept:
        held: dict[int, Asking] = {}
        while len(held) < 2:
            asking = kept.enter_context(Asking(supervised.port))
            number = int(asking.ask("/").read())
            if held.setdefault(number, asking) is not asking:
                asking.close()

        supervised.kill(signal.SIGHUP)

        _, first = supervised.numbers("worker N takes the place of worker N")
        assert not is_gone(first)
        held[first].close()
        _, second = supervised.numbers("worker N takes the place of worker N")
        assert is_gone(first)
        assert {first, second} == held.keys()


def test_a_worker_retires_only_when_its_successor_answers(supervise: Supervise) -> None:
    supervised = supervise(1)
    supervised.line()
    (supervised.folder / "broken").touch()
    first = supervised.ask()

    supervised.kill(signal.SIGHUP)

    [failed] = supervised.numbers("worker N cannot start: the disk is made of cheese; the others go on as they are")
    assert failed != first
    assert supervised.ask() == first
    (supervised.folder / "broken").unlink()
    supervised.kill(signal.SIGHUP)
    assert supervised.line().endswith(f"takes the place of worker {first}")


def test_signals_add_and_take_away_workers(supervise: Supervise) -> None:
    supervised = supervise(1)
    supervised.line()

    supervised.kill(signal.SIGTTIN)
    assert supervised.line() == "2 workers from now on"
    first, second = supervised.workers(2)

    supervised.kill(signal.SIGTTOU)
    assert supervised.line() == "1 workers from now on"
    wait_until(lambda: is_gone(first) != is_gone(second))

    supervised.kill(signal.SIGTTOU)
    assert supervised.line() == "1 workers from now on"
    assert supervised.ask() in {first, second}


def test_a_first_worker_that_cannot_start_ends_everything(supervise: Supervise, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()

    supervised = supervise(2)

    code, complaint = supervised.ended()
    assert code == 1
    assert re.fullmatch(r"worker \d+ cannot start: the disk is made of cheese\n", complaint)


def test_a_worker_that_does_not_answer_is_killed_and_replaced(supervise: Supervise) -> None:
    supervised = supervise(1, 0.1, 8)
    supervised.line()
    first = supervised.ask()
    with Asking(supervised.port) as asking:
        supervised.hang(asking)

        assert supervised.line() == f"worker {first} was silent for 0.6 s and is killed"
        assert supervised.line() == f"worker {first} was ended by SIGKILL; another one takes its place"

    assert supervised.ask() != first


def test_a_worker_that_does_not_end_is_killed(supervise: Supervise) -> None:
    supervised = supervise(1, 5, 0.5)
    supervised.line()
    worker = supervised.ask()
    with Asking(supervised.port) as asking:
        supervised.hang(asking)

        supervised.kill(signal.SIGTERM)

        assert supervised.line() == f"worker {worker} did not end within 0.5 s and is killed"
        assert supervised.ended() == (0, "")


def test_when_the_supervisor_is_killed_its_workers_end_and_free_the_address(supervise: Supervise) -> None:
    supervised = supervise(2)
    supervised.line()
    workers = supervised.workers(2)

    supervised.kill(signal.SIGKILL)

    wait_until(lambda: all(map(is_gone, workers)))
    with pytest.raises(ConnectionRefusedError):
        supervised.ask()


def test_under_a_load_of_kept_connections_a_rolling_restart_loses_no_request(supervise: Supervise) -> None:
    supervised = supervise(2)
    supervised.line()
    stop, failures, answered = threading.Event(), list[Exception](), list[int]()

    def ask_for_ever() -> None:
        while not stop.is_set():
            try:
                with Asking(supervised.port) as asking:
                    while asking.goes_on_after("/") and not stop.is_set():
                        answered.append(1)
            except LOST as error:
                failures.append(error)

    askers = [threading.Thread(target=ask_for_ever, daemon=True) for _ in range(8)]
    for asker in askers:
        asker.start()
    for _ in range(2):
        before = len(answered)
        supervised.kill(signal.SIGHUP)
        for _ in range(2):
            supervised.numbers("worker N takes the place of worker N")
        wait_until(lambda: len(answered) > before + 100)  # noqa: B023
    stop.set()
    for asker in askers:
        asker.join(SECONDS)

    assert failures == []
