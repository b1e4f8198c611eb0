"""A program that is killed between events and started anew passes nothing over."""

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import flowdock
from flowdock.testing import Server

KILLS = 4
PROGRAM = """
import sys, flowdock

token, org, flow, url, since, path, marks = sys.argv[1:]
with flowdock.connect(token=token, org=org, flow=flow, api_url=url) as flow:
    with flow.events(since=int(since), checkpoint=path) as stream:
        for event in stream:
            if event["id"] is not None:
                print(event["id"], flush=True)
            if marks:
                stream.handled()
"""


class Run:
    """The program, and the ids that it has dealt with."""

    def __init__(self, arguments: list[str]) -> None:
        self.ids: list[int] = []
        self._program = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True)

    def read(self, number: int) -> None:
        """Wait until it has dealt with so many more."""
        assert self._program.stdout is not None
        while number > 0:
            line = self._program.stdout.readline()
            assert line, "it ended by itself"
            self.ids.append(int(line))
            number -= 1

    def kill(self) -> None:
        self._program.kill()
        assert self._program.stdout is not None
        # What it still did before it died.
        self.ids += [int(line) for line in self._program.stdout if line.endswith("\n")]
        self._program.wait()
        self._program.stdout.close()


@contextmanager
def speaking(flow: flowdock.Flow) -> Iterator[None]:
    """Somebody says one thing after the other in the meantime."""
    stop = threading.Event()

    def speak() -> None:
        while not stop.wait(0.002):
            flow.send("Hello")

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        yield
    finally:
        stop.set()
        speaker.join()


@pytest.mark.crash
@pytest.mark.parametrize("marks", ["", "handled"])
def test_a_killed_program_goes_on_with_the_event_it_was_at(server: Server, tmp_path: Path, marks: str) -> None:
    chance = random.Random(3569)
    with flowdock.connect(token=server.user.token, org=server.org, flow=server.flow, api_url=server.url) as flow:
        begins = flow.send("before")["id"]
        bob = [server.second_user.token, server.org, server.flow, server.url, str(begins), str(tmp_path / "seen.db")]
        runs: list[list[int]] = []
        with speaking(flow):
            for _ in range(KILLS):
                run = Run([*bob, marks])
                run.read(chance.randrange(1, 60))
                run.kill()
                runs.append(run.ids)

    last = begins
    for ids in runs:
        # The one that it was at comes again, unless it was marked, or the next one was asked for, before the end.
        assert ids[0] in {last, last + 1}
        assert ids == list(range(ids[0], ids[-1] + 1))
        last = ids[-1]
