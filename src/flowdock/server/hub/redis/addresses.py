"""Addresses of brokers as people may see them."""

import re

_SCHEME = re.compile(r"[a-z]{1,10}://")


def without_secrets(url: str) -> str:
    """The address without user, password and options, however it is malformed."""
    scheme = match[0] if (match := _SCHEME.match(url)) else ""
    _, at, place = url.removeprefix(scheme).rpartition("@")
    return scheme + ("***@" if at else "") + place.partition("?")[0]
