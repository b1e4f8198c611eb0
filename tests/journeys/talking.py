"""Writers and readers of the plainest kind: what they do on the wire is all there is to them."""

import http.client
import json
import threading
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flowdock.protocol.stream import SseDecoder

LOST = (OSError, http.client.HTTPException)


def basic(token: str) -> dict[str, str]:
    """The credentials of a token."""
    return {"Authorization": "Basic " + b64encode(f"{token}:".encode()).decode()}


def ask(port: int, token: str, method: str, path: str, content: object = None) -> Any:
    """The JSON that a server answers; an OSError or HTTPException when it does not."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        headers = basic(token) | {"Content-Type": "application/json"}
        connection.request(method, path, None if content is None else json.dumps(content), headers)
        response = connection.getresponse()
        body = response.read()
        if response.status >= 500:
            raise ConnectionError(response.status)
        assert response.status < 300, body
        return json.loads(body)
    finally:
        connection.close()


class Writer(threading.Thread):
    """Sends message after message; one that was not acknowledged is sent again under the same uuid."""

    def __init__(self, port: int, token: str, *, name: str, path: str, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.acknowledged: dict[str, int] = {}
        """The id of each message by its uuid."""
        self._port, self._token, self._path, self._stopping = port, token, path, stop

    def run(self) -> None:
        """Go on until told to stop, but leave no message unacknowledged."""
        number = 0
        while not self._stopping.is_set():
            number += 1
            uuid = f"{self.name}-{number}"
            while uuid not in self.acknowledged:
                with suppress(*LOST):
                    sent = {"event": "message", "content": f"message {uuid}", "uuid": uuid}
                    self.acknowledged[uuid] = ask(self._port, self._token, "POST", self._path, sent)["id"]


class Reader(threading.Thread):
    """Reads a stream of server-sent events, again and again from where it was cut off."""

    def __init__(self, port: int, token: str, path: str, *, cursor: str | None = None) -> None:
        super().__init__(daemon=True)
        self.events: list[dict[str, Any]] = []
        self.connections = 0
        self.following = threading.Event()
        """Set once the first stream is open."""
        self._port, self._token, self._path, self._cursor = port, token, path, cursor
        self._stopping = False
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Go on until told to stop."""
        while not self._stopping:
            with suppress(*LOST, ValueError, AttributeError):  # what `cut` in another thread leads to
                self._read()

    def cut(self) -> None:
        """Cut the connection as it is."""
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(2)

    def stop(self) -> None:
        """Read no more."""
        self._stopping = True
        self.cut()
        self.join()

    def _read(self) -> None:
        connection = self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            headers = basic(self._token) | {"Accept": "text/event-stream"}
            if self._cursor is not None:
                headers["Last-Event-ID"] = self._cursor
            connection.request("GET", self._path, headers=headers)
            response = connection.getresponse()
            assert response.status == 200
            self.connections += 1
            self._cursor = self._cursor or response.headers["Flowdock-Cursor"]
            self.following.set()
            decoder = SseDecoder()
            while chunk := response.read1(65536):
                for frame in decoder.decode(chunk):
                    self.events.append(frame.event)
                    self._cursor = frame.cursor
        finally:
            connection.close()


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Return as soon as it holds."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError("what was waited for did not happen")
