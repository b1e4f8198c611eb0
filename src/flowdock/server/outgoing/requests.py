"""One request to an address that somebody chose: guarded, bounded in time and size, never redirected.

No cookie, no proxy of the environment, no credentials of ours. The name in a certificate is compared with the host of
the address, although the connection goes to an address of the network that was looked up and checked before.
"""

import asyncio
import ssl
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from flowdock.server.outgoing.answers import Answer
from flowdock.server.outgoing.failures import OutgoingError, TookTooLong
from flowdock.server.outgoing.guard import Guard
from flowdock.server.outgoing.names import Names

if TYPE_CHECKING:
    from flowdock.server.outgoing.wire import Wire


class Outgoing:
    """Asks addresses that people chose. `close` it.

    `seconds` are for everything: looking the name up, connecting, sending, the answer. `trust` says which certificates
    are believed, those of the system when left out.
    """

    def __init__(self, guard: Guard, *, seconds: float, trust: ssl.SSLContext | None = None) -> None:
        self.guard = guard
        self._names = Names(guard)
        self._trust = trust
        self._seconds = seconds
        self._opening = asyncio.Lock()
        self._wire: Wire | None = None

    async def request(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request; any status is one.

        Raises:
            NotAllowed: the address may not be asked.
            Unreachable: there was no answer, or no sensible one.
            TookTooLong: there was none in time.
        """
        target = self.guard.checked(url)
        sent = {"User-Agent": f"Flowdock/{version('flowdock')}", **headers}
        try:
            async with asyncio.timeout(self._seconds):
                return await (await self._opened()).ask(method, target, headers=sent, body=body)
        except OutgoingError:
            raise
        except TimeoutError as error:
            raise TookTooLong(f"there was no answer within {self._seconds:g} seconds") from error

    async def close(self) -> None:
        """End all connections."""
        if self._wire is not None:
            await self._wire.close()

    async def _opened(self) -> "Wire":
        async with self._opening:
            if self._wire is None:
                from flowdock.server.outgoing.wire import Wire  # noqa: PLC0415 - see its docstring

                if self._trust is None:
                    # Loading all certificates takes a while.
                    self._trust = await asyncio.to_thread(ssl.create_default_context)
                self._wire = Wire(self._names, self._trust)
            return self._wire
