"""The client's two flavours side by side, and somebody who listens with either of them."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Literal

import flowdock
from flowdock.testing import Account, Server

Flavour = Literal["sync", "async"]


def place(server: Server, account: Account) -> dict[str, Any]:
    """What `connect` needs to know of somebody."""
    return {"token": account.token, "api_url": server.url, "stream_url": server.stream_url}


class Listening(threading.Thread):
    """Keeps what `events()` gives, until somebody says a last word."""

    def __init__(self, flavour: Flavour, last_word: str, choose: Callable[[Any], Any], **keywords: Any) -> None:
        super().__init__(daemon=True)
        self.events: list[dict[str, Any]] = []
        self._flavour, self._last_word, self._choose, self._keywords = flavour, last_word, choose, keywords
        self.start()

    def run(self) -> None:
        """Listen."""
        if self._flavour == "sync":
            with flowdock.connect(**self._keywords) as client:
                self._take(self._choose(client).events())
        else:
            asyncio.run(self._listen())

    def heard(self) -> list[dict[str, Any]]:
        """Everything, once the last word was said."""
        self.join(30)
        assert not self.is_alive(), f"the last word was not heard after {self.events[-2:]}"
        return self.events

    async def _listen(self) -> None:
        async with flowdock.connect_async(**self._keywords) as client:
            events: AsyncIterator[dict[str, Any]] = self._choose(client).events()
            async for event in events:
                self.events.append(event)
                if event.get("content") == self._last_word:
                    return

    def _take(self, events: Iterator[dict[str, Any]]) -> None:
        for event in events:
            self.events.append(event)
            if event.get("content") == self._last_word:
                return
