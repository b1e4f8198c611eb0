"""Files from one place to another: a folder into a bucket, a bucket into a folder, a bucket into another.

Each file goes as it is kept: body and thumbnail first, each read back and compared by its SHA-256, then `about`. So
what has its `about` at the target was compared, and a copy that is begun again goes on where it ended. Nothing is ever
removed at the source.
"""

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass

import msgspec

from flowdock.server.files.about import ABOUT_HEADERS, About, headers
from flowdock.server.files.bodies import Files
from flowdock.server.files.failures import Absent, PlaceFailed
from flowdock.server.files.objects import Objects, pieces

_AT_ONCE = 8
"""Files on their way; each waits for answers most of the time."""

_LARGE_BYTES = 1024 * 1024
_LARGE_AT_ONCE = 2
"""Bodies above 1 MiB on their way: parts of them lie in memory, some 15 MiB each."""

_ABOUT = re.compile(r"([0-9]{1,18}/[A-Za-z0-9_-]{22})/about")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Copied:
    """How far a copy has come. Thumbnails count as bytes, not as files."""

    files: int = 0
    """Copied and compared by this call."""
    size_bytes: int = 0
    """Of those."""
    there: int = 0
    """Files that an earlier call had copied already."""
    damaged: int = 0
    """Files whose bytes are not all at the source; they are left out, and the log names them."""

    def __add__(self, other: "Copied") -> "Copied":
        """Both together."""
        return Copied(
            self.files + other.files,
            self.size_bytes + other.size_bytes,
            self.there + other.there,
            self.damaged + other.damaged,
        )


class _Damaged(Exception):
    """A file is not whole at the source."""


async def copy(source: Files, target: Files, *, on_progress: Callable[[Copied], object] = lambda _: None) -> Copied:
    """Copy every file that the target does not have yet, and tell how many there were.

    `on_progress` hears of each file. What comes to the source meanwhile may be left out; what goes is left out. Cut
    off or failed, the copy goes on with the next call.

    Raises:
        PlaceFailed: the source does not give a file or the target does not take it, or not as it was sent.
    """
    copying = _Copying(source.objects, target.objects, on_progress)
    room = asyncio.Semaphore(_AT_ONCE)
    try:
        async with asyncio.TaskGroup() as tasks:
            async for location in source.objects.locations():
                if found := _ABOUT.fullmatch(location):
                    await room.acquire()
                    tasks.create_task(copying.file(found[1])).add_done_callback(lambda _: room.release())
    except BaseExceptionGroup as failures:
        # Several may fail of the same cause at once; one of them says it.
        raise failures.exceptions[0] from None
    return copying.copied


class _Copying:
    """One copy under way."""

    def __init__(self, source: Objects, target: Objects, on_progress: Callable[[Copied], object]) -> None:
        self.copied = Copied()
        self._source = source
        self._target = target
        self._on_progress = on_progress
        self._room = asyncio.Semaphore(_LARGE_AT_ONCE)

    async def file(self, folder: str) -> None:
        """Copy the file of one folder, unless it is there, gone or damaged; count it."""
        try:
            one = await self._one(folder)
        except (_Damaged, msgspec.DecodeError) as error:
            _log.warning("%s in %s is left out: %s", folder, self._source.name, error)
            one = Copied(damaged=1)
        # Nothing is awaited in between: the files on their way count together.
        self.copied += one
        self._on_progress(self.copied)

    async def _one(self, folder: str) -> Copied:
        try:
            line = await self._source.get(f"{folder}/about")
        except Absent:
            return Copied()
        about = msgspec.json.decode(line, type=About)
        parts = {"body": about.size_bytes} | ({"thumb": about.thumb_bytes} if about.thumb_type else {})
        if await self._is_there(folder, line, parts):
            return Copied(there=1)
        try:
            for part, size_bytes in parts.items():
                await self._part(f"{folder}/{part}", size_bytes=size_bytes, sent=headers(about, thumb=part == "thumb"))
        except Absent:
            return await self._vanished(folder)
        await self._target.put(f"{folder}/about", pieces(line), size_bytes=len(line), headers=ABOUT_HEADERS)
        await self._target.settle(folder)
        return Copied(files=1, size_bytes=sum(parts.values()))

    async def _is_there(self, folder: str, line: bytes, parts: Mapping[str, int]) -> bool:
        try:
            if await self._target.get(f"{folder}/about") != line:
                return False
        except Absent:
            return False
        sizes = [await self._target.size_bytes(f"{folder}/{part}") for part in parts]
        return sizes == list(parts.values())

    async def _part(self, location: str, *, size_bytes: int, sent: Mapping[str, str]) -> None:
        async with self._room if size_bytes > _LARGE_BYTES else nullcontext():
            opened = await self._source.open(location)
            if opened.size_bytes != size_bytes:
                raise _Damaged(f"{location} has {opened.size_bytes} bytes, and should have {size_bytes}")
            leaving = hashlib.sha256()
            chunks = _hashed(opened.chunks, into=leaving)
            await self._target.put(location, chunks, size_bytes=size_bytes, headers=sent)
            if await self._arrived(location) != (size_bytes, leaving.digest()):
                raise PlaceFailed(
                    f"{location} is not in {self._target.name} as it was sent there; try again", passing=True
                )

    async def _arrived(self, location: str) -> tuple[int, bytes]:
        """The size and the SHA-256 of what the target has now."""
        arrived = hashlib.sha256()
        try:
            opened = await self._target.open(location)
        except Absent:
            return 0, b""
        async for _ in _hashed(opened.chunks, into=arrived):
            pass
        return opened.size_bytes, arrived.digest()

    async def _vanished(self, folder: str) -> Copied:
        """What a file counts for whose body or thumbnail is not at the source: nothing, if it was dropped just now."""
        if await self._source.size_bytes(f"{folder}/about") is not None:
            raise _Damaged("a part of it is missing")
        for part in ("body", "thumb"):
            await self._target.delete(f"{folder}/{part}")
        return Copied()


async def _hashed(chunks: AsyncIterator[bytes], *, into: "hashlib._Hash") -> AsyncGenerator[bytes]:
    async for chunk in chunks:
        into.update(chunk)
        yield chunk
