"""Streams whose token is good no more end: when tokens or people change, and now and then.

Tokens also expire; and who is just being let in when their token is revoked is met by the next look.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress

from flowdock.server.actions import signing_in
from flowdock.server.http.answering import Service
from flowdock.server.hub.hub import Hub

log = logging.getLogger("flowdock.http")


class Readmission:
    """Looks again at who reads. However often it is asked while it looks, it looks once more after that."""

    def __init__(self, service: Callable[[], Service], hub: Hub) -> None:
        self._service = service
        self._hub = hub
        self._wanted = asyncio.Event()

    def credentials_changed(self) -> None:
        """Some token, password or person is not what it was."""
        self._wanted.set()

    async def run(self, seconds: float) -> None:
        """Look whenever it is wanted, and at least so often, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._wanted.wait()
            self._wanted.clear()
            try:
                await self.look()
            except Exception:
                log.exception("who reads could not be looked at; it will be tried again in %s s", seconds)

    async def look(self) -> None:
        """End the streams of all who would not be let in any more."""
        readers = list(self._hub.readers)
        if not readers:
            return
        token_ids, user_ids = {one.token_id for one in readers}, {one.user_id for one in readers}
        tokens, people = await self._service().store.read_aside(
            lambda tx: signing_in.still_good(tx, token_ids=token_ids - {0}, user_ids=user_ids)
        )
        for reader in readers:
            if reader.user_id not in people or (reader.token_id and reader.token_id not in tokens):
                reader.finish()
