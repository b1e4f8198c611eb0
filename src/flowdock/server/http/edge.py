"""The outermost layer: paths as clients write them, and the permission of other sites' pages to ask.

Source: wire facts 1.1 (paths), 1.4 (CORS).
"""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowdock.protocol.endpoints import DESCRIBE
from flowdock.server.http import takeover

_SLASHES = re.compile("/{2,}")
_PREFIX = re.compile(r"/(?:v1|v2|rest)(?=/)")

_ALLOWED_METHODS = b"POST, PUT, PATCH, DELETE, GET, OPTIONS"
_ALLOWED_HEADERS = (
    b"Origin, Accept, Content-type, Authorization, X-CSRF-Token, X-Requested-With, X-Prototype-Version,"
    b" X-flowdock-wait-for-message, Last-Event-ID"
)
_EXPOSED_HEADERS = b"Flowdock-User, Flowdock-Cursor, Link"
_PREFLIGHT_SECONDS = b"600"


def plain_path(path: str, host: bytes) -> str:
    """The path of the table for a path as it was sent: one slash at a time, no version, no `.json`, no final slash.

    Streams live under `/stream`, or anywhere on a host whose name begins with `stream.`.
    """
    if "//" in path:
        path = _SLASHES.sub("/", path)
    if path.startswith(("/v", "/rest")):
        path = _PREFIX.sub("", path, count=1)
    if path.startswith(("/files/", "/download/", "/help/")) or path == DESCRIBE.path:
        return path
    if path.endswith("/") and len(path) > 1:
        path = path[:-1]
    path = path.removesuffix(".json")
    if host.startswith(b"stream.") and not path.startswith("/stream/"):
        path = f"/stream{path}"
    return path


class Edge:
    """Wraps the routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on in its plain form."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        host = origin = b""
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"origin":
                origin = value
        scope["path"] = plain_path(scope["path"], host)
        if scope["method"] == "OPTIONS":
            await _preflight(send, origin or b"*")
            return
        if origin:
            # What sends past ASGI would miss these headers.
            scope.get("extensions", {}).pop(takeover.ANSWER, None)
            send = _with_headers(send, _cors(origin))
        await self._app(scope, receive, send)


def _cors(origin: bytes) -> list[tuple[bytes, bytes]]:
    return [
        (b"access-control-allow-origin", origin),
        (b"vary", b"Origin"),
        (b"access-control-expose-headers", _EXPOSED_HEADERS),
    ]


def _with_headers(send: Send, more: list[tuple[bytes, bytes]]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return sending


async def _preflight(send: Send, origin: bytes) -> None:
    headers = [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-methods", _ALLOWED_METHODS),
        (b"access-control-allow-headers", _ALLOWED_HEADERS),
        (b"access-control-max-age", _PREFLIGHT_SECONDS),
        (b"vary", b"Origin"),
        (b"content-length", b"0"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
