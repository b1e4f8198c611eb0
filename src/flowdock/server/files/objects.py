"""The objects of one place: put, fetched, removed, listed. What goes wrong is told as `Absent` or `PlaceFailed`.

A `location` is relative to the place. Bodies go through in pieces, never whole.
"""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, S3Store

from flowdock.server.files.failures import Absent, PlaceFailed, is_absent, told
from flowdock.server.files.places import open_place

CHUNK_BYTES = 256 * 1024
"""Bodies come in pieces of about this size."""

_PART_BYTES = 1024 * 1024
"""A larger body is written in parts of this size, two at a time."""

_DISTANT_PART_BYTES = 5 * 1024 * 1024
"""The same for an object store; S3 takes no smaller ones."""

_PAGE = 1000
"""How many objects a listing brings at a time; S3 gives no more."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """An object on its way; `size_bytes` is that of the whole object, whatever range of it comes."""

    size_bytes: int
    chunks: AsyncIterator[bytes]


class Objects:
    """What is kept at a place, by location. `name` is how people may read the place."""

    def __init__(self, place: str | Path) -> None:
        """The objects in a folder, or at an address as `places` describes them.

        Raises:
            PlaceFailed: there can be no such place.
        """
        opened = open_place(place)
        self._store = opened.store
        self.name = opened.name
        self.is_near = opened.is_near
        """Whether they are on this machine."""
        self.signs = opened.signs
        """Whether they can be fetched under signed addresses of their own."""
        self._part_bytes = _PART_BYTES if self.is_near else _DISTANT_PART_BYTES

    async def check(self) -> None:
        """Return when files can be kept and fetched here; a bucket that is only out of reach just now is logged.

        Raises:
            PlaceFailed: they cannot, until somebody corrects something.
        """
        if self.is_near:
            return
        location = f"check/{secrets.token_hex(8)}"
        try:
            await self.put(location, pieces(b""), size_bytes=0, headers={})
            await self.get(location)
            await self.delete(location)
            if self.signs:
                await self.sign(location, seconds=1)
        except PlaceFailed as error:
            if not error.passing:
                raise
            _log.error("%s; files are refused until it can, see FLOWDOCK_FILES", error)

    async def put(
        self, location: str, chunks: AsyncGenerator[bytes], *, size_bytes: int, headers: Mapping[str, str]
    ) -> None:
        """Store a body of this size. It is there whole or not at all, whatever happens meanwhile.

        `headers` are what an object store answers with when it serves the object; a folder cannot remember them.

        Raises:
            PlaceFailed: the place takes nothing, or not this. What `chunks` raises comes through.
        """
        attributes = None if self.is_near else dict(headers)
        with self._failures():
            if size_bytes > self._part_bytes:
                await self._put_in_parts(location, chunks, attributes)
            else:
                body = b"".join([chunk async for chunk in chunks])
                await obstore.put_async(self._store, location, body, attributes=attributes, use_multipart=False)

    async def get(self, location: str) -> bytes:
        """The whole of a small object.

        Raises:
            Absent: there is none.
            PlaceFailed: the place does not give it.
        """
        with self._failures():
            found = await obstore.get_async(self._store, location)
            return bytes(await found.bytes_async())

    async def open(self, location: str, *, span: tuple[int, int] | None = None) -> Opened:
        """An object, or from its first byte of a span up to but without the second; it is open when this returns.

        Raises:
            Absent: there is none.
            PlaceFailed: the place does not give it; also while its chunks come.
        """
        with self._failures():
            found = await obstore.get_async(self._store, location, options={"range": span} if span else {})
        return Opened(found.meta["size"], self._chunks(found))

    async def size_bytes(self, location: str) -> int | None:
        """How large an object is; `None` when there is none.

        Raises:
            PlaceFailed: the place does not say.
        """
        with suppress(Absent), self._failures():
            return (await obstore.head_async(self._store, location))["size"]
        return None

    async def delete(self, location: str) -> None:
        """Remove an object; one that is gone already stays gone.

        Raises:
            PlaceFailed: it is still there.
        """
        with suppress(Absent), self._failures():
            await obstore.delete_async(self._store, location)

    async def locations(self) -> AsyncIterator[str]:
        """All locations, in no particular order; what comes or goes meanwhile may be missing or not.

        Raises:
            PlaceFailed: the place does not list them.
        """
        with self._failures():
            async for page in obstore.list(self._store, chunk_size=_PAGE):
                for found in page:
                    yield found["path"]

    async def sign(self, location: str, *, seconds: int) -> str:
        """An address under which everybody can fetch the object for so long, if `signs`; it need not be there.

        Raises:
            PlaceFailed: these credentials cannot sign.
        """
        if not isinstance(self._store, (S3Store, GCSStore, AzureStore)):
            raise TypeError(f"{self.name} serves no files by itself")
        with self._failures():
            return await obstore.sign_async(self._store, "GET", location, timedelta(seconds=seconds))

    async def settle(self, folder: str) -> None:
        """Wait until the disk has what was put into a folder; an object store has it when it says so."""
        if isinstance(self._store, LocalStore) and self._store.prefix and os.name == "posix":
            with self._failures():
                await asyncio.to_thread(_settle, self._store.prefix / folder)

    async def _put_in_parts(
        self, location: str, chunks: AsyncGenerator[bytes], attributes: dict[str, str] | None
    ) -> None:
        feeding = _Feeding(chunks)
        putting = asyncio.ensure_future(
            obstore.put_async(
                self._store,
                location,
                feeding.chunks(),
                attributes=attributes,
                chunk_size=self._part_bytes,
                max_concurrency=2,
            )
        )
        try:
            await asyncio.shield(putting)
        except asyncio.CancelledError:
            # Cancelled, it would leave the parts it has sent, unseen and for ever; failing, it takes them back.
            feeding.given_up = True
            await asyncio.gather(putting, return_exceptions=True)
            raise

    async def _chunks(self, found: "obstore.GetResult") -> AsyncGenerator[bytes]:
        with self._failures():
            async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield chunk

    @contextmanager
    def _failures(self) -> Generator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            if is_absent(error):
                raise Absent from error
            raise told(error, place=self.name) from error


async def pieces(body: bytes) -> AsyncGenerator[bytes]:
    """A body that is in memory, to be put."""
    yield body


class _Feeding:
    """A body that fails as soon as it is given up."""

    def __init__(self, chunks: AsyncGenerator[bytes]) -> None:
        self._chunks = chunks
        self.given_up = False

    async def chunks(self) -> AsyncGenerator[bytes]:
        async for chunk in self._chunks:
            if self.given_up:
                raise OSError("given up")
            yield chunk


def _settle(folder: Path) -> None:
    for path in (*folder.iterdir(), folder, folder.parent, folder.parent.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
