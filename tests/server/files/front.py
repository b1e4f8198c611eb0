"""What stands before an object store: it writes down what is asked, and may refuse, hold or cut off single requests."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

CUT_OFF = 0
_NOT_PASSED_ON = frozenset({"connection", "date", "server", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request."""

    method: str
    target: str
    headers: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


class Front:
    """A way to an object store, at `url`, that a test controls; use it in a `with` block.

    `refuse` is asked with each request; it answers with a status to give instead, `CUT_OFF` for none at all, or `None`
    to let it through. It may wait before it does.
    """

    def __init__(self, endpoint: str, refuse: Callable[[Asked], int | None] = lambda _: None) -> None:
        self.asked: list[Asked] = []
        self.refuse = refuse
        self._behind = urlsplit(endpoint)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked, body: bytes) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """Status, headers and body for a request; `None` for none."""
        self.asked.append(asked)
        status = self.refuse(asked)
        if status is not None:
            return (status, [("Content-Length", "0")], b"") if status else None
        connection = HTTPConnection(self._behind.hostname or "", self._behind.port, timeout=30)
        try:
            connection.request(asked.method, asked.target, body, dict(asked.headers))
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def parse_request(self) -> bool:
                # Whatever the method, it is passed on.
                ok = super().parse_request()
                if ok:
                    setattr(self, f"do_{self.command}", self._pass_on)
                return ok

            def log_message(self, format: str, *arguments: object) -> None:
                pass

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                answer = front.answer(Asked(self.command, self.path, dict(self.headers)), body)
                self.close_connection = answer is None
                if answer is None:
                    return
                status, headers, content = answer
                self.send_response_only(status)
                for name, value in headers:
                    if name.lower() not in _NOT_PASSED_ON:
                        self.send_header(name, value)
                self.end_headers()
                with suppress(ConnectionError):  # who asked may have gone
                    self.wfile.write(b"" if self.command == "HEAD" else content)

        return Handler
