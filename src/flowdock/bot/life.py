"""A bot at work: it reads what happens, and runs the handlers that are for it."""

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flowdock.bot import matching
from flowdock.bot.dialogues import Dialogues
from flowdock.bot.directory import Directory
from flowdock.bot.handlers import STATES, Function, Handler, Handlers
from flowdock.bot.handling import Handling, patiently
from flowdock.bot.lanes import Lanes
from flowdock.bot.matching import Event, Filter
from flowdock.bot.memory import Change, Memory
from flowdock.bot.message import Message, PlainMessage
from flowdock.bot.plain import PlainBot
from flowdock.bot.progress import Progress, key_of, place_of
from flowdock.client._async.client import AsyncClient
from flowdock.client.reading import State
from flowdock.protocol.errors import ConnectionFailed, FlowdockError, StreamGap

if TYPE_CHECKING:
    from flowdock.bot.bot import Bot

logger = logging.getLogger("flowdock.bot")

TURNS = "turns"
"""Under this name the memory keeps which turns the timers had last."""
AGAIN_SECONDS = 1.0
TURN: Event = {"event": "turn"}
"""What a timer's handler is called for."""

current: ContextVar[Handling | None] = ContextVar("current", default=None)
"""What the code that runs belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a bot does what it does, as its author said."""

    handlers: Handlers = field(default_factory=Handlers)
    middleware: list[Function] = field(default_factory=list)
    on_error: list[Function] = field(default_factory=list)
    ignored: Filter
    flows: tuple[str, ...] | None
    concurrency: int
    grace: float


class Life:
    """From one start to the next stop."""

    def __init__(self, bot: "Bot", ways: Ways, client: AsyncClient, directory: Directory, memory: Memory) -> None:
        self._bot = bot
        self._ways = ways
        self._directory = directory
        self._memory = memory
        self._dialogues = Dialogues()
        self._lanes = Lanes(ways.concurrency)
        self._tasks: dict[asyncio.Task[None], Handling | None] = {}
        self._reading: asyncio.Task[None] | None = None
        self._is_open = asyncio.Event()
        self.progress = Progress(memory, memory.done())
        self.stream = client.events(flows=ways.flows, private=True, since=memory.cursor, on_state=self._note)
        self.heard_at = time.monotonic()
        self.failed = 0

    async def begin(self) -> None:
        """Return once the bot listens.

        Raises:
            FlowdockError: the server refuses.
        """
        self._reading = asyncio.create_task(self._read())
        ready = asyncio.create_task(self._is_open.wait())
        await asyncio.wait({self._reading, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._reading.done():
            self._reading.result()

    async def wait(self) -> None:
        """Return when it ends, or raise why."""
        if self._reading is not None:
            await asyncio.shield(self._reading)

    async def end(self) -> None:
        """Read no more; what runs may finish for as long as it is given."""
        await self.stream.close()
        if self._reading is not None:
            await asyncio.wait({self._reading})
        # What waits for an answer may wait for hours, and asks the same again in the next life.
        working = [task for task, at in self._tasks.items() if at is None or not at.is_waiting]
        if working:
            await asyncio.wait(working, timeout=self._ways.grace)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def have_turn(self, handler: Handler, turn: int) -> None:
        """Run a timer's handler for its turn."""
        async with self._lanes.entered([f"timer {handler.name}", *self._lanes_of(handler, TURN)]) as entered:
            key = f"turn {turn}"
            handling = Handling(handler, key, memory=self._memory, dialogues=self._dialogues, turn=entered)
            changes = await self._run(handling, TURN, {})
            self._memory.finish(None, handler.name, [*changes, (TURNS, handler.name, turn)])

    async def _read(self) -> None:
        while True:
            try:
                async for event in self.stream:
                    self.heard_at = time.monotonic()
                    await self._take(event, self.stream.cursor)
                return
            except StreamGap as gap:
                logger.warning("%s", gap)
            except ConnectionFailed as failure:
                logger.info("%s; trying again", failure)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _take(self, event: Event, cursor: str | None) -> None:
        await self.progress.wait_until_below(self._ways.concurrency * 8)
        await patiently(lambda: self._directory.hear(event))
        key, place, around = key_of(event, cursor), place_of(event), self._directory.surroundings()
        is_ignored = self._ways.ignored.holds(event, around)
        found = [] if is_ignored else self._ways.handlers.of(event, around)
        left = self.progress.begin(key, cursor, [handler.name for handler, _ in found])
        if matching.text_of(event):
            self._dialogues.hear(place, event)
        if not left:
            await self.progress.finish(key, None)
            return
        self._dialogues.enter(place)
        work = [(handler, brought) for handler, brought in found if handler.name in left]
        task = asyncio.create_task(self._handle(event, key, place, work))
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)

    async def _handle(
        self, event: Event, key: str, place: str, work: Iterable[tuple[Handler, Mapping[str, Any]]]
    ) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - for the types: this is one
        try:
            for handler, brought in work:
                async with self._lanes.entered([place, *self._lanes_of(handler, event)]) as turn:
                    handling = Handling(handler, key, memory=self._memory, dialogues=self._dialogues, turn=turn)
                    self._tasks[task] = handling
                    is_answer = handler.wants_speech and self._dialogues.is_answer(event)
                    changes = () if is_answer else await self._run(handling, event, brought)
                    await self.progress.finish(key, handler.name, changes)
        finally:
            self._dialogues.leave(place)

    async def _run(self, handling: Handling, event: Event, brought: Mapping[str, Any]) -> Sequence[Change]:
        """Run a handler with what stands around it; what it changed, which is nothing if it fails."""
        message = Message(self._bot, event, handling) if isinstance(event.get("id"), int) else None
        token = current.set(handling)
        try:
            offered = self._offered(handling, event, message, brought)
            await self._through(0, handling, event, offered)
            return handling.changes()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a handler's fault is no reason to end the bot
            await self._tell(error, handling, event, message)
            return ()
        finally:
            current.reset(token)

    async def _through(self, at: int, handling: Handling, event: Event, offered: Mapping[str, Any]) -> None:
        if at == len(self._ways.middleware):
            await handling.handler.call(offered)
            return
        await self._ways.middleware[at](event, lambda: self._through(at + 1, handling, event, offered))

    async def _tell(self, error: Exception, handling: Handling, event: Event, message: Message | None) -> None:
        self.failed += 1
        logger.error("%s failed at %s", handling.handler.name, handling.key, exc_info=error)
        for function in self._ways.on_error:
            try:
                await function(error, event, message)
            except Exception:
                logger.exception("what is to be done about errors failed itself")

    def _offered(
        self, handling: Handling, event: Event, message: Message | None, brought: Mapping[str, Any]
    ) -> dict[str, Any]:
        is_plain, loop = handling.handler.is_plain, asyncio.get_running_loop()
        states = {name: handling.state(scope) for name, scope in self._scopes(handling.handler, event)}
        return {
            "event": event,
            "message": PlainMessage(message, loop) if is_plain and message is not None else message,
            "bot": PlainBot(self._bot, loop, handling) if is_plain else self._bot,
            "flow": self._directory.flows.name_of(event.get("flow")),
            "people": self._directory.people,
            "flows": self._directory.flows,
            **states,
            **brought,
        }

    def _scopes(self, handler: Handler, event: Event) -> list[tuple[str, str]]:
        """The states that a handler asks for, and whose they are."""
        whose = {
            "state": "bot" if event is TURN else place_of(event),
            "user_state": "bot" if event is TURN else f"user {event.get('user')}",
            "bot_state": "bot",
        }
        return [(name, whose[name]) for name in STATES if name in handler.asks_for]

    def _lanes_of(self, handler: Handler, event: Event) -> list[str]:
        """What nobody else may work with meanwhile; sorted, so that all wait for it in one order."""
        place = place_of(event)
        return sorted({f"state of {scope}" for _, scope in self._scopes(handler, event) if scope != place})

    def _note(self, state: State, failure: FlowdockError | None) -> None:
        if state == "open":
            self.heard_at = time.monotonic()
            if self._memory.cursor is None:
                self._memory.advance(self.stream.cursor, ())
            self._is_open.set()
        elif state == "waiting":
            logger.info("the stream was lost: %s", failure or "it ended")
