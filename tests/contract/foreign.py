"""Somebody else's program in a process of its own, driven by lines of JSON.

Each request carries a number; every answer to it carries the same one. The driver at the other end is the only code of
ours that runs there.
"""

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import IO, Any

import pytest

from tests.contract.plain import PATIENCE_SECONDS

ROOT = Path(__file__).parents[2]
INSTALLED = ROOT / ".contract"


def required(path: Path) -> Path:
    """The path of something foreign; without it the test is skipped, saying how to get it."""
    if not path.exists():
        pytest.skip(f"{path.relative_to(ROOT)} is not there; run tools/contract-clients")
    return path


class Answers:
    """What comes back for one request: one answer, or many."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.arrived: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    @property
    def is_empty(self) -> bool:
        """Whether nothing has come yet."""
        return self.arrived.empty()

    def next(self) -> dict[str, Any]:
        """The next answer, waited for."""
        try:
            answer = self.arrived.get(timeout=PATIENCE_SECONDS)
        except queue.Empty:
            raise AssertionError(f"the driver said nothing for {PATIENCE_SECONDS} s") from None
        assert answer is not None, "the driver ended"
        return answer


class Foreign:
    """A running driver. It ends when its input does."""

    def __init__(self, command: Sequence[str | Path], *, environment: Mapping[str, str]) -> None:
        # Nothing of this process's environment, so that no proxy and no search path gets between.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(environment), encoding="utf-8"
        )
        self._numbers = count()
        self._waiting: dict[int, Answers] = {}
        self._listening = threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True)
        self._listening.start()

    def ask(self, **request: object) -> Answers:
        """Send a request; its answers come when they come."""
        number = next(self._numbers)
        answers = self._waiting[number] = Answers(number)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"number": number, **request}) + "\n")
        self._process.stdin.flush()
        return answers

    def close(self) -> None:
        """End the driver."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it ended by itself
            self._process.stdin.close()
        self._process.wait(PATIENCE_SECONDS)
        self._listening.join()

    def _listen(self, output: IO[str]) -> None:
        with output:
            for line in output:
                answer = json.loads(line)
                self._waiting[answer["number"]].arrived.put(answer)
        for answers in list(self._waiting.values()):
            answers.arrived.put(None)
