"""Where the bodies of files are kept: a folder, memory, or a bucket of an object store.

Each file is three objects under `<log>/<key>/`: its `body`, perhaps its `thumb`, and `about`, a line of JSON with its
name and type. `about` is written last, so a file is there whole or not at all. The key alone finds a file, whatever
name a request gives it.

Source: wire facts 2.11 and 3.2, "file".
"""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec
import obstore
from obstore.exceptions import BaseError
from obstore.store import AzureStore, GCSStore, LocalStore, MemoryStore, S3Store, from_url

from flowdock.protocol.types import FileContent
from flowdock.server.domain.refusals import Refusal, not_found
from flowdock.server.files import names, signing
from flowdock.server.files.about import About, content_of, described
from flowdock.server.files.uploads import Upload

if TYPE_CHECKING:
    from obstore import Attributes, GetOptions, GetResult
    from obstore.store import ObjectStore

    from flowdock.server.files.pictures import Picture

_PART_BYTES = 1024 * 1024
"""A large body is written in parts of this size, two at a time."""

_DISTANT_PART_BYTES = 5 * 1024 * 1024
"""The same for an object store; S3 takes no smaller ones."""

_CHUNK_BYTES = 256 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file, or its thumbnail, ready to be streamed."""

    file_name: str
    content_type: str
    size_bytes: int
    etag: str
    location: str


class Files:
    """Keeps files, finds them again, and gives out short-lived addresses."""

    def __init__(self, place: str | Path, *, secret: bytes, clock: Callable[[], float]) -> None:
        """Files in a folder, made when absent, or at a URL such as `s3://bucket/prefix` or `memory:///`.

        `secret` signs addresses; `clock` tells seconds since 1970.
        """
        self._store: ObjectStore = _store_at(place)
        self._is_near = isinstance(self._store, (LocalStore, MemoryStore))
        self._secret = secret
        self._clock = clock
        # One thread, so that however many pictures arrive at once, only one lies decoded in memory.
        self._darkroom = ThreadPoolExecutor(1, thread_name_prefix="pictures")

    async def keep(self, upload: Upload, *, log: int) -> FileContent:
        """Store the upload among the files of a log; the answer is the `content` of its message.

        Raises:
            Refusal: 503 when the store takes nothing; then nothing of the file is left.
        """
        address = signing.Address(log, secrets.token_urlsafe(16), thumb=False, name=upload.file_name)
        try:
            picture = await self._looked_at(upload.file)
            about = described(upload, picture)
            await self._write(_folder(address), upload, picture, about)
        except BaseException as error:
            await self._remove(_folder(address))
            if isinstance(error, (BaseError, OSError)):
                raise _failed("the file cannot be stored", error) from error
            raise
        return content_of(address, about, picture)

    async def drop(self, path: str) -> None:
        """Remove the file of this path with its thumbnail; one that is gone already stays gone.

        Never fails: what cannot be removed is logged, because the message is deleted by then.
        """
        if address := signing.parse(path):
            await self._remove(_folder(address))

    def signed_url(self, path: str) -> str:
        """Where the file of this path can be fetched without credentials for some minutes.

        Relative to this server, unless the object store serves its files itself.

        Raises:
            Refusal: 404 for what is no path of a file.
        """
        address = signing.parse(path)
        if address is None:
            raise not_found()
        if isinstance(self._store, (S3Store, GCSStore, AzureStore)):
            return obstore.sign(self._store, "GET", _location(address), timedelta(seconds=signing.WINDOW_SECONDS))
        return signing.sign(address, secret=self._secret, now=self._clock())

    def verified(self, url_path: str) -> tuple[str, float] | None:
        """The path of the file that a signed address means, and for how many seconds more; `None` when it is not valid.

        `url_path` is the address without its percent-encoding.
        """
        now = self._clock()
        found = signing.verify(url_path, secret=self._secret, now=now)
        return (found[0].path, found[1] - now) if found else None

    async def find(self, path: str) -> StoredFile:
        """What is kept under this path.

        Raises:
            Refusal: 404 when nothing is; 503 when the store does not answer.
        """
        address = signing.parse(path)
        if address is None:
            raise not_found()
        kept = await self._get(f"{_folder(address)}/about")
        about = msgspec.json.decode(await kept.bytes_async(), type=About)
        location = _location(address)
        if not address.thumb:
            return StoredFile(about.file_name, about.content_type, about.size_bytes, f'"{address.key}"', location)
        if about.thumb_type is None:
            raise not_found()
        return StoredFile(about.file_name, about.thumb_type, about.thumb_bytes, f'"{address.key}-thumb"', location)

    async def read(self, stored: StoredFile, *, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to but without `stop`, in pieces; the file is open when this returns.

        Raises:
            Refusal: 404 when the file was removed meanwhile; 503 when the store does not answer.
        """
        stop = stored.size_bytes if stop is None else stop
        is_whole = (start, stop) == (0, stored.size_bytes)
        found = await self._get(stored.location, options={} if is_whole else {"range": (start, stop)})
        return aiter(found.stream(min_chunk_size=_CHUNK_BYTES))

    async def _looked_at(self, file: IO[bytes]) -> "Picture | None":
        return await asyncio.get_running_loop().run_in_executor(self._darkroom, _look, file)

    async def _write(self, folder: str, upload: Upload, picture: "Picture | None", about: About) -> None:
        upload.file.seek(0)
        await self._put(f"{folder}/body", upload.file, about, about.content_type)
        if picture and picture.thumbnail:
            await self._put(f"{folder}/thumb", picture.thumbnail.body, about, picture.thumbnail.content_type)
        await self._put(f"{folder}/about", msgspec.json.encode(about), about, "application/json")
        if isinstance(self._store, LocalStore) and self._store.prefix and os.name == "posix":
            await asyncio.to_thread(_settle, self._store.prefix / folder)

    def _put(self, location: str, body: IO[bytes] | bytes, about: About, content_type: str) -> Awaitable[object]:
        # An object store that serves its files itself must know how; a folder cannot remember it, and need not.
        attributes: Attributes = {
            "Content-Type": content_type,
            "Content-Disposition": names.disposition(content_type, name=about.file_name),
        }
        return obstore.put_async(
            self._store,
            location,
            body,
            attributes=None if self._is_near else attributes,
            chunk_size=_PART_BYTES if self._is_near else _DISTANT_PART_BYTES,
            max_concurrency=2,
        )

    async def _get(self, location: str, options: "GetOptions | None" = None) -> "GetResult":
        try:
            return await obstore.get_async(self._store, location, options=options)
        except FileNotFoundError as error:
            raise not_found() from error
        except (BaseError, OSError) as error:
            raise _failed("the file cannot be fetched", error) from error

    async def _remove(self, folder: str) -> None:
        # `about` first: a file is never found without its body.
        for part in ("about", "thumb", "body"):
            try:
                await obstore.delete_async(self._store, f"{folder}/{part}")
            except FileNotFoundError:
                continue
            except (BaseError, OSError) as error:
                _log.warning("%s/%s stays behind, because it cannot be removed: %s", folder, part, error)


def _store_at(place: str | Path) -> "ObjectStore":
    if isinstance(place, str) and "://" in place:
        return from_url(place)
    return LocalStore(Path(place).absolute(), automatic_cleanup=True, mkdir=True)


def _look(file: IO[bytes]) -> "Picture | None":
    # Pillow takes 4 MiB and 40 ms to load, which a server without uploads need not pay.
    from flowdock.server.files.pictures import look  # noqa: PLC0415

    return look(file)


def _folder(address: signing.Address) -> str:
    return f"{address.log}/{address.key}"


def _location(address: signing.Address) -> str:
    return f"{_folder(address)}/{'thumb' if address.thumb else 'body'}"


def _failed(what: str, error: Exception) -> Refusal:
    _log.warning("%s: %s", what, error)
    return Refusal(503, f"{what} now; try again later")


def _settle(folder: Path) -> None:
    """Wait until the disk has the files of this folder: a message is acknowledged only after its file is safe."""
    for path in (*folder.iterdir(), folder, folder.parent, folder.parent.parent):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
