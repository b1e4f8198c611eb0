"""Which addresses may be asked for somebody: public ones, and those in networks that an administrator allowed.

Source: the registries of special-purpose addresses (RFC 6890 and its successors); RFC 4291, 3056, 4380 and 6052 for
addresses of IPv4 inside of IPv6.
"""

import re
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, TypeAlias

from flowdock.server.outgoing.failures import NotAllowed

if TYPE_CHECKING:
    import httpx2

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

URL_LIMIT = 2048
NOT_PUBLIC = (
    "it is not a public address, and an administrator of this server has not allowed its network"
    " (FLOWDOCK_OUTGOING_NETWORKS)"
)

_VISIBLE = re.compile(r"[!-~\u00a1-\U0010ffff]+")
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
"""Where the last four bytes are the address of IPv4 that is meant."""
_NEVER = (
    ip_network("168.63.129.16/32"),  # a cloud's own service for its machines, under an address that looks public
    ip_network("192.0.0.0/24"),  # partly called global by some versions of Python
    ip_network("192.88.99.0/24"),  # relays from IPv6, that lead anywhere
)


class Guard:
    """Says no to addresses inside of networks, but for those that `allowed` names."""

    def __init__(self, allowed: Sequence[Network] = ()) -> None:
        self._allowed = tuple(allowed)

    def checked(self, text: str) -> "httpx2.URL":
        """The address that a text is, if it may be asked as far as one can tell without looking its name up.

        Raises:
            NotAllowed: it may not; the text goes on after `url`.
        """
        import httpx2  # noqa: PLC0415 - a server that asks nobody does without

        if len(text) > URL_LIMIT:
            raise NotAllowed(f"is too long ({len(text)} characters; maximum is {URL_LIMIT})")
        try:
            url = httpx2.URL(text)
        except (httpx2.InvalidURL, UnicodeError, ValueError):
            url = httpx2.URL()
        if not _VISIBLE.fullmatch(text) or url.scheme not in ("http", "https") or not url.raw_host:
            raise NotAllowed("is not an address such as https://ci.example.com/flowdock")
        if url.port is not None and not 0 < url.port < 1 << 16:
            raise NotAllowed(f"names the port {url.port}, which there is not")
        if url.userinfo:
            raise NotAllowed("has a user name or a password in it, which would be shown to others")
        literal = _literal(url.host)
        if literal is not None and not self.allows(literal):
            raise NotAllowed(f"cannot be asked: {NOT_PUBLIC}")
        return url

    def allows(self, address: Address) -> bool:
        """Whether a connection to it may be made."""
        inside = _without_disguise(address)
        if any(inside in network for network in self._allowed if network.version == inside.version):
            return True
        return all(_is_public(one) for one in _meant(inside))


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _without_disguise(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped


def _meant(address: Address) -> Iterator[Address]:
    """The addresses that are reached by it: itself, or those of IPv4 to which it leads."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            yield IPv4Address(address.packed[-4:])
            return
        if address.sixtofour is not None:
            yield address.sixtofour
        if address.teredo is not None:
            yield from address.teredo
    yield address


def _is_public(address: Address) -> bool:
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
