"""Starting and ending an ASGI application, so that whoever runs it gets the error that kept it from starting.

uvicorn's own way is to log a traceback and exit.
"""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message


class Lifespan:
    """The life of an application, from `begin` to `end`. Source: the ASGI specification, "Lifespan Protocol"."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._began = asyncio.Event()
        self._living: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Start the application.

        Raises whatever it raised.
        """
        scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        self._told.put_nowait({"type": "lifespan.startup"})
        self._living = asyncio.create_task(self._live(scope))
        began = asyncio.create_task(self._began.wait())
        await asyncio.wait({self._living, began}, return_when=asyncio.FIRST_COMPLETED)
        began.cancel()
        if self._living.done():
            await self._living

    async def end(self) -> None:
        """Let the application end, and wait until it has.

        Raises whatever it raised.
        """
        self._told.put_nowait({"type": "lifespan.shutdown"})
        if self._living is not None:
            await self._living

    async def _live(self, scope: dict[str, Any]) -> None:
        await self._app(scope, self._told.get, self._hear)

    async def _hear(self, message: Message) -> None:
        # Of a failure it tells us by the exception that follows.
        if message["type"] == "lifespan.startup.complete":
            self._began.set()
