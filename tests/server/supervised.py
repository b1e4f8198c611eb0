"""A program that supervises workers with the plainest of applications, for tests to do their worst to.

    python -m tests.server.supervised COUNT PORT FOLDER [GLANCE_SECONDS STOP_SECONDS]

It says `ready`, then what the supervisor remarks, line by line. Workers cannot start while there is a file `broken` in
the folder. They answer with the ids of their processes, and `/hang` makes one deaf to everything.
"""

import sys
import threading
from functools import partial
from pathlib import Path

from starlette.types import Receive, Scope, Send

from flowdock.server import running
from flowdock.server.workers.supervisor import GLANCE_SECONDS, STOP_SECONDS, Supervisor
from tests.server.applications import Plain


class Fragile(Plain):
    """An application that does as a test wants."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" and (self._folder / "broken").exists():
            raise RuntimeError("the disk is made of cheese")
        if scope.get("path") == "/hang":
            (self._folder / "hung").touch()
            threading.Event().wait()
        await super().__call__(scope, receive, send)


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Supervise until told otherwise."""
    count, port, folder, *seconds = sys.argv[1:]
    glance_seconds, stop_seconds = map(float, seconds or (GLANCE_SECONDS, STOP_SECONDS))
    listening = running.listen("127.0.0.1", int(port))
    listening.listen()
    supervisor = Supervisor(
        partial(Fragile, Path(folder)),
        listening,
        count=int(count),
        remark=say,
        glance_seconds=glance_seconds,
        stop_seconds=stop_seconds,
    )
    try:
        supervisor.run(partial(say, "ready"))
    except running.CannotStart as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
