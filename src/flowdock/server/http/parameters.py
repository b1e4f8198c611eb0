"""What a request asks for: parameters from its query and its body, whatever the method and the kind of body.

The body beats the query; placeholders of the path beat both, which is up to the caller. JSON `null` at the top means
absent, but for the few parameters of which it says something. All that comes out can be stored and sent again: no NUL,
no lone surrogates, no number beyond 64 bits, no bottomless nesting.

Source: wire facts 1.3.
"""

import sys
from collections.abc import AsyncIterator, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import Upload, upload_from_json
from flowdock.server.http.brackets import nest
from flowdock.server.http.json_body import parse_json
from flowdock.server.http.limits import Limits
from flowdock.server.http.multipart import read_parts
from flowdock.server.http.text import decoded

__all__ = ["Limits", "read", "upload_from_json", "uploads_in"]

_JSON = b"application/json"
_FORM = b"application/x-www-form-urlencoded"
_MULTIPART = b"multipart/form-data"

# Longer numbers are no sizes, and Python refuses to read them once they are very long.
_LENGTH_DIGITS = 18


async def read(request: Request, *, limits: Limits, nullable: AbstractSet[str] = frozenset()) -> dict[str, object]:
    """All parameters of a request but those in its path. Forms give texts, lists and groups; JSON gives what it says.

    `null` counts for the names in `nullable` alone.

    A file of a multipart body comes as an `Upload`: whoever calls closes all of `uploads_in` the answer. The
    request's body is used up afterwards.

    Raises:
        Refusal: 400 for what cannot be read, 413 for too much, 415 for an unknown kind of body, 503 for a full disk.
        ClientDisconnect: the client went away before it had sent everything.
    """
    scope = request.scope
    content_type = length = b""
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length":
            length = value
    asked = _form(scope["query_string"], limits=limits) if scope["query_string"] else None
    sent = await _sent(request.receive, _kind(content_type), length, limits, nullable)
    return sent if asked is None else {**asked, **sent}


def uploads_in(parameters: object) -> Iterator[Upload]:
    """Every file among the parameters, however deep in lists and groups."""
    if isinstance(parameters, Upload):
        yield parameters
    elif isinstance(parameters, dict):
        for value in parameters.values():
            yield from uploads_in(value)
    elif isinstance(parameters, list):
        for value in parameters:
            yield from uploads_in(value)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a Content-Type says."""

    media_type: bytes
    charset: str
    boundary: bytes
    is_json: bool


@lru_cache(maxsize=64)
def _kind(content_type: bytes) -> _Kind:
    media_type, options = parse_options_header(content_type)
    charset = options.get(b"charset", b"").decode("latin-1").lower()
    return _Kind(
        media_type,
        "" if charset in ("utf-8", "utf8") else charset,
        options.get(b"boundary", b""),
        media_type in (_JSON, b"text/json") or media_type.endswith(b"+json"),
    )


async def _sent(
    receive: Receive, kind: _Kind, length: bytes, limits: Limits, nullable: AbstractSet[str]
) -> dict[str, object]:
    """The parameters in the body."""
    if kind.media_type == _MULTIPART:
        return await _multipart(receive, kind, length, limits)
    if not kind.is_json and kind.media_type not in (_FORM, b""):
        await _refuse_body(receive, kind)
        return {}
    body = await _whole(receive, length, limits.body_bytes)
    if not body:
        return {}
    # Some programs send JSON and do not say so; others send a form and do not either.
    if kind.is_json or (not kind.media_type and body.lstrip().startswith(b"{")):
        return parse_json(body, kind.charset, nullable=nullable)
    return _form(body, kind.charset, limits=limits)


def _form(encoded: bytes, charset: str = "", *, limits: Limits) -> dict[str, object]:
    """The parameters in a query or an urlencoded form."""
    if encoded.count(b"&") >= limits.fields:
        raise Refusal(400, f"there are more than {limits.fields} parameters")
    encoded = encoded.replace(b"+", b" ")
    if b"%" not in encoded:
        plain = (piece.partition("=") for piece in decoded(encoded, charset).split("&"))
        return nest((name, value) for name, _, value in plain)
    pieces = (piece.partition(b"=") for piece in encoded.split(b"&"))
    return nest((_unescaped(name, charset), _unescaped(value, charset)) for name, _, value in pieces)


def _unescaped(raw: bytes, charset: str) -> str:
    return decoded(unquote_to_bytes(raw), charset)


async def _multipart(receive: Receive, kind: _Kind, length: bytes, limits: Limits) -> dict[str, object]:
    if not kind.boundary:
        raise Refusal(400, "the Content-Type names no boundary; send multipart/form-data; boundary=…")
    _check_length(length, limits.upload_bytes)
    pieces = _pieces(receive, limits.upload_bytes)
    pairs = await read_parts(pieces, boundary=kind.boundary, charset=kind.charset, limits=limits)
    parameters: dict[str, object] = {}
    try:
        parameters = nest(pairs)
    finally:
        # A file whose name came again, or all of them when the names make no sense.
        kept = {id(upload) for upload in uploads_in(parameters)}
        for _, value in pairs:
            if isinstance(value, Upload) and id(value) not in kept:
                value.close()
    return parameters


async def _whole(receive: Receive, length: bytes, limit: int) -> bytes:
    """The body, if it has at most `limit` bytes."""
    _check_length(length, limit)
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        body: bytes = message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        return body
    return b"".join([piece async for piece in _pieces(receive, limit, first=message)])


async def _pieces(receive: Receive, limit: int, *, first: Message | None = None) -> AsyncIterator[bytes]:
    """The body as it arrives, refused as soon as it has more than `limit` bytes."""
    message = first or await receive()
    size = 0
    while message["type"] == "http.request":
        piece: bytes = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise _too_large(limit)
        if piece:
            yield piece
        if not message.get("more_body", False):
            return
        message = await receive()
    raise ClientDisconnect


async def _refuse_body(receive: Receive, kind: _Kind) -> None:
    """Nothing, if there is no body after all."""
    async for _ in _pieces(receive, sys.maxsize):
        sent = kind.media_type[:80].decode("latin-1")
        known = ", ".join(each.decode() for each in (_JSON, _FORM, _MULTIPART))
        raise Refusal(415, f"Content-Type {sent!r} is not understood; send one of {known}")


def _check_length(length: bytes, limit: int) -> None:
    if length.isdigit() and (len(length) > _LENGTH_DIGITS or int(length) > limit):
        raise _too_large(limit)


def _too_large(limit: int) -> Refusal:
    return Refusal(413, f"the body is larger than {limit} bytes")
