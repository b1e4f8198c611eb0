"""`flowdock` without the wait for an interpreter: it is loaded once, and each command runs in a fork of that process.

Pages run more than a hundred commands, and each would spend most of its time with imports. A command has the arguments,
the folder, the environment, the inputs and outputs, the signals and the exit code of a process of its own all the same.
"""

import atexit
import importlib
import io
import marshal
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path

import flowdock
from flowdock.cli import main

PATIENCE_SECONDS = 30
_NOT_LOADED = ("flowdock.__main__", "flowdock.cli.chat", "flowdock.server.store.migrations.", "flowdock.testing")

_COMMAND = """#!{python} -IS
import marshal, os, signal, socket, sys

line = socket.socket(socket.AF_UNIX)
line.connect({place!r})
socket.send_fds(line, [b"."], [0, 1, 2])
asked = marshal.dumps((os.getcwd(), sys.argv[1:], dict(os.environ)))
line.sendall(len(asked).to_bytes(4, "big") + asked)
answers = line.makefile()
pid = int(answers.readline())
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, lambda number, _: os.kill(pid, number))
sys.exit(int(answers.readline() or 137))
"""


class Warm:
    """A folder with the program `flowdock`, which asks the loaded one to run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        place = folder / "line"
        command = folder / "flowdock"
        command.write_text(_COMMAND.format(python=sys.executable, place=str(place)))
        command.chmod(0o755)
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(place)],
            stdin=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not place.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the warm program did not start")
            time.sleep(0.01)

    def close(self) -> None:
        """Ask for no more."""
        self._process.terminate()
        self._process.wait(PATIENCE_SECONDS)


def _serve(place: str) -> None:
    """Run what is asked for at a socket, each in a fork, until somebody ends this."""
    for module in pkgutil.walk_packages(flowdock.__path__, "flowdock.", onerror=lambda _: None):
        if not module.name.startswith(_NOT_LOADED):
            importlib.import_module(module.name)
    if threading.active_count() > 1:
        raise RuntimeError("an import started a thread, and threads do not outlive a fork")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    # It is found when one may ask at it.
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{place}.soon")
    listening.listen(100)
    Path(f"{place}.soon").rename(place)
    ended, end = socket.socketpair()
    for one in (ended, end):
        one.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(end.fileno())
    lines: dict[int, socket.socket] = {}
    try:
        _accept(listening, ended, lines)
    finally:
        for pid in lines:
            os.kill(pid, signal.SIGKILL)


def _accept(listening: socket.socket, ended: socket.socket, lines: dict[int, socket.socket]) -> None:
    """Fork for each line, tell it the exit code at the end, and kill the command of whoever was killed."""
    watched = select.poll()
    watched.register(listening, select.POLLIN)
    watched.register(ended, select.POLLIN)
    while True:
        for at, _ in watched.poll():
            if at == listening.fileno():
                line, _ = listening.accept()
                if (pid := os.fork()) == 0:
                    listening.close()
                    _run(line)
                lines[pid] = line
                watched.register(line, 0)
            elif at == ended.fileno():
                ended.recv(1000)
                for pid, code in iter(_next_ended, None):
                    line = lines.pop(pid)
                    watched.unregister(line)
                    with suppress(OSError):
                        line.sendall(f"{code}\n".encode())
                    line.close()
            else:
                os.kill(next(pid for pid, line in lines.items() if line.fileno() == at), signal.SIGKILL)


def _next_ended() -> tuple[int, int] | None:
    """A command that has ended, and its exit code as a shell has it."""
    with suppress(ChildProcessError):
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid:
            code = os.waitstatus_to_exitcode(status)
            return pid, code if code >= 0 else 128 - code
    return None


def _run(line: socket.socket) -> None:
    """Be the command that is asked for, and end with it."""
    code = 1
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        _become(line)
        line.sendall(f"{os.getpid()}\n".encode())
        line.close()
        code = _ended()
    except BaseException:  # noqa: BLE001 - there is nothing above this but another command's process
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        os._exit(code)


def _become(line: socket.socket) -> None:
    _, ends, _, _ = socket.recv_fds(line, 1, 3)
    for at, end in enumerate(ends):
        os.dup2(end, at)
        os.close(end)
    # The objects of before know what their files could do, and these are others.
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "rb", closefd=False)), encoding="utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(io.FileIO(at, "wb", closefd=False), encoding="utf-8", write_through=True) for at in (1, 2)
    )
    asked = line.makefile("rb")
    folder, words, environment = marshal.loads(asked.read(int.from_bytes(asked.read(4), "big")))
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    sys.argv = ["flowdock", *words]


def _ended() -> int:
    try:
        main()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    _serve(sys.argv[1])
