"""A program that answers: what its author wrote, and how it is started, stopped and asked."""

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from flowdock.bot import matching
from flowdock.bot.decorators import Decorators
from flowdock.bot.directory import Directory, Flows, People
from flowdock.bot.handlers import Function, Handler
from flowdock.bot.handling import patiently
from flowdock.bot.health import Health
from flowdock.bot.life import AGAIN_SECONDS, TURNS, Life, Ways, current
from flowdock.bot.memory import Memory
from flowdock.bot.message import Message
from flowdock.bot.progress import key_of
from flowdock.bot.timers import Timers
from flowdock.client import settings
from flowdock.client._async.client import AsyncClient
from flowdock.client._async.connect import connect_async
from flowdock.client._async.conversation import new_uuid
from flowdock.client._async.flow import AsyncFlow
from flowdock.protocol.errors import ConnectionFailed, FlowdockError
from flowdock.protocol.types import Message as Said
from flowdock.protocol.types import User

logger = logging.getLogger("flowdock.bot")

F = TypeVar("F", bound=Function)


class Bot(Decorators):
    r"""A chat bot: write handlers, then `run()` it.

    `token` and `api_url` are as in `flowdock.connect`. It listens in `flows` (`org/flow`), or without them in all flows
    it is in, also in those it is brought into later, and in private. `memory` is the file in which it keeps how far it
    has come and its state; if not given, one below `$XDG_STATE_HOME` (`~/.local/state`) for its account and server.
    Two programs on one account need two. It does at most `concurrency` things at once, answers nobody in `ignore`
    (nicks), tells how it is at `health` (such as "127.0.0.1:8080"), and when it is stopped gives what runs `grace`
    seconds.

    Example:
        bot = Bot()

        @bot.hears(r"deploy (?P<service>\w+)")
        async def deploy(message, service):
            await message.reply(f"deploying {service}")

        bot.run()
    """

    def __init__(
        self,
        *,
        token: str | None = None,
        flows: Iterable[str] | None = None,
        api_url: str | None = None,
        stream_url: str | None = None,
        memory: str | PathLike[str] | None = None,
        health: str | None = None,
        ignore: Iterable[str] = (),
        concurrency: int = 32,
        grace: float = 10.0,
    ) -> None:
        self._where = {"token": token, "api_url": api_url, "stream_url": stream_url}
        self._ways = Ways(
            flows=None if flows is None else tuple(flows),
            ignored=matching.sent_by(*ignore),
            concurrency=concurrency,
            grace=grace,
        )
        self._path = memory
        self._health: Health | None = None
        if health is not None:
            self.tell_health_at(health)
        self._memory: Memory | None = None
        self._directory: Directory | None = None
        self._life: Life | None = None
        self.timers = Timers(self._have_turn)
        self.client: AsyncClient
        """The whole client, once the bot runs."""
        self.command("help", help="tells what I can do")(_help)

    def talk_to(self, api_url: str, *, token: str) -> None:
        """Let it live on another server, as whoever has this token there.

        Example:
            bot.talk_to("https://flowdock.example.com", token=TOKEN)
        """
        self._where = {"token": token, "api_url": api_url, "stream_url": None}

    def tell_health_at(self, address: str) -> None:
        """Let it tell how it is at an address such as "127.0.0.1:8080", where `GET /healthz` is answered 200 or 503.

        Example:
            bot.tell_health_at("127.0.0.1:8080")

        Raises:
            BadSetting: that is no address.
        """
        self._health = Health(address, self._report)

    def remember_in(self, path: str | PathLike[str]) -> None:
        """Let it keep how far it has come, and its state, in this file.

        Example:
            bot.remember_in("robo.db")
        """
        self._path = path

    # Its life

    def run(self) -> None:
        """Live until Ctrl-C or a SIGTERM. What cannot work is said in one line, with exit code 1."""
        if not logging.getLogger().handlers:
            logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
            logging.getLogger("httpx2").setLevel(logging.WARNING)
        try:
            asyncio.run(self._live_until_told())
        except KeyboardInterrupt:
            return
        except FlowdockError as error:
            sys.exit(str(error))

    async def start(self) -> None:
        """Connect, and begin to handle what happened since the bot's last life, or from now on if this is the first.

        While the server is not there it is tried again.

        Raises:
            FlowdockError: the server refuses, or the memory cannot be used.
        """
        self.client = connect_async(
            token=self._where["token"], api_url=self._where["api_url"], stream_url=self._where["stream_url"]
        )
        try:
            self._directory = await self._loaded()
            self._memory = Memory(self._path or self._usual_memory())
            self._life = Life(self, self._ways, self.client, self._directory, self._memory)
            if self._health is not None:
                await self._health.start()
                logger.info("tells how it is at %s", self._health.url)
            await self._life.begin()
        except BaseException:
            await self.stop()
            raise
        turns = self._memory.state(TURNS)
        for timer in self.timers.every:
            timer.last = turns.get(timer.handler.name, -1)
        self.timers.start()
        where = "all its flows" if self._ways.flows is None else ", ".join(self._ways.flows)
        logger.info("%s listens in %s", self.me["nick"], where)

    async def stop(self) -> None:
        """End: what runs has its time of grace, and what did not finish is handled in the next life."""
        await self.timers.stop()
        if self._life is not None:
            await self._life.end()
        if self._health is not None:
            await self._health.stop()
        if self._memory is not None:
            self._memory.close()
        await self.client.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    async def handled(self, event: Mapping[str, Any]) -> None:
        """Return when the bot has dealt with an event or message, given with its `id` and its flow or people.

        Example:
            said = await bot.say("acme/main", "Anybody here?")
            await bot.handled(said)
        """
        await self._lived.progress.wait_until_finished(key_of(event, None))

    # What it knows and can do

    @property
    def me(self) -> User:
        """The bot itself, as it is called now."""
        return self._known.me

    @property
    def people(self) -> People:
        """Everybody it shares a flow with, by id, as they are now."""
        return self._known.people

    @property
    def flows(self) -> Flows:
        """The flows it is in, by name (`org/flow`), as they are now."""
        return self._known.flows

    @property
    def state(self) -> str:
        """How its stream stands: "connecting", "backfilling", "open", "waiting" or "closed"."""
        return "closed" if self._life is None else self._life.stream.state

    def flow(self, name: str) -> AsyncFlow:
        """A flow (`org/flow`) with all its verbs.

        Example:
            thread = bot.flow("acme/main").thread(thread_id)
            await thread.send("Still at it")
        """
        org, _, flow = name.partition("/")
        return self.client(org=org, flow=flow)

    async def say(
        self,
        flow: str,
        content: str,
        *,
        thread_id: str | None = None,
        tags: list[str] | None = None,
        uuid: str | None = None,
    ) -> Said:
        """Say something in a flow (`org/flow`); while the server is away it is tried again.

        Example:
            await bot.say("acme/main", "Good morning")
        """
        where, uuid = self.flow(flow), uuid or _uuid()
        return await patiently(lambda: where.send(content, tags=tags, thread_id=thread_id, uuid=uuid))

    async def tell(self, nick: str, content: str, *, uuid: str | None = None) -> Said:
        """Say something to somebody in private.

        Example:
            await bot.tell("bob", "Your build is green")

        Raises:
            UnknownName: nobody here has this nick.
        """
        private, uuid = self.client(uid=self.people.named(nick)["id"]), uuid or _uuid()
        return await patiently(lambda: private.send(content, uuid=uuid))

    @property
    def commands(self) -> list[tuple[str, str]]:
        """How the bot is called and what for, as its help tells."""
        return [(handler.usage, handler.help) for handler in self._ways.handlers.every if handler.usage]

    @property
    def _known(self) -> Directory:
        if self._directory is None:
            raise RuntimeError("the bot does not run yet; `async with bot` or `bot.run()` starts it")
        return self._directory

    @property
    def _lived(self) -> Life:
        if self._life is None:
            raise RuntimeError("the bot does not run yet; `async with bot` or `bot.run()` starts it")
        return self._life

    async def _live_until_told(self) -> None:
        told, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, told.set)
        starting = asyncio.create_task(self.start())
        stopping = asyncio.create_task(told.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            starting.cancel()
            await asyncio.wait({starting})
            return
        starting.result()
        living = asyncio.create_task(self._lived.wait())
        await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
        logger.info("stopping")
        await self.stop()
        stopping.cancel()
        living.result()

    async def _loaded(self) -> Directory:
        directory = Directory(self.client)
        while True:
            try:
                await directory.load()
            except ConnectionFailed as failure:
                logger.info("%s; trying again", failure)
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return directory

    def _usual_memory(self) -> Path:
        folder = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")  # noqa: PTH111, PTH118
        server = urlsplit(settings.current(self._where).api_url).netloc.replace(":", "-")
        return Path(folder, "flowdock", f"bot-{self.me['id']}-{server}.db")

    async def _have_turn(self, handler: Handler, turn: int) -> None:
        await self._lived.have_turn(handler, turn)

    def _report(self) -> tuple[bool, Mapping[str, object]]:
        """Whether it is well, and what there is to know."""
        if self._life is None:
            return False, {"state": "connecting"}
        life = self._life
        silence = time.monotonic() - life.heard_at
        return life.stream.state == "open", {
            "state": life.stream.state,
            "seconds_since_event": round(silence, 1),
            "handled": life.progress.handled,
            "failed": life.failed,
            "underway": life.progress.underway,
        }


async def _help(message: Message, bot: Bot) -> None:
    lines = [f"- `{usage}`" + (f": {text}" if text else "") for usage, text in bot.commands]
    await message.reply("\n".join(["I know:", *lines]))


def _uuid() -> str:
    handling = current.get()
    return new_uuid() if handling is None else handling.uuid()
