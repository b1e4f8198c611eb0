"""Whether a bot is well, over HTTP: `GET /healthz` is answered 200 or 503, with what there is to know as JSON."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus

from flowdock.protocol.errors import BadSetting

PATHS = ("/", "/healthz")
LONGEST_REQUEST = 8192
PATIENCE_SECONDS = 5.0


class Health:
    """A tiny server on an address such as `127.0.0.1:8080`."""

    def __init__(self, address: str, report: Callable[[], tuple[bool, Mapping[str, object]]]) -> None:
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal() or int(port) > 65535:
            raise BadSetting(f"health is {address!r}, which is not an address such as 127.0.0.1:8080")
        self._host, self._port = host.strip("[]"), int(port)
        self._report = report
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        assert self._server is not None  # noqa: S101 - asked only while it serves
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/healthz"

    async def start(self) -> None:
        """Begin to answer.

        Raises:
            BadSetting: the address is in use, or not one of this machine.
        """
        try:
            self._server = await asyncio.start_server(self._answer, self._host, self._port, limit=LONGEST_REQUEST)
        except OSError as error:
            raise BadSetting(
                f"health cannot be told on {self._host}:{self._port}: {error.strerror or error}"
            ) from error

    async def stop(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_SECONDS)
            method, _, rest = head.decode("latin-1").partition(" ")
            path = rest.partition(" ")[0].partition("?")[0]
            writer.write(self._response(method, path))
            await asyncio.wait_for(writer.drain(), PATIENCE_SECONDS)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # whoever asks so gets no answer
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _response(self, method: str, path: str) -> bytes:
        content: Mapping[str, object]
        if method not in {"GET", "HEAD"}:
            content = {"message": f"{method} is not answered here; GET is"}
            status = HTTPStatus.METHOD_NOT_ALLOWED
        elif path not in PATHS:
            status, content = HTTPStatus.NOT_FOUND, {"message": f"there is nothing at {path}; try /healthz"}
        else:
            is_well, content = self._report()
            status = HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE
        body = json.dumps(content).encode() + b"\n"
        head = [
            f"HTTP/1.1 {status.value} {status.phrase}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            "Cache-Control: no-store",
            "Connection: close",
        ]
        return "\r\n".join([*head, "", ""]).encode() + (b"" if method == "HEAD" else body)
