"""A bot that is killed again and again does everything once."""

import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest

import flowdock
from flowdock.bot.memory import Memory
from flowdock.testing import Server
from tests.bot.lives import Life

KILLS = 100


class Talkers:
    """People who command the bot until they are told to stop."""

    def __init__(self, flow: flowdock.Flow) -> None:
        self.said: list[Any] = []
        self._flow = flow
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._talk)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _talk(self) -> None:
        while not self._enough.wait(0.02):
            # Every third goes on in the thread of the one before.
            thread_id = self.said[-1]["thread_id"] if len(self.said) % 3 == 2 else None
            self.said.append(self._flow.send("@carol count", thread_id=thread_id))


@pytest.mark.crash
@pytest.mark.slow
def test_a_bot_killed_a_hundred_times_answers_and_counts_everything_once(
    server: Server, flow: flowdock.Flow, tmp_path: Path
) -> None:
    chance, memory = random.Random(3569), tmp_path / "bot.db"
    given = {"token": server.third_user.token, "api_url": server.url, "flow": f"{flow.org}/{flow.flow}"}
    with Life(**given, memory=memory):
        wait_until(lambda: memory.exists() and Memory(memory).cursor is not None)
    with Talkers(flow) as talkers:
        for _ in range(KILLS):
            with Life(**given, memory=memory):
                time.sleep(chance.uniform(0.01, 0.12))
    with Life(**given, memory=memory):
        wait_until(lambda: len(answers(flow)) >= 2 * len(talkers.said))
        wait_until(lambda: Memory(memory).state("bot").get("counted") == len(talkers.said))

    said = [message["id"] for message in talkers.said]
    found = answers(flow)
    assert len(found) == 2 * len(said)
    assert {content: sum(one["content"] == content for one in found) for content in ("counted", "remarked")} == {
        "counted": len(said),
        "remarked": len(said),
    }
    kept = Memory(memory)
    assert kept.state(f"user {server.user.id}") == {"remarks": len(said)}
    threads = {message["thread_id"] for message in talkers.said}
    assert sum(kept.state(thread)["counted"] for thread in threads) == len(said)
    assert kept.done() == set()


def answers(flow: flowdock.Flow) -> list[Any]:
    """What the bot said in a flow."""
    found: list[Any] = []
    since = 0
    while page := flow.list(event="message", since_id=since, sort="asc", limit=100):
        since = page[-1]["id"]
        found += [one for one in page if one["content"] in ("counted", "remarked")]
    return found


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that happens in another process."""
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
