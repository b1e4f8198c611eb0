"""Files as tests keep and fetch them: a place, a clock that stands still, and the little of a server around them."""

import asyncio
import struct
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx2
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from flowdock.protocol.errors import body_of
from flowdock.protocol.types import FileContent
from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import Files, Upload, names
from flowdock.server.http.files import download, redirect

NOON = 1_600_000_200.0
PNG_HEAD = b"\x89PNG\r\n\x1a\n"


@dataclass
class Office:
    """Files at a place."""

    place: str | Path
    now: float = NOON
    files: Files = field(init=False)

    def __post_init__(self) -> None:
        self.files = Files(self.place, secret=b"secret", clock=lambda: self.now)

    def keep(self, content: bytes, *, name: str = "a.bin", content_type: str = "", log: int = 7) -> FileContent:
        return asyncio.run(self.files.keep(upload(content, name=name, content_type=content_type), log=log))

    def drop(self, path: str) -> None:
        asyncio.run(self.files.drop(path))

    def signed_url(self, path: str) -> str:
        return asyncio.run(self.files.signed_url(path))

    def body(self, path: str, *, start: int = 0, stop: int | None = None) -> bytes:
        """What is kept under a path, past all addresses."""

        async def read() -> bytes:
            stored = await self.files.find(path)
            return b"".join([chunk async for chunk in await self.files.read(stored, start=start, stop=stop)])

        return asyncio.run(read())

    def locations(self) -> set[str]:
        """Everything that lies at the place."""

        async def look() -> set[str]:
            return {location async for location in self.files.objects.locations()}

        return asyncio.run(look())

    @contextmanager
    def http(self) -> Generator[httpx2.Client]:
        """A client of the server; it follows where it is sent."""
        with TestClient(self._app(), follow_redirects=True) as client:
            yield client

    def fetched(self, path: str) -> httpx2.Response:
        """The answer to a request for a path, by way of this server's signed address."""
        with self.http() as client:
            first = client.get(f"http://testserver/{quote(path, safe='/')}", follow_redirects=False)
            assert first.status_code == 302
            assert first.headers["content-length"] == "0"
            assert first.headers["location"].startswith("/download/")
            return client.get(first.headers["location"])

    def _app(self) -> Starlette:
        async def found(request: Request) -> Response:
            return await redirect(self.files, request.scope["path"])

        async def refused(_: Request, refusal: Exception) -> Response:
            assert isinstance(refusal, Refusal)
            return Response(body_of(refusal.message, refusal.errors), refusal.status)

        routes = [
            Route("/download/{rest:path}", partial(download, files=self.files)),
            Route("/{rest:path}", found),
        ]
        return Starlette(routes=routes, exception_handlers={Refusal: refused})


def upload(content: bytes, *, name: str = "a.bin", content_type: str = "") -> Upload:
    safe = names.file_name(name)
    return Upload(safe, names.content_type(content_type, name=safe), len(content), BytesIO(content))


def picture(width: int, height: int, kind: str = "PNG", **options: object) -> bytes:
    body = BytesIO()
    mode = {"GIF": "P", "PNG": "RGBA"}.get(kind, "RGB")
    Image.new(mode, (width, height)).save(body, kind, **options)
    return body.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    end = b"\0\0\0\0IEND" + struct.pack(">I", zlib.crc32(b"IEND"))
    return PNG_HEAD + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header)) + end
