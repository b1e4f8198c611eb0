"""The `Content-Disposition` of a part of a multipart body: which field it is, and the name of its file.

Source: RFC 7578, with the `filename*` of RFC 5987 and its pieces of RFC 2231, which old clients send although
RFC 7578 forbids them.
"""

import re
from urllib.parse import unquote_to_bytes

from flowdock.server.domain.refusals import Refusal
from flowdock.server.http.text import decoded

_PARAMETER = re.compile(r';[ \t]*([^\s=;"]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;]*))', re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
# How browsers and HTTP libraries write the three characters that would end the quotes or the line.
_PERCENT = {"%22": '"', "%0D": "\r", "%0d": "\r", "%0A": "\n", "%0a": "\n"}
_PERCENT_ESCAPED = re.compile("|".join(_PERCENT))


def read_disposition(header: bytes) -> tuple[str, str | None]:
    """The field's name and the file's, as sent; without a file name it is `None`.

    Raises:
        Refusal: 400 when the field has no name.
    """
    # Latin-1 keeps every byte as it is until the charset is known.
    found = {
        name.lower(): _ESCAPED.sub(r"\1", quoted) if quoted else bare.strip()
        for name, quoted, bare in _PARAMETER.findall(header.decode("latin-1"))
    }
    if "name" not in found:
        raise Refusal(400, "a part has no name; each needs Content-Disposition: form-data; name=…")
    file_name = _extended(found, "filename")
    if file_name is None and "filename" in found:
        file_name = _text(_unescaped(found["filename"]).encode("latin-1"))
    return decoded(_unescaped(found["name"]).encode("latin-1")), file_name


def _unescaped(value: str) -> str:
    return _PERCENT_ESCAPED.sub(lambda found: _PERCENT[found[0]], value)


def _extended(found: dict[str, str], name: str) -> str | None:
    """The value of `name*`, or of `name*0`, `name*1*` … put together."""
    if f"{name}*" in found:
        charset, _, rest = found[f"{name}*"].partition("'")
        return _text(unquote_to_bytes(rest.partition("'")[2].encode("latin-1")), charset)
    charset = ""
    value = b""
    for number in range(len(found)):
        piece = found.get(f"{name}*{number}*")
        if piece is not None and not number:
            charset, _, piece = piece.partition("'")
            piece = piece.partition("'")[2]
        if piece is None and (plain := found.get(f"{name}*{number}")) is not None:
            value += plain.encode("latin-1")
        elif piece is not None:
            value += unquote_to_bytes(piece.encode("latin-1"))
        else:
            break
    return _text(value, charset) if value else None


def _text(raw: bytes, charset: str = "") -> str:
    """A file's name in any case: one in an unknown encoding is no reason to refuse the file."""
    try:
        return decoded(raw, charset)
    except Refusal:
        return raw.decode("latin-1")
