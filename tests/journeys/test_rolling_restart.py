"""While all workers are replaced, every request is answered and every reader sees every event once."""

import http.client
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FreshDatabase
from tests.journeys.serving import Serving
from tests.journeys.talking import LOST, Reader, basic, wait_until

RESTARTS = 2
TALKERS = 6
PATH = "/flows/acme/main/messages"


class Talker(threading.Thread):
    """Says something and reads it again, and tries nothing twice.

    A faithful one keeps each connection for as long as it may, another has one for each message.
    """

    def __init__(self, port: int, token: str, *, name: str, faithful: bool, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.faithful = faithful
        self.said: dict[int, str] = {}
        """The content of each of its messages by id."""
        self.failures: list[object] = []
        self.connections = 0
        self._port, self._headers, self._stopping = port, basic(token), stop
        self._headers |= {"Content-Type": "application/json"}

    def run(self) -> None:
        """Go on until told to stop."""
        while not self._stopping.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
            try:
                connection.connect()
                connection.auto_open = 0
                self.connections += 1
                self._talk(connection)
            except LOST as error:
                self.failures.append(error)
            finally:
                connection.close()

    def _talk(self, connection: http.client.HTTPConnection) -> None:
        """Go on until the server says that it was the last time."""
        while not self._stopping.is_set():
            content = f"{self.name} {len(self.said)}"
            sent, is_last = self._ask(connection, "POST", PATH, {"event": "message", "content": content})
            if sent is not None:
                self.said[sent["id"]] = content
            if is_last or sent is None:
                return
            read, is_last = self._ask(connection, "GET", f"{PATH}/{sent['id']}")
            if read != sent:
                self.failures.append((sent, read))
            if is_last or not self.faithful:
                return

    def _ask(
        self, connection: http.client.HTTPConnection, method: str, path: str, content: object = None
    ) -> tuple[dict[str, Any] | None, bool]:
        """The answer, if it is good, and whether the connection ends with it."""
        connection.request(method, path, None if content is None else json.dumps(content), self._headers)
        response = connection.getresponse()
        body = response.read()
        if response.status >= 300:
            self.failures.append((response.status, body))
            return None, response.will_close
        return json.loads(body), response.will_close


@pytest.mark.slow
def test_a_rolling_restart_drops_no_request_and_no_event(
    fresh_database: FreshDatabase, fresh_redis: str, tmp_path: Path
) -> None:
    stop = threading.Event()
    with Serving(tmp_path, database=fresh_database(), broker=fresh_redis, workers=2) as serving:
        readers = [
            Reader(serving.port, serving.token, path)
            for path in ("/stream/flows/acme/main", "/stream/flows?filter=acme/main&user=1")
            for _ in range(3)
        ]
        talkers = [
            Talker(serving.port, serving.token, name=f"t{at}", faithful=at % 2 == 0, stop=stop) for at in range(TALKERS)
        ]
        for reader in readers:
            reader.start()
            assert reader.following.wait(30)
        for talker in talkers:
            talker.start()

        for _ in range(RESTARTS):
            before = said_by(talkers)
            serving.restart()
            wait_until(lambda: said_by(talkers) > before + 50)  # noqa: B023
        stop.set()
        for talker in talkers:
            talker.join(30)

        said = {number: content for talker in talkers for number, content in talker.said.items()}
        for reader in readers:
            wait_until(lambda: any(event["id"] == max(said) for event in reader.events[-50:]))  # noqa: B023
            reader.stop()
        remarks = serving.end()

    assert [failure for talker in talkers for failure in talker.failures] == []
    assert remarks == ""
    assert all(talker.connections > 1 for talker in talkers)
    for reader in readers:
        assert reader.connections >= RESTARTS
        seen = [event["id"] for event in reader.events]
        assert seen == list(range(seen[0], seen[0] + len(seen)))
        assert {event["id"]: event["content"] for event in reader.events if event["event"] == "message"} == said


def said_by(talkers: list[Talker]) -> int:
    """How many messages they sent."""
    return sum(len(talker.said) for talker in talkers)
