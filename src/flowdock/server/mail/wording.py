"""Text out of a mail, whatever charset it claims and whatever bytes it has."""

import codecs
import re
from email.errors import MessageError
from email.header import decode_header
from email.utils import getaddresses

from flowdock.server.actions.mailing import Address

HEADER_LIMIT = 16 * 1024
"""So many characters of a header are looked at: what is behind takes time that grows with their square."""
PEOPLE = 200
"""So many of the addresses in a header are kept."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
# These take long for hostile bytes, or make of text what nobody wrote.
_REFUSED = frozenset({"idna", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "unicode-escape"})


def decoded(data: bytes, charset: str | None) -> str:
    """The text that bytes mean: in the charset they claim, else in UTF-8, else in that of Windows."""
    for name in (_codec(charset), "utf-8"):
        if name is not None:
            try:
                return cleaned(data.decode(name))
            except (UnicodeError, ValueError):
                continue
    return cleaned(data.decode("cp1252", "replace"))


def cleaned(text: str) -> str:
    r"""The text with `\n` as its only end of a line, without other control characters and lone surrogates."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def header_text(raw: str, *, limit: int) -> str:
    """What a header says on one line, its encoded words decoded."""
    return " ".join(_words(_legible(raw)).split())[:limit]


def header_addresses(raw: str) -> list[Address]:
    """The people that a header names; what is no address is left out."""
    try:
        pairs = getaddresses([" ".join(_legible(raw).split())])
    except Exception:  # noqa: BLE001 - nested brackets exhaust the stack, others the parser's patience
        return []
    found: list[Address] = [
        {"name": header_text(name, limit=255) or None, "address": address[:255]}
        for name, address in pairs
        if "@" in address.strip("@")
    ]
    return found[:PEOPLE]


def message_ids(raw: str) -> list[str]:
    """The ids that a header names, in order."""
    return _MESSAGE_ID.findall(cleaned(raw[-HEADER_LIMIT:]))


def _legible(raw: str) -> str:
    # Bytes beyond ASCII arrive as lone surrogates.
    return decoded(raw[:HEADER_LIMIT].encode("utf-8", "surrogateescape"), None)


def _words(text: str) -> str:
    try:
        parts = decode_header(text)
    except (MessageError, ValueError):
        return text
    return "".join(
        cleaned(part) if isinstance(part, str) else decoded(part, charset or "latin-1") for part, charset in parts
    )


def _codec(charset: str | None) -> str | None:
    if charset is None:
        return None
    # `iso-8859-8-i` says in which order letters are stored, which is no matter of the codec.
    name = re.sub(r"-[ie]$", "", charset.strip("\"' ").lower())
    try:
        found = codecs.lookup(name)
        "".encode(name)  # a codec that makes bytes of bytes refuses
    except (LookupError, ValueError, TypeError):
        return None
    return None if found.name in _REFUSED else name
