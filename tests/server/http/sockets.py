"""A client made of a bare socket, which sees every byte and reads only when it is told to."""

import json
import socket
from base64 import b64encode
from typing import Any, Self

from flowdock.protocol.stream import JsonDecoder, SseDecoder
from tests.server.http.wires import Unchunked

SSE = "text/event-stream"


class BareClient:
    """One connection to a server on this machine."""

    def __init__(self, url: str, token: str, *, receive_buffer_bytes: int | None = None) -> None:
        self._credentials = b64encode(f"{token}:".encode()).decode()
        self._socket = socket.socket()
        if receive_buffer_bytes is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self._socket.settimeout(20)
        self._socket.connect(("127.0.0.1", int(url.rpartition(":")[2])))
        self._pending = b""
        self.headers: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, path: str, *, method: str = "GET", content: Any = None, **headers: str) -> None:
        """Send a request; underscores in names of headers stand for hyphens."""
        body = b"" if content is None else json.dumps(content).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: flowdock", f"Authorization: Basic {self._credentials}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def receive(self) -> bytes:
        """Whatever has come, b"" at the end."""
        if self._pending:
            content, self._pending = self._pending, b""
            return content
        return self._socket.recv(65536)

    def head(self) -> int:
        """Read the head of an answer; its status."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._some()
        head, _, self._pending = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        return int(first.split()[1])

    def answer(self) -> tuple[int, Any]:
        """Read a whole answer: its status, and its JSON."""
        status = self.head()
        length = int(self.headers["content-length"])
        while len(self._pending) < length:
            self._pending += self._socket.recv(65536)
        body, self._pending = self._pending[:length], self._pending[length:]
        return status, json.loads(body)

    def _some(self) -> bytes:
        content = self.receive()
        assert content, "the connection ended"
        return content


class Stream(BareClient):
    """A stream, opened at once; `style` is what it accepts."""

    def __init__(
        self,
        url: str,
        token: str,
        path: str,
        *,
        style: str = SSE,
        receive_buffer_bytes: int | None = None,
        **headers: str,
    ) -> None:
        super().__init__(url, token, receive_buffer_bytes=receive_buffer_bytes)
        self.ask(path, Accept=style, **headers)
        assert self.head() == 200
        self.events: list[dict[str, Any]] = []
        self.plain = b""
        self.chunks = Unchunked()
        self.decoder = SseDecoder() if style == SSE else JsonDecoder()

    @property
    def ids(self) -> list[int]:
        return [event["id"] for event in self.events if event.get("id")]

    def read(self) -> bool:
        """Take what comes next; whether the connection goes on."""
        content = self.receive()
        plain = self.chunks.decode(content)
        self.plain += plain
        self.events += [frame.event for frame in self.decoder.decode(plain)]
        return content != b""

    def read_until(self, number: int) -> list[int]:
        """The ids of everything up to this number."""
        while number not in self.ids[-600:]:
            assert self.read(), f"the stream ended after {self.ids[-3:]}"
        return self.ids

    def read_until_content(self, content: str) -> None:
        """Take everything up to the message that says this."""
        while not any(event.get("content") == content for event in self.events[-10:]):
            assert self.read(), "the stream ended"

    def read_all(self) -> None:
        """Take everything until the connection ends."""
        while self.read():
            pass
