"""Where the proxy can be reached, and when it cannot."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable


class Listener:
    """A port of this machine on which connections are accepted, or refused as if nobody were there."""

    def __init__(self, serve: Callable[[StreamReader, StreamWriter], Awaitable[None]]) -> None:
        self.port = 0
        self._serve = serve
        self._server: asyncio.Server | None = None
        self._refusals = 0
        self._opening: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Accept connections: on a free port the first time, and on that one from then on."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def refuse(self) -> None:
        """Refuse connections until `accept` was called as often as this."""
        self._refusals += 1
        self.close()

    async def accept(self) -> None:
        """Take one `refuse` back."""
        if self._refusals:
            self._refusals -= 1
            if not self._refusals:
                await self.open()

    def refuse_for(self, seconds: float) -> None:
        """Refuse connections for a while."""

        async def later() -> None:
            await asyncio.sleep(seconds)
            await self.accept()

        self.refuse()
        opening = asyncio.ensure_future(later())
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
