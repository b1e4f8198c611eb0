"""Processes: who started whom, who is still there, and how all of them end. Linux tells in /proc."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

PATIENCE_SECONDS = 30
_LOOK_AGAIN_SECONDS = 0.01
_WATCH = 'read -r _; kill -s "$1" "$2"'


def until(done: Callable[[], bool], what: str) -> None:
    """Return once something is so; `what` says it for the error of giving up."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_SECONDS} s and it is still not so: {what}")
        time.sleep(_LOOK_AGAIN_SECONDS)


def children(pid: int) -> list[int]:
    """The processes that a process started and that are still there."""
    everybody = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [one for one in everybody if _state(one)[1] == pid]


def is_alive(pid: int) -> bool:
    """Whether a process is there; one that ended and that nobody asked about yet is not."""
    return _state(pid)[0] not in "XZ"


def kill_family(pid: int) -> None:
    """End a process and those it started, whatever they do, and return when they are gone."""
    # While it stands still it makes no new processes.
    os.kill(pid, signal.SIGSTOP)
    until(lambda: _state(pid)[0] in "TZ", f"process {pid} stands still")
    family = [pid, *children(pid)]
    for one in family:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    until(lambda: not any(map(is_alive, family)), f"none of the processes {family} is left")


def watch(pid: int, number: signal.Signals) -> subprocess.Popen[bytes]:
    """Start a process that sends this signal to another one when we end, unless it is killed before."""
    # The pipe to it closes when this process ends, however that happens. The kernel's own way (PR_SET_PDEATHSIG) goes
    # by the thread that started the program, and services are started in threads too.
    return subprocess.Popen(
        ["sh", "-c", _WATCH, "watch", number.name.removeprefix("SIG"), str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _state(pid: int) -> tuple[str, int]:
    """The letter for what a process does, `X` for nothing any more, and who started it."""
    try:
        # The name of the program comes before, in brackets, and may have any characters.
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return "X", 0
    return words[0], int(words[1])
