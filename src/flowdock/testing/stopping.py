"""A server that stops at once: uvicorn looks ten times a second whether it should, which tests would wait for."""

import asyncio
import socket
from typing import Any

from flowdock.server import running

SOON_SECONDS = 0.001
GLANCES = 50


class QuickServer(running.Server):
    """The server that ships, but for how it learns that it should stop."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._told = asyncio.Event()

    def end(self) -> None:
        """Stop; called on the loop it runs on."""
        self.should_exit = True
        self._told.set()

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        await self.on_tick(0)
        await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        self._app.finish_streams()
        for server in self.servers:
            server.close()
        for one in sockets or []:
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        for _ in range(GLANCES):
            if not self.server_state.connections and not self.server_state.tasks:
                break
            await asyncio.sleep(SOON_SECONDS)
        else:
            # Requests under way, or readers that take nothing: those are given the usual time.
            try:
                await asyncio.wait_for(self._wait_tasks_to_complete(), running.GRACE_SECONDS)
            except TimeoutError:
                for task in self.server_state.tasks:
                    task.cancel()
        await self._life.end()
