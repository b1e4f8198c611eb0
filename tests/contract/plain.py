"""Plain HTTP, as an old client speaks it: requests go out as they are written, answers come back as they were sent."""

import http.client
import json
import socket
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

PATIENCE_SECONDS = 20
"""How long anything may take before a test gives up."""

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def basic(user: str, password: str = "") -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"Authorization": "Basic " + b64encode(f"{user}:{password}".encode()).decode()}


def ask(
    url: str, method: str, target: str, *, headers: Mapping[str, str] = NOTHING, body: bytes | None = None
) -> Answer:
    """The answer to one request on a connection of its own; nothing of the target is changed on its way."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, target, body, dict(headers))
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def exchange(url: str, sent: bytes) -> bytes:
    """All that comes back for these bytes until the server closes; so the request must ask for that."""
    with _connected(url) as connection:
        connection.sendall(sent)
        received = bytearray()
        while piece := connection.recv(65536):
            received += piece
        return bytes(received)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks: a GET carries parameters in its query, everything else in a JSON body."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, path: str, **parameters: object) -> Answer:
        """Ask for something."""
        query = urlencode(parameters)
        return ask(self.url, "GET", f"{path}?{query}" if query else path, headers=self.headers)

    def post(self, path: str, **parameters: object) -> Answer:
        """Make something."""
        return self.carry("POST", path, parameters)

    def put(self, path: str, **parameters: object) -> Answer:
        """Change something."""
        return self.carry("PUT", path, parameters)

    def delete(self, path: str) -> Answer:
        """Remove something."""
        return ask(self.url, "DELETE", path, headers=self.headers)

    def carry(self, method: str, path: str, parameters: Mapping[str, object]) -> Answer:
        """Ask with these parameters in a JSON body."""
        headers = {**self.headers, "Content-Type": "application/json"}
        return ask(self.url, method, path, headers=headers, body=json.dumps(parameters).encode())

    def post_file(self, path: str, name: str, content: bytes, content_type: str = "text/plain") -> Answer:
        """Upload a file as a browser's form does."""
        parts = (
            '--limit\r\nContent-Disposition: form-data; name="event"\r\n\r\nfile\r\n'
            f'--limit\r\nContent-Disposition: form-data; name="content"; filename="{name}"\r\n'
            f"Content-Type: {content_type}\r\n\r\n"
        )
        headers = {**self.headers, "Content-Type": "multipart/form-data; boundary=limit"}
        body = parts.encode() + content + b"\r\n--limit--\r\n"
        return ask(self.url, "POST", path, headers=headers, body=body)

    def stream(self, target: str, *, accept: str = "application/json", **headers: str) -> "Stream":
        """Open a stream."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Stream(self.url, target, {**self.headers, "Accept": accept, **more})


class Stream:
    """An open stream, read line by line; leaving it closes the connection."""

    def __init__(self, url: str, target: str, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=PATIENCE_SECONDS)
        self._connection.request("GET", target, headers=dict(headers))
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.headers = self._response.headers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._response.close()
        self._connection.close()

    def line(self) -> bytes:
        """The next line with its end; empty when the body is over."""
        return self._response.readline()

    def rest(self) -> bytes:
        """Everything until the body is over."""
        return self._response.read()

    def next(self) -> Any:
        """The next event, whichever framing carries it; keep-alives are passed over."""
        return self.next_with_cursor()[1]

    def next_with_cursor(self) -> tuple[str | None, Any]:
        """The next event and the `id:` before it."""
        cursor = None
        while line := self.line():
            if line.startswith(b"id: "):
                cursor = line[4:-1].decode()
            elif line.startswith(b"data: "):
                return cursor, json.loads(line[6:])
            elif line.startswith(b"{"):
                assert line.endswith(b"}\r\n")
                return None, json.loads(line)
        raise AssertionError("the stream ended")

    def until(self, wanted: Callable[[Any], bool]) -> list[Any]:
        """The events up to the first wanted one, which is the last of them."""
        events = [self.next()]
        while not wanted(events[-1]):
            events.append(self.next())
        return events


def said(content: object) -> Callable[[Any], bool]:
    """Whether an event is a message of this content."""
    return lambda event: event["event"] == "message" and event["content"] == content


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname is not None
    return socket.create_connection((parts.hostname, parts.port or 80), timeout=PATIENCE_SECONDS)
