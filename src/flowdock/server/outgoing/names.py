"""What names mean, as far as that may be asked.

The connection goes to an address that is given here: a name that means something else later leads nowhere else.
"""

import asyncio
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

from flowdock.server.outgoing.failures import NotAllowed, Unreachable
from flowdock.server.outgoing.guard import NOT_PUBLIC, Guard

LOOKUPS = 32
"""So many names are looked up at once."""


class Names:
    """Looks names up, each on a thread of its own.

    Whoever answers for a name may take very long: neither what else the process does waits for that, nor its end.
    """

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._free = asyncio.Semaphore(LOOKUPS)

    async def resolve(self, host: str, port: int) -> list[str]:
        """The addresses of a host to which a connection may be made, one at least.

        Raises:
            NotAllowed: none of its addresses is allowed.
            Unreachable: it has none.
        """
        try:
            found = await self._looked_up(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"nobody knows the name {host}") from error
        # The name of an interface may follow an address of IPv6.
        texts = dict.fromkeys(str(info[4][0]) for info in found)
        allowed = [text for text in texts if self._guard.allows(ip_address(text.partition("%")[0]))]
        if not allowed:
            raise NotAllowed(f"{host} cannot be asked: {NOT_PUBLIC}")
        return allowed

    async def _looked_up(self, host: str, port: int) -> Sequence[Any]:
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[Any]] = loop.create_future()

        def settle(found: Sequence[Any], error: Exception | None) -> None:
            self._free.release()  # only now: a thread that nobody waits for any more is there all the same
            if answer.done():
                return
            if error is None:
                answer.set_result(found)
            else:
                answer.set_exception(error)

        def look_up() -> None:
            found: Sequence[Any] = ()
            failed: Exception | None = None
            try:
                found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except Exception as error:  # noqa: BLE001 - whoever waits is told
                failed = error
            with suppress(RuntimeError):  # the loop is gone, and with it whoever waited
                loop.call_soon_threadsafe(settle, found, failed)

        threading.Thread(target=look_up, name="flowdock-name", daemon=True).start()
        return await answer
