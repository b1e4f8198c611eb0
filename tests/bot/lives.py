"""A bot in a process of its own, which can be killed in the middle of whatever it does."""

import asyncio
import multiprocessing
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Self

from flowdock.bot import Bot, Message, PlainMessage, State

PROCESSES = multiprocessing.get_context("forkserver")
# A process that has this loaded already is there in a few milliseconds.
PROCESSES.set_forkserver_preload(["tests.bot.lives"])


def live(token: str, api_url: str, flow: str, memory: Path) -> None:
    """The whole life of a bot that counts what it is told."""
    bot = Bot(token=token, api_url=api_url, flows=[flow], memory=memory)

    @bot.command("count")
    async def count(message: Message, bot_state: State, state: State) -> None:
        bot_state["counted"] = bot_state.get("counted", 0) + 1
        await message.reply("counted")
        await asyncio.sleep(0.005)  # a good moment to be killed in: said, and not remembered
        state["counted"] = state.get("counted", 0) + 1

    @bot.hears("count")
    def remark(message: PlainMessage, user_state: State) -> None:
        user_state["remarks"] = user_state.get("remarks", 0) + 1
        message.reply("remarked")

    bot.run()


class Life:
    """One life, ended by a kill that nothing hears."""

    def __init__(self, *, token: str, api_url: str, flow: str, memory: Path) -> None:
        self._process: BaseProcess = PROCESSES.Process(target=live, args=(token, api_url, flow, memory), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
