"""Webhooks are told everything, whichever process is killed while it tells them."""

import json
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from flowdock.server.couriers.webhooks import LEASE
from tests.conftest import FreshDatabase
from tests.journeys.process import Process
from tests.journeys.talking import ask, wait_until
from tests.journeys.test_several_processes import filled
from tests.server.outgoing.receiver import Receiver, Reply, Request

KILLS = 4
MESSAGES = 40
WEBHOOKS = 3


class Told:
    """What the receivers heard: numbers of events, by address. One request in ten it answers with 500."""

    def __init__(self) -> None:
        self.numbers: dict[str, list[int]] = {f"/{at}": [] for at in range(WEBHOOKS)}
        self._came = 0
        self._lock = threading.Lock()

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self._came += 1
            if self._came % 10 == 0:
                return Reply(500)
            self.numbers[request.path].append(json.loads(request.body)["id"])
            return Reply(200)


def let_time_pass(database: str) -> None:
    """As if leases were over, and what is tried again were due."""
    # A server may be about to change the same rows in another order; this is called again and again.
    with suppress(psycopg.errors.DeadlockDetected), psycopg.connect(database, autocommit=True) as connection:
        connection.execute("UPDATE webhooks SET busy_until = busy_until - %s", (LEASE,))
        connection.execute("UPDATE deliveries SET next_attempt_at = next_attempt_at - 100000000")


@pytest.mark.crash
@pytest.mark.timeout(180)
def test_every_event_is_told_although_processes_are_killed(tmp_path: Path, fresh_database: FreshDatabase) -> None:
    database, told = fresh_database(), Told()
    site = filled(tmp_path, database, flows=1)
    [path] = site.flows.values()
    with (
        Receiver(told) as receiver,
        Process(tmp_path, database=database, broker=None) as first,
        Process(tmp_path, database=database, broker=None) as second,
    ):
        for at in range(WEBHOOKS):
            wanted: dict[str, Any] = {"url": f"{receiver.url}/{at}", "events": "message"}
            ask(first.port, site.tokens[0], "POST", f"{path}/webhooks", wanted)
        sent: set[int] = set()
        for at in range(KILLS):
            for number in range(MESSAGES):
                message = {"event": "message", "content": f"message {at} {number}"}
                port = (first, second)[number % 2].port
                sent.add(ask(port, site.tokens[0], "POST", f"{path}/messages", message)["id"])
            killed = (first, second)[at % 2]
            killed.kill()
            let_time_pass(database)
            killed.start()

        def all_told() -> bool:
            let_time_pass(database)
            return all(sent <= set(numbers) for numbers in told.numbers.values())

        wait_until(all_told)
