"""A file on its way in: on disk as soon as it is large, gone when closed."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from flowdock.server.domain.refusals import Refusal, invalid
from flowdock.server.files import names

SPOOL_BYTES = 256 * 1024
"""What an upload may hold in memory."""

_BASE64_STEP = 64 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class Upload:
    """One file that a request brought. Whoever got it closes it.

    `file_name` and `content_type` are already safe; `file` is open for reading at its start.
    """

    file_name: str
    content_type: str
    size_bytes: int
    file: IO[bytes]

    def close(self) -> None:
        """Let go of the bytes."""
        self.file.close()


def make_upload(spool: IO[bytes], size_bytes: int, *, file_name: str, content_type: str) -> Upload:
    """The upload of bytes that have arrived, under a safe name and type whatever was claimed."""
    spool.seek(0)
    name = names.file_name(file_name)
    return Upload(name, names.content_type(content_type, name=name), size_bytes, spool)


def upload_from_json(content: Mapping[str, object], *, spool_folder: str | None = None) -> Upload:
    """The file in `{"data": base64, "content_type": …, "file_name": …}`, the JSON form of an upload.

    Line breaks within the base64 are fine, as Ruby writes them.

    Raises:
        Refusal: 400 with `errors.content` for anything that is not such an object; 503 when the disk is full.

    Source: wire facts 2.1.
    """
    if not isinstance(content.get("data"), str):
        raise invalid("content", "needs the file as base64 text in data")
    encoded = "".join(_text(content, "data").split())
    file_name, content_type = _text(content, "file_name"), _text(content, "content_type")
    spool: IO[bytes] = SpooledTemporaryFile(SPOOL_BYTES, dir=spool_folder)  # noqa: SIM115 - the upload closes it
    try:
        size_bytes = _decode(encoded, into=spool)
    except BaseException:
        spool.close()
        raise
    return make_upload(spool, size_bytes, file_name=file_name, content_type=content_type)


def no_room(error: OSError) -> Refusal:
    """The refusal for a disk that takes nothing more."""
    return Refusal(503, f"the file cannot be stored now ({error.strerror or error}); try again later")


def _text(content: Mapping[str, object], key: str) -> str:
    value = content.get(key)
    if value is not None and not isinstance(value, str):
        raise invalid("content", f"needs text in {key}")
    return value or ""


def _decode(encoded: str, *, into: IO[bytes]) -> int:
    """Write the bytes that `encoded` means; the answer is how many."""
    try:
        if "=" in encoded[:-2]:
            raise binascii.Error("Padding before the end")
        for at in range(0, len(encoded), _BASE64_STEP):
            into.write(base64.b64decode(encoded[at : at + _BASE64_STEP], validate=True))
    except ValueError as error:
        raise invalid("content", f"has data that is not base64: {error}") from error
    except OSError as error:
        raise no_room(error) from error
    return into.tell()
