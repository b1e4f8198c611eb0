"""A bot as plain functions have it, which run on a thread of their own: every verb waits for its answer."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from flowdock.bot.handling import Handling
from flowdock.protocol.types import Message as Said

if TYPE_CHECKING:
    from flowdock.bot.bot import Bot

Result = TypeVar("Result")


class PlainBot:
    """The bot; what it knows is asked for as of a `Bot`."""

    def __init__(self, bot: "Bot", loop: asyncio.AbstractEventLoop, handling: Handling) -> None:
        self._bot = bot
        self._loop = loop
        self._handling = handling

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._bot, name)

    def say(self, flow: str, content: str, *, thread_id: str | None = None, tags: list[str] | None = None) -> Said:
        """Say something in a flow (`org/flow`), once however often the handler runs."""
        uuid = self._handling.uuid()
        return self._done(self._bot.say(flow, content, thread_id=thread_id, tags=tags, uuid=uuid))

    def tell(self, nick: str, content: str) -> Said:
        """Say something to somebody in private, once however often the handler runs."""
        return self._done(self._bot.tell(nick, content, uuid=self._handling.uuid()))

    def _done(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
