"""One handler at work on one event."""

import asyncio
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from flowdock.bot.dialogues import Dialogues
from flowdock.bot.handlers import Handler
from flowdock.bot.lanes import Turn
from flowdock.bot.matching import Event
from flowdock.bot.memory import Change, Memory, State
from flowdock.client import patience
from flowdock.client._async.transport import CLOSED
from flowdock.client.patience import Patience
from flowdock.protocol.errors import ConnectionFailed, RateLimited, ServerError

Result = TypeVar("Result")

PATIENCE = Patience(first_wait=0.5, longest_wait=15.0)


class Handling:
    """What a handler that works on an event needs: uuids that are the same in each life, state, and its turn."""

    def __init__(self, handler: Handler, key: str, *, memory: Memory, dialogues: Dialogues, turn: Turn) -> None:
        self.handler = handler
        self.key = key
        self._memory = memory
        self._dialogues = dialogues
        self._turn = turn
        self._number = 0
        self._states: dict[str, State] = {}
        self.is_waiting = False
        """Whether it waits for somebody's answer."""

    def uuid(self) -> str:
        """A name for the next thing that is said, by which the server knows it if this bot says it again."""
        self._number += 1
        words = f"{self._memory.salt}\n{self.key}\n{self.handler.name}\n{self._number}"
        return urlsafe_b64encode(hashlib.sha256(words.encode()).digest()[:24]).decode()

    def state(self, scope: str) -> State:
        """What the bot remembers there; what is changed in it is kept once the handler is done."""
        if scope not in self._states:
            self._states[scope] = State(scope, self._memory.state(scope))
        return self._states[scope]

    def changes(self) -> list[Change]:
        """What the handler changed so far."""
        return [change for state in self._states.values() for change in state.changes()]

    async def answer(self, place: str, person: str, ask: Callable[[], Awaitable[int]], *, timeout: float) -> Event:
        """What a person says next in a place, after the question; others go on meanwhile.

        Raises:
            TimeoutError: nothing, in so many seconds.
        """
        question = self._dialogues.ask(place, person)
        try:
            self._dialogues.asked(question, await ask())
            async with self._given_away():
                try:
                    return await asyncio.wait_for(question.answer, timeout)
                except TimeoutError:
                    raise TimeoutError(f"nobody answered within {timeout:g} s") from None
        finally:
            self._dialogues.end(question)

    @asynccontextmanager
    async def _given_away(self) -> AsyncGenerator[None]:
        await self._turn.give()
        self.is_waiting = True
        try:
            yield
        finally:
            self.is_waiting = False
            await self._turn.take()
            for scope, state in self._states.items():
                state.renew(self._memory.state(scope))


async def patiently(call: Callable[[], Awaitable[Result]]) -> Result:
    """The answer to a call that may be repeated, however long the server is away.

    A handler cannot be run anew because its answer found no server: what it did before would be done twice.
    """
    tries = 0
    while True:
        try:
            return await call()
        except (ConnectionFailed, ServerError, RateLimited) as error:
            if CLOSED in error.args:
                raise
            tries += 1
            asked = getattr(error, "retry_after", None) or 0.0
            await asyncio.sleep(max(asked, patience.backoff(tries, chance=0.5, patience=PATIENCE)))
