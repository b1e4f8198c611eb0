"""The examples of the test kit's docstrings: the names in them are fixtures, as they are in their readers' tests."""

import ast
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import flowdock
from flowdock import testing
from flowdock.bot import Bot, Message
from flowdock.testing import BotTester, Server
from tests.client.flavours import HURRIED
from tests.docs import shown
from tests.docs.shown import Documented

EXPLAINED = ("Account", "Image", "Said", "Speaker", ".call", ".dealt_with", ".do", ".next_for", ".note_stream")
"""What is only looked at, what is said of another in the same words, and what the kit's parts want of each other."""
KIT = [one for one in shown.of(testing) if not any(word in one.name for word in EXPLAINED)]
FIXTURES = {"bot", "clock", "flow", "flowdock_server", "msg", "tester", "tmp_path"}
KNOWN = {"flowdock": flowdock, "UTC": UTC, "datetime": datetime, "print": lambda *_: None}


@pytest.fixture
def bot(flowdock_server: Server) -> Bot:
    bot = Bot()

    @bot.hears("deploy web")
    async def deploy(message: Message) -> None:
        await message.reply("deploying web")

    @bot.command("release")
    async def release(message: Message) -> None:
        answer = await message.ask("Which version?")
        await message.reply(f"releasing {answer.text}")

    @bot.every(hours=1)
    async def strike(bot: Bot) -> None:
        await bot.say(f"{flowdock_server.org}/{flowdock_server.flow}", "Another hour")

    return bot


@pytest.fixture
def tester(bot: Bot, flowdock_server: Server) -> Iterator[BotTester]:
    with BotTester(bot, flowdock_server) as running:
        yield running


@pytest.fixture
def msg(flow: flowdock.Flow) -> Any:
    return flow.send("Hello", tags=["greeting"])


@pytest.mark.parametrize("one", [one for one in KIT if one.example], ids=lambda one: one.name)
def test_an_example_does_what_it_says(
    one: Documented,
    request: pytest.FixtureRequest,
    flow: flowdock.Flow,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flow._transport.patience = HURRIED
    monkeypatch.chdir(tmp_path)
    flow.send("Hello")
    heard = {"event": "message", "content": "deploy web", "user": "1", "thread_id": "T", "tags": []}
    (tmp_path / "monday.jsonl").write_text(json.dumps(heard) + "\n")
    kit = {name: getattr(testing, name) for name in testing.__all__}
    wanted = FIXTURES & names_in(one.example)

    exec(one.example, KNOWN | kit | {name: request.getfixturevalue(name) for name in wanted})


def names_in(example: str) -> set[str]:
    """The names that an example reads and does not make."""
    names = [node for node in ast.walk(ast.parse(example)) if isinstance(node, ast.Name)]
    return {node.id for node in names} - {node.id for node in names if isinstance(node.ctx, ast.Store)}


def test_whatever_a_test_calls_with_something_has_an_example() -> None:
    assert [one.name for one in KIT if one.wants_example and not one.example] == []
