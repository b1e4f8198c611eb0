"""Where files are, and who is told the token on the way there. Pure.

A server answers a request for a file with a short-lived address, which may be on another host. Credentials are for the
server they were given for: its origin is scheme, host and port together.

Source: wire facts 2.11.
"""

import os
import re
from pathlib import Path
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from flowdock.protocol.errors import ConnectionFailed

LONGEST_NAME = 200
"""Bytes that are kept of a file's name; most file systems allow 255."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_STARTS_WITH_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def file_url(api_url: str, path: str) -> str:
    """The URL of the file that a message calls `path`, with or without a slash at its beginning.

    Raises:
        ValueError: it would lead to another server, or to nowhere.
    """
    if _STARTS_WITH_SCHEME.match(path):
        if not same_origin(path, api_url):
            raise ValueError(f"{path!r} is not on {api_url}; a path such as /files/1/key/name is expected")
        return path
    segments = path.lstrip("/").split("/")
    if not any(segments) or not {".", ".."}.isdisjoint(segments):
        raise ValueError(f"{path!r} is not the path of a file, such as /files/1/key/name")
    # The name in a path is raw: a blank is a blank, and a per cent sign is only that.
    return f"{api_url}/{quote('/'.join(segments), safe='/:@!$&()*+,;=~')}"


def redirected(url: str, location: str | None) -> str:
    """Where a redirection from `url` leads.

    Raises:
        ConnectionFailed: not to a web address.
    """
    try:
        target = urljoin(url, location or "")
        parts = urlsplit(target)
    except ValueError as error:
        raise ConnectionFailed(f"{url} leads to {location!r}, which is not a web address") from error
    if not location or parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ConnectionFailed(f"{url} leads to {location!r}, which is not a web address")
    return target


def same_origin(one: str, other: str) -> bool:
    """Whether both addresses are on one server."""
    return _origin(urlsplit(one)) == _origin(urlsplit(other))


def file_name(path: str) -> str:
    """The name under which the file of this path may be stored: its last part, without what a file system minds."""
    last = urlsplit(path).path if _STARTS_WITH_SCHEME.match(path) else path
    name = _UNSAFE_IN_NAMES.sub("_", last.rstrip("/").rpartition("/")[2])
    kept = name.encode(errors="replace")[-LONGEST_NAME:].decode(errors="ignore")
    return kept if kept.strip(". ") else "file"


def target_of(to: str | Path, path: str) -> Path:
    """The file that a download goes to: `to` itself, or in the folder `to` the file's own name."""
    target = Path(to)
    is_folder = target.is_dir() or str(to).endswith(("/", os.sep))
    return target / file_name(path) if is_folder else target


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)
