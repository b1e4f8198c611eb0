"""Where the bodies of files are kept: a folder, memory, or a bucket of an object store.

Each file is three objects under `<log>/<key>/`: its `body`, perhaps its `thumb`, and `about`, a line of JSON with its
name and type. `about` is written last, so a file is there whole or not at all. The key alone finds a file, whatever
name a request gives it.

Source: wire facts 2.11 and 3.2, "file".
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from flowdock.protocol.types import FileContent
from flowdock.server.domain.refusals import Refusal, not_found
from flowdock.server.files import signing
from flowdock.server.files.about import ABOUT_HEADERS, About, content_of, described, headers
from flowdock.server.files.failures import Absent, PlaceFailed
from flowdock.server.files.objects import CHUNK_BYTES, Objects, pieces
from flowdock.server.files.uploads import Upload

if TYPE_CHECKING:
    from flowdock.server.files.pictures import Picture

_REMEMBERED_ADDRESSES = 10_000
"""Some 5 MB."""

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
        """Files in a folder, made when absent, or at an address such as `s3://bucket/prefix` or `memory:///`.

        `secret` signs addresses; `clock` tells seconds since 1970.

        Raises:
            PlaceFailed: there can be no such place.
        """
        self.objects = Objects(place)
        self._secret = secret
        self._clock = clock
        self._window = 0
        self._signed: dict[str, str] = {}
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
            if isinstance(error, PlaceFailed):
                raise _refused("the file cannot be stored", error) from error
            raise
        return content_of(address, about, picture)

    async def drop(self, path: str) -> None:
        """Remove the file of this path with its thumbnail; one that is gone already stays gone.

        Never fails: what cannot be removed is logged, because the message is deleted by then.
        """
        if address := signing.parse(path):
            await self._remove(_folder(address))

    async def signed_url(self, path: str) -> str:
        """Where the file of this path can be fetched without credentials for 5 to 10 minutes.

        Relative to this server, unless a bucket serves its files itself. Within some minutes it stays the same.

        Raises:
            Refusal: 404 for what is no path of a file; 503 when the bucket's credentials cannot sign.
        """
        address = signing.parse(path)
        if address is None:
            raise not_found()
        if self.objects.signs:
            return await self._signed_by_bucket(_location(address))
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
        about = msgspec.json.decode(await self._line(f"{_folder(address)}/about"), type=About)
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
        try:
            opened = await self.objects.open(stored.location, span=None if is_whole else (start, stop))
        except Absent as error:
            raise not_found() from error
        except PlaceFailed as error:
            raise _refused("the file cannot be fetched", error) from error
        return opened.chunks

    async def _looked_at(self, file: IO[bytes]) -> "Picture | None":
        return await asyncio.get_running_loop().run_in_executor(self._darkroom, _look, file)

    async def _write(self, folder: str, upload: Upload, picture: "Picture | None", about: About) -> None:
        upload.file.seek(0)
        put, sent = self.objects.put, headers(about, thumb=False)
        await put(f"{folder}/body", _read(upload.file), size_bytes=upload.size_bytes, headers=sent)
        if picture and picture.thumbnail:
            body, sent = picture.thumbnail.body, headers(about, thumb=True)
            await put(f"{folder}/thumb", pieces(body), size_bytes=len(body), headers=sent)
        line = msgspec.json.encode(about)
        await put(f"{folder}/about", pieces(line), size_bytes=len(line), headers=ABOUT_HEADERS)
        # A message is acknowledged only after its file is safe.
        await self.objects.settle(folder)

    async def _signed_by_bucket(self, location: str) -> str:
        # A bucket's own signatures carry the second they were made: only remembered ones let browsers cache pictures.
        window = int(self._clock()) // signing.WINDOW_SECONDS
        if window != self._window or len(self._signed) >= _REMEMBERED_ADDRESSES:
            self._window, self._signed = window, {}
        signed = self._signed
        if location not in signed:
            try:
                signed[location] = await self.objects.sign(location, seconds=2 * signing.WINDOW_SECONDS)
            except PlaceFailed as error:
                raise _refused("the file cannot be fetched", error) from error
        return signed[location]

    async def _line(self, location: str) -> bytes:
        try:
            return await self.objects.get(location)
        except Absent as error:
            raise not_found() from error
        except PlaceFailed as error:
            raise _refused("the file cannot be fetched", error) from error

    async def _remove(self, folder: str) -> None:
        try:
            # `about` first: a file is never found without its body.
            for part in ("about", "thumb", "body"):
                await self.objects.delete(f"{folder}/{part}")
        except PlaceFailed as error:
            _log.warning("%s stays behind, because it cannot be removed: %s", folder, error)


def _look(file: IO[bytes]) -> "Picture | None":
    # Pillow takes 4 MiB and 40 ms to load, which a server without uploads need not pay.
    from flowdock.server.files.pictures import look  # noqa: PLC0415

    return look(file)


async def _read(file: IO[bytes]) -> AsyncGenerator[bytes]:
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk
    except ValueError as error:
        raise OSError(f"the upload ended before it was kept ({error})") from error


def _folder(address: signing.Address) -> str:
    return f"{address.log}/{address.key}"


def _location(address: signing.Address) -> str:
    return f"{_folder(address)}/{'thumb' if address.thumb else 'body'}"


def _refused(what: str, error: PlaceFailed) -> Refusal:
    _log.warning("%s: %s", what, error)
    return Refusal(503, f"{what} now; try again later")
