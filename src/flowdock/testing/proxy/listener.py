"""Where the proxy can be reached, and when it cannot."""

import asyncio
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable


class Listener:
    """A port of this machine on which connections are accepted, or refused as if nobody were there."""

    def __init__(self, serve: Callable[[StreamReader, StreamWriter], None]) -> None:
        self._serve = serve
        self._server: asyncio.Server | None = None
        self._refusals = 0
        self._turning = asyncio.Lock()
        self._waiting: set[asyncio.Task[None]] = set()
        # Nobody else is given the port while connections to it are refused.
        self._place = socket.socket()
        self._place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._place.bind(("127.0.0.1", 0))
        self.port: int = self._place.getsockname()[1]

    async def open(self) -> None:
        """Accept connections, unless they are refused."""
        async with self._turning:
            if self._server is None and not self._refusals:
                self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, reuse_port=True)

    async def close(self) -> None:
        """Accept none any more."""
        async with self._turning:
            if self._server is not None:
                self._server.close()
                self._server = None

    async def refuse(self) -> None:
        """Refuse connections until `accept` was called as often as this."""
        self._refusals += 1
        await self.close()

    async def accept(self) -> None:
        """Take one `refuse` back."""
        self._refusals = max(0, self._refusals - 1)
        await self.open()

    def refuse_for(self, seconds: float) -> None:
        """Refuse connections for a while."""

        async def wait() -> None:
            await self.refuse()
            await asyncio.sleep(seconds)
            await self.accept()

        waiting = asyncio.ensure_future(wait())
        self._waiting.add(waiting)
        waiting.add_done_callback(self._waiting.discard)

    async def end(self) -> None:
        """Give the port back."""
        for waiting in self._waiting:
            waiting.cancel()
        await self.close()
        self._place.close()
