"""Multipart bodies, read as they arrive: texts into memory, files onto disk once they are large.

Source: RFC 7578; wire facts 2.1.
"""

import asyncio
from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import IO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import Upload
from flowdock.server.files.uploads import SPOOL_BYTES, make_upload, no_room
from flowdock.server.http.brackets import Value
from flowdock.server.http.dispositions import read_disposition
from flowdock.server.http.limits import Limits
from flowdock.server.http.text import decoded

_WRITE_BYTES = 512 * 1024
"""How much of a file is collected before a thread writes it: a thread costs as much as copying 64 KiB."""


async def read_parts(
    chunks: AsyncIterator[bytes], *, boundary: bytes, charset: str, limits: Limits
) -> list[tuple[str, Value]]:
    """The fields and files in the order sent; whoever calls closes the files.

    Raises:
        Refusal: 400 when this is no multipart body, or one with too many parts; 413 when its texts are too long;
            503 when the disk is full.
    """
    parts = _Parts(charset=charset, limits=limits)
    try:
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": parts.begin,
                "on_header_field": parts.header_name,
                "on_header_value": parts.header_value,
                "on_header_end": parts.header_end,
                "on_headers_finished": parts.headers_finished,
                "on_part_data": parts.content,
                "on_part_end": parts.end,
                "on_end": parts.complete,
            },
        )
        is_empty = True
        async for chunk in chunks:
            is_empty = False
            parser.write(chunk)
            await parts.write_files()
        return [] if is_empty else parts.result()
    except BaseException as error:
        parts.close()
        if isinstance(error, FormParserError):
            raise Refusal(400, f"the multipart body is malformed: {error}") from error
        if isinstance(error, OSError):
            raise no_room(error) from error
        raise


class _FilePart:
    """A file that is arriving."""

    def __init__(self, file_name: str, content_type: str, *, spool_folder: str | None) -> None:
        self.file_name = file_name
        self.content_type = content_type
        self.spool: IO[bytes] = SpooledTemporaryFile(SPOOL_BYTES, dir=spool_folder)  # noqa: SIM115 - closed by _Parts
        self.waiting = bytearray()
        self.size_bytes = 0

    async def write(self) -> None:
        """Move what is waiting into the spool; in a thread when it goes to the disk."""
        waiting, self.waiting = self.waiting, bytearray()
        if self.size_bytes > SPOOL_BYTES:
            await asyncio.to_thread(self.spool.write, waiting)
        else:
            self.spool.write(waiting)

    def upload(self) -> Upload:
        """The file, now that all of it is written."""
        return make_upload(self.spool, self.size_bytes, file_name=self.file_name, content_type=self.content_type)


class _Parts:
    """What the parser has met so far."""

    def __init__(self, *, charset: str, limits: Limits) -> None:
        self._charset = charset
        self._limits = limits
        self._read: list[tuple[str, str | _FilePart]] = []
        self._files: list[_FilePart] = []
        self._unwritten: list[_FilePart] = []
        self._text_bytes = 0
        self._is_complete = False
        self.begin()

    def begin(self) -> None:
        """A part begins."""
        if len(self._read) >= self._limits.fields:
            raise Refusal(400, f"the multipart body has more than {self._limits.fields} parts")
        self._headers: dict[bytes, bytes] = {}
        self._header_name = b""
        self._header_value = b""
        self._name = ""
        self._text = bytearray()
        self._file: _FilePart | None = None

    def header_name(self, data: bytes, start: int, end: int) -> None:
        """More of a header's name."""
        self._header_name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        """More of a header's value."""
        self._header_value += data[start:end]

    def header_end(self) -> None:
        """A header is complete."""
        self._headers[self._header_name.lower()] = self._header_value
        self._header_name = self._header_value = b""

    def headers_finished(self) -> None:
        """The content of the part follows."""
        self._name, file_name = read_disposition(self._headers.get(b"content-disposition", b""))
        if file_name is None:
            return
        if len(self._files) >= self._limits.files:
            raise Refusal(400, f"the multipart body has more than {self._limits.files} files")
        content_type = self._headers.get(b"content-type", b"").decode("latin-1")
        self._file = _FilePart(file_name, content_type, spool_folder=self._limits.spool_folder)
        self._files.append(self._file)

    def content(self, data: bytes, start: int, end: int) -> None:
        """More of the part's content."""
        if self._file is not None:
            if not self._file.waiting:
                self._unwritten.append(self._file)
            self._file.waiting += data[start:end]
            self._file.size_bytes += end - start
            return
        self._text_bytes += end - start
        if self._text_bytes > self._limits.body_bytes:
            raise Refusal(413, f"the texts are larger than {self._limits.body_bytes} bytes")
        self._text += data[start:end]

    def end(self) -> None:
        """The part is complete."""
        if self._file is not None:
            self._read.append((self._name, self._file))
            self._file = None
            return
        _, options = parse_options_header(self._headers.get(b"content-type"))
        charset = options.get(b"charset", b"").decode("latin-1") or self._charset
        self._read.append((self._name, decoded(self._text, charset)))

    def complete(self) -> None:
        """The closing boundary was met."""
        self._is_complete = True

    async def write_files(self) -> None:
        """Write what has collected, but for the rest of a file that is still arriving."""
        still_arriving: list[_FilePart] = []
        for part in self._unwritten:
            if part is self._file and len(part.waiting) < _WRITE_BYTES:
                still_arriving.append(part)
            else:
                await part.write()
        self._unwritten = still_arriving

    def result(self) -> list[tuple[str, Value]]:
        """All parts; an empty file without a name is a file input that nobody used, and left out."""
        if not self._is_complete:
            raise Refusal(400, "the multipart body ends before its closing boundary; send all of it")
        pairs: list[tuple[str, Value]] = []
        for name, value in self._read:
            if isinstance(value, str):
                pairs.append((name, value))
            elif value.file_name or value.size_bytes:
                pairs.append((name, value.upload()))
            else:
                value.spool.close()
        return pairs

    def close(self) -> None:
        """Let go of all files."""
        for part in self._files:
            part.spool.close()
