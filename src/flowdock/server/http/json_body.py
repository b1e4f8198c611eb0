"""A JSON body as parameters, however hostile it is."""

from collections.abc import Set as AbstractSet
from typing import Final

import msgspec

from flowdock.server.domain.refusals import Refusal
from flowdock.server.http.limits import NESTING, VALUES
from flowdock.server.http.text import decoded, nul_refused

_decode: Final = msgspec.json.Decoder().decode

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LARGE_BYTES = 1024 * 1024
_SMALLEST = -(2**63)
_LARGEST = 2**63 - 1


def parse_json(body: bytes, charset: str = "", *, nullable: AbstractSet[str] = frozenset()) -> dict[str, object]:
    """The members of a JSON object, without those that are `null` unless they are `nullable`; those further in stay.

    Raises:
        Refusal: 400 for anything else, and for values that could not be stored.
    """
    if charset:
        body = decoded(body, charset).encode()
    # An empty list takes thirty times its place in memory; base64, for which large bodies are meant, has no commas.
    if len(body) > _LARGE_BYTES and body.count(b",") > 10 * VALUES:
        raise _too_many()
    found = _decoded_object(body)
    if b"\\u0000" in body:
        _check(found, depth=0)
    has_null = False
    for value in found.values():
        if value is None:
            has_null = True
        elif type(value) is not str:
            _check(value, depth=1)
    if not has_null:
        return found
    return {name: value for name, value in found.items() if value is not None or name in nullable}


def _decoded_object(body: bytes) -> dict[str, object]:
    try:
        found = _decode(body)
    except RecursionError as error:
        raise _too_deep() from error
    except UnicodeDecodeError as error:
        raise Refusal(400, f"the JSON body is not UTF-8: {error.reason}") from error
    except msgspec.DecodeError as error:
        if body.startswith(_BYTE_ORDER_MARK):
            return _decoded_object(body.removeprefix(_BYTE_ORDER_MARK))
        if not body.strip():
            return {}
        raise Refusal(400, f"the JSON body cannot be read: {error}") from error
    if type(found) is not dict:
        raise Refusal(400, 'the JSON body must be an object, such as {"content": "Hello"}')
    if len(found) > VALUES:
        raise _too_many()
    return found


def _check(top: object, *, depth: int) -> None:
    """Refuse what can be parsed but not stored, in a value that is so deep already."""
    left = VALUES
    waiting = [(top, depth)]
    while waiting:
        value, depth = waiting.pop()
        if isinstance(value, (dict, list)):
            left -= len(value)
            if left < 0:
                raise _too_many()
            if depth > NESTING:
                raise _too_deep()
            waiting.extend((member, depth + 1) for member in value)
            if isinstance(value, dict):
                waiting.extend((member, depth + 1) for member in value.values())
        elif isinstance(value, str):
            if "\0" in value:
                raise nul_refused()
        elif isinstance(value, int) and not _SMALLEST <= value <= _LARGEST:
            raise Refusal(400, f"number {str(value)[:40]} has more than 64 bits; send it as a text")


def _too_deep() -> Refusal:
    return Refusal(400, f"the JSON body is nested too deeply; {NESTING} levels are allowed")


def _too_many() -> Refusal:
    return Refusal(400, f"the JSON body has too many values; {VALUES} are allowed")
