"""Where in a text a URL is, and how far it goes.

A URL is found from a place inside it that is quick to see: the `://` behind its protocol, or the dot before its
top-level domain. Looking back from there is bounded by the length of a name; looking ahead never gives back what it
has read (each unbounded repeat is possessive or atomic) and stops where the next such place could be. So the work grows
with the length of the text and no faster, whatever the text is. Editors must keep it that way; a test walks the
expressions.

Source: wire facts 4.3 and the cases of flowdock-text.
"""

import re
from typing import TypeAlias

from flowdock.protocol.top_level_domains import TOP_LEVEL_DOMAINS

Span: TypeAlias = tuple[int, int]

NAME_LENGTH_LIMIT = 253
"""Characters in the name of a host (RFC 1035)."""

# With accents; the gaps are the signs for multiplication and division.
_LATIN = r"0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u017f\u1e00-\u1eff"
# Letters, digits and symbols of every script, such as the snowman: neither ASCII punctuation nor general or CJK
# punctuation nor blanks. Said by what is left out, because that set is small and so compiled in a moment.
_NOT_IN_NAMES = (
    r"\x00-/:-@\[-`{-\u00bf\u1680\u2000-\u206f\u3000-\u303f\ufe00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
)
_NOT_BEFORE = r"-/\"'!=0-9A-Za-z_@\uff20$#\uff03.\u202a-\u202e\ufeff\ufffe\uffff"

_PORT = r"(?::[0-9]{1,5}(?![0-9]))?"
_MIDDLE = r"!*';:,.$%~|&?"
# Greek and Cyrillic too, but no script written without blanks: there the text goes on behind the URL.
_END = rf"=_#/+\-{_LATIN}\u0370-\u052f"
_IN_BRACKETS = rf"\([{_MIDDLE}{_END}]++\)|\[[{_MIDDLE}{_END}]*+\]"
# Path, query and fragment in one: punctuation belongs to them only when something follows, brackets only in pairs.
_TAIL = rf"(?:(?=[/?#])(?>(?:@{{0,2}}[{_MIDDLE}]*+(?:[{_END}]++|{_IN_BRACKETS}))*))?"


def _names(character: str) -> str:
    label = rf"{character}++(?>(?:[-_]++{character}++)*)"
    return rf"{label}(?>(?:\.{label})*)"


_PROTOCOL = rf"(?:(?<=(?<![{_NOT_BEFORE}])[Hh][Tt][Tt][Pp])|(?<=(?<![{_NOT_BEFORE}])[Hh][Tt][Tt][Pp][Ss]))://"
_USER = r"(?:[0-9A-Za-z._~%!$&'()*+,;=:-]++@)?"
_IPV6 = r"\[[0-9A-Fa-f:.]{2,45}\]"
_WITH_PROTOCOL = re.compile(rf"{_PROTOCOL}{_USER}(?P<host>{_IPV6}|{_names(f'[^{_NOT_IN_NAMES}]')}){_PORT}{_TAIL}")
_WITHOUT_PROTOCOL = re.compile(rf"(?<![{_NOT_BEFORE}])(?P<host>{_names(f'[{_LATIN}]')}){_PORT}{_TAIL}")
_DOMAIN = re.compile(rf"(?P<host>{_names(f'[{_LATIN}]')})")

_TOP_LEVEL = re.compile(r"[Xx][Nn]--[0-9A-Za-z-]++|[A-Za-z][0-9A-Za-z]*+")
_LAST_DOT = re.compile(rf"\.(?P<top>{_TOP_LEVEL.pattern})(?![{_LATIN}_-]*+\.[{_LATIN}])")
_NAME_BACKWARDS = re.compile(rf"[{_LATIN}_.-]++")
_IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\.(?!\Z)|\Z)){4}")
_GOES_ON = re.compile(r"[!#-'*-/:;=?@\\^_`|~]++[^\W_]")
_SHORTENER_PATH = re.compile(r"/[0-9A-Za-z]++")


def with_protocol(text: str, colon: int, *, after: int) -> Span | None:
    """The span of the URL whose `://` is at `colon`, if there is one that begins at `after` or later."""
    found = _WITH_PROTOCOL.match(text, colon)
    start = colon - (5 if text[colon - 1] in "sS" else 4)
    if found is None or start < after:
        return None
    host_end = _known_host_end(found) or _private_host_end(found)
    return None if host_end is None else (start, _end(found, host_end))


def without_protocol(text: str, dot: int, *, after: int) -> Span | None:
    """The span of the URL whose top-level domain follows the dot at `dot`, if there is one at `after` or later."""
    last = _LAST_DOT.match(text, dot)
    if last is None or not _is_top_level(last["top"]):
        return None
    name = _NAME_BACKWARDS.match(text[max(after, dot - NAME_LENGTH_LIMIT) : dot][::-1])
    found = name and _WITHOUT_PROTOCOL.match(text, dot - name.end())
    host_end = found and _known_host_end(found)
    return (found.start(), _end(found, host_end)) if found and host_end else None


def domain_end(text: str, start: int) -> int | None:
    """Where the domain name that begins at `start` ends, if its top-level domain is a known one."""
    found = _DOMAIN.match(text, start)
    return found and _known_host_end(found)


def _known_host_end(found: re.Match[str]) -> int | None:
    name, _, last = found["host"].rpartition(".")
    top = _TOP_LEVEL.match(last)
    if not name or top is None or _has_underscore(name, last) or not _is_top_level(top[0]):
        return None
    # The top-level domain may be glued to what follows: `example.com-and`, or text in a script without blanks.
    end = found.end("host") - len(last) + top.end()
    return None if found.string.startswith("@", end) else end


def _private_host_end(found: re.Match[str]) -> int | None:
    """The end of a host no public name server need know: an address, a single name, a company's own domain."""
    host, end = found["host"], found.end("host")
    if end == found.end() and _GOES_ON.match(found.string, end):
        return None
    if host.startswith("[") or _IPV4.fullmatch(host):
        return end
    name, _, last = host.rpartition(".")
    return None if len(last) < 2 or last.isdigit() or _has_underscore(name, last) else end


def _has_underscore(name: str, last: str) -> bool:
    """Whether one of the last two labels has one; further to the left they are allowed."""
    return "_" in last or "_" in name.rpartition(".")[2]


def _is_top_level(name: str) -> bool:
    lower = name.lower()
    return lower in TOP_LEVEL_DOMAINS or lower.startswith("xn--")


def _end(found: re.Match[str], host_end: int) -> int:
    if host_end != found.end("host"):
        return host_end
    # Twitter's shortener has letters and digits only, so that what is written behind it is not taken for a path.
    if found["host"].lower() == "t.co" and (short := _SHORTENER_PATH.match(found.string, host_end)):
        return short.end()
    return found.end()
