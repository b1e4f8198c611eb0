"""Addresses that people are shown or browsers are sent to: none that would run as a script.

Source: RFC 6749, 3.1.2; RFC 8252, 7.
"""

import re
from html import unescape

from flowdock.server.domain.refusals import invalid

LENGTH_LIMIT = 2000
OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"
"""The redirect URI of an application that nobody can be sent to: its code is shown for people to copy."""

_WEB = re.compile(r"https?://[^\s/?#\\\"'<>;,@]+(?:[/?#][^\s\\\"'<>]*)?", re.IGNORECASE)
_OWN_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\\\"'<>;,]*")
_NEVER = frozenset(
    {"javascript", "data", "feed", "vbscript", "file", "blob", "about", "view-source", "filesystem", "urn"}
)

_SHOWN = frozenset({"http", "https", "mailto"})
_SCHEME = re.compile(r"([^:/?#]*):")


def harmless(text: str, *, field: str) -> str:
    """The text of an integration as it came, if nothing runs where a page takes it for an address.

    One without a scheme stays: the service took those too. Browsers pass over blanks and control characters in schemes.
    """
    bare = "".join(character for character in unescape(text) if character > " " and character.isprintable())
    scheme = _SCHEME.match(bare)
    # What has a point in it is the name of a host before its port: no browser knows such a scheme.
    if scheme is not None and scheme[1].lower() not in _SHOWN | {"localhost"} and "." not in scheme[1]:
        raise invalid(field, f"is {text[:80]!r}; it must begin with http://, https:// or mailto:")
    return text


def checked_link(text: str, *, field: str) -> str | None:
    """An address of the web, None for empty text."""
    text = text.strip()
    if not text:
        return None
    if len(text) > LENGTH_LIMIT:
        raise invalid(field, f"is too long (maximum is {LENGTH_LIMIT} characters)")
    if not text.isprintable() or not _WEB.fullmatch(text):
        raise invalid(field, f"is {text[:80]!r}; it must begin with http:// or https:// and have no blanks")
    return text


def checked_redirect_uri(uri: str) -> str:
    """Where an authorization code may be sent: to the web, to a program by a scheme of its own, or nowhere."""
    scheme = uri.partition(":")[0].lower()
    if uri == OUT_OF_BAND:
        return uri
    if len(uri) > LENGTH_LIMIT:
        raise invalid("redirect_uri", f"is too long (maximum is {LENGTH_LIMIT} characters)")
    pattern = _WEB if scheme in ("http", "https") else _OWN_SCHEME
    if scheme in _NEVER or "#" in uri or not uri.isascii() or not uri.isprintable() or not pattern.fullmatch(uri):
        raise invalid(
            "redirect_uri",
            f"is {uri[:80]!r}; give an absolute address without #, http, https or of a scheme of your own",
        )
    return uri


def origin_of(uri: str) -> str:
    """Where a redirect URI leads, as a policy for browsers names it: `https://example.org`, or `scheme:`."""
    scheme, _, rest = uri.partition(":")
    if scheme.lower() not in ("http", "https"):
        return f"{scheme.lower()}:"
    return f"{scheme.lower()}://{re.split('[/?#]', rest.lstrip('/'), maxsplit=1)[0]}"
