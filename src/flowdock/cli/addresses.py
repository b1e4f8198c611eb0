"""Addresses of servers. Pure."""

from urllib.parse import urlsplit

HERE = frozenset({"127.0.0.1", "::1", "localhost"})
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is told instead of it


def url_of(host: str, port: int) -> str:
    """The address by which this machine reaches what listens on host and port."""
    reached = _EVERYWHERE.get(host, host)
    return f"http://[{reached}]:{port}" if ":" in reached else f"http://{reached}:{port}"


def is_here(url: str) -> bool:
    """Whether this address is that of this machine for itself."""
    return urlsplit(url).hostname in HERE
