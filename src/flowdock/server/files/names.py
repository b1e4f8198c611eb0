"""What a file is called and what kind it is, made safe from whatever the uploader claimed.

Source: wire facts 2.1 and 3.2, "file"; RFC 5987 for the disposition.
"""

import re
import unicodedata
from functools import cache
from mimetypes import MimeTypes
from pathlib import PurePosixPath
from urllib.parse import quote

NAME_LIMIT_BYTES = 255
UNKNOWN_TYPE = "application/octet-stream"

PICTURE_TYPES = frozenset({"image/bmp", "image/gif", "image/jpeg", "image/png", "image/webp"})
"""What a browser may show in place: none of these can carry a script."""

_EXTENSION_LIMIT_BYTES = 32
_SLASHES = re.compile(r"[/\\]")
# Marks that reverse the text after them: `photo\u202egnp.exe` would be read as `photoexe.png`.
_REORDERING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control characters, lone surrogates, and the separators of lines and paragraphs.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_COMPRESSED = {".bz2": "application/x-bzip2", ".gz": "application/gzip", ".xz": "application/x-xz"}


def file_name(claimed: str) -> str:
    """The last part of a path of either kind, without control characters: 1 to 255 bytes, never `.` or `..`."""
    last = _SLASHES.split(claimed)[-1]
    name = "".join(c for c in last if c not in _REORDERING and unicodedata.category(c) not in _UNPRINTABLE).strip()
    name = _shortened(name)
    return "file" if name in ("", ".", "..") else name


def content_type(claimed: str, *, name: str) -> str:
    """The claimed media type without its parameters, else what the name tells, else `application/octet-stream`."""
    media_type = claimed.partition(";")[0].strip().lower()
    if media_type != UNKNOWN_TYPE and _MEDIA_TYPE.fullmatch(media_type):
        return media_type
    extension = PurePosixPath(name).suffix.lower()
    return _COMPRESSED.get(extension) or _types_by_extension().get(extension, UNKNOWN_TYPE)


def disposition(media_type: str, *, name: str) -> str:
    """The `Content-Disposition`: pictures may be shown in place, everything else is saved."""
    kind = "inline" if media_type in PICTURE_TYPES else "attachment"
    return f"{kind}; filename*=UTF-8''{quote(name, safe='')}"


def _shortened(name: str) -> str:
    """The name within the limit; its extension stays, so that it still says what it is."""
    if len(name.encode()) <= NAME_LIMIT_BYTES:
        return name
    stem, extension = PurePosixPath(name).stem, PurePosixPath(name).suffix
    if len(extension.encode()) > _EXTENSION_LIMIT_BYTES:
        stem, extension = name, ""
    kept = stem.encode()[: NAME_LIMIT_BYTES - len(extension.encode())]
    return kept.decode(errors="ignore").rstrip() + extension


@cache
def _types_by_extension() -> dict[str, str]:
    """Python's own table, not the machine's: the same everywhere."""
    types = MimeTypes()
    return types.types_map[False] | types.types_map[True]
