"""What names mean, as far as that may be asked.

The connection goes to an address that is given here: a name that means something else later leads nowhere else.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address

from flowdock.server.outgoing.failures import NotAllowed, Unreachable
from flowdock.server.outgoing.guard import NOT_PUBLIC, Guard

LOOKUPS = 16
"""So many names are looked up at once."""


class Names:
    """Looks names up. `close` it.

    It has threads of its own: whoever answers for a name may take very long, and nothing else must wait for that.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._lookups = ThreadPoolExecutor(LOOKUPS, thread_name_prefix="flowdock-names")

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a host to which a connection may be made, one at least.

        Raises:
            NotAllowed: none of its addresses is allowed.
            Unreachable: it has none.
        """
        loop, look_up = asyncio.get_running_loop(), partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        try:
            found = await loop.run_in_executor(self._lookups, look_up)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"nobody knows the name {host}") from error
        # The name of an interface may follow an address of IPv6.
        texts = dict.fromkeys(str(info[4][0]) for info in found)
        allowed = [text for text in texts if self._guard.allows(ip_address(text.partition("%")[0]))]
        if not allowed:
            raise NotAllowed(f"{host} cannot be asked: {NOT_PUBLIC}")
        return allowed

    def close(self) -> None:
        """Look up nothing any more."""
        self._lookups.shutdown(wait=False, cancel_futures=True)
