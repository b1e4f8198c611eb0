"""Examples of bots: each lives for a moment, and is talked to so that what it defines has to do its work."""

import ast
import asyncio
import inspect
import re
from collections.abc import Mapping
from typing import Any

import flowdock
from flowdock import bot as bots

PATIENCE_SECONDS = 10


async def live(example: str, bot: bots.Bot, names: Mapping[str, Any], flow: flowdock.Flow) -> None:
    """Run an example with a bot that lives meanwhile, and have somebody of the flow talk to it.

    Whatever a handler raises is raised here.
    """
    failures: list[BaseException] = []
    known = {**{name: getattr(bots, name) for name in bots.__all__}, "Bot": lambda: bot, "bot": bot, **names}
    async with bot:
        result = eval(_code(example), known)
        if inspect.isawaitable(result):
            await result

        @bot.on_error
        async def note(error: BaseException, event: object, message: object) -> None:
            failures.append(error)

        # The last of these comes after the tags that it would be too early to look at otherwise.
        for words in (*_triggers(example), "thank you"):
            said = await asyncio.to_thread(flow.send, f"@{bot.me['nick']} {words}")
            await _answered(bot, said, flow)
            await asyncio.to_thread(flow.edit, said["id"], tags=["urgent"])
    if failures:
        raise failures[0]


async def _answered(bot: bots.Bot, said: Any, flow: flowdock.Flow) -> None:
    """Go on talking in the thread until the bot has dealt with what was said, because it may ask back."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        done = asyncio.create_task(bot.handled(said))
        while not done.done():
            await asyncio.wait({done}, timeout=0.05)
            if not done.done():
                await asyncio.to_thread(flow.thread(said["thread_id"]).send, "2.1")


def _code(example: str) -> Any:
    """The example, without the line that runs its bot until somebody stops it."""
    tree = ast.parse(example)
    tree.body = [part for part in tree.body if ast.unparse(part) != "bot.run()"]
    return compile(tree, "<example>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def _triggers(example: str) -> list[str]:
    """What its handlers wait for."""
    patterns = re.findall(r"bot\.(?:hears|command)\(r?\"([^\"]+)\"", example)
    return [re.sub(r"\(\?P<\w+>.*?\)", "web", pattern) for pattern in patterns]
