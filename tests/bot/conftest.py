"""What every test of bots starts from: the real server, a bot's account, and people who talk to it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest

import flowdock
from flowdock.bot import Bot
from flowdock.testing import Server

Result = TypeVar("Result")
NUMBERS = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(autouse=True)
def _nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("TOKEN", "FLOW_TOKEN", "API_URL", "STREAM_URL"):
        monkeypatch.delenv(f"FLOWDOCK_{name}", raising=False)
    monkeypatch.setenv("FLOWDOCK_PROFILE", str(tmp_path / "no-profile.json"))


@pytest.fixture
def alice(server: Server) -> Iterator[flowdock.Client]:
    with flowdock.connect(token=server.user.token, api_url=server.url) as client:
        yield client


@pytest.fixture
def bob(server: Server) -> Iterator[flowdock.Client]:
    with flowdock.connect(token=server.second_user.token, api_url=server.url) as client:
        yield client


@pytest.fixture
def flow(alice: flowdock.Client, server: Server) -> flowdock.Flow:
    """A flow of this test's own, with bob and the bot, carol, in it."""
    made = alice.create_flow(server.org, f"Bots {next(NUMBERS)}")
    flow = alice(org=server.org, flow=made["parameterized_name"])
    for account in (server.second_user, server.third_user):
        flow.add_user(account.id)
    return flow


@pytest.fixture
def bots(flow: flowdock.Flow, bob: flowdock.Client) -> flowdock.Flow:
    """The same flow as bob has it."""
    return bob(org=flow.org, flow=flow.flow)


@pytest.fixture
def new_bot(server: Server, flow: flowdock.Flow, tmp_path: Path) -> Callable[..., Bot]:
    """A bot of carol's account that listens in the flow."""

    def make(**options: Any) -> Bot:
        given: dict[str, Any] = {"flows": [f"{flow.org}/{flow.flow}"], "memory": tmp_path / "bot.db"} | options
        return Bot(token=server.third_user.token, api_url=server.url, **given)

    return make


@pytest.fixture
def bot(new_bot: Callable[..., Bot]) -> Bot:
    return new_bot()


class Talk:
    """Lets a bot live while people, who are not asynchronous, talk to it."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def say(self, where: flowdock.Flow | flowdock.Private | flowdock.Thread, text: str, **more: Any) -> Any:
        """Say something; what was said, once the bot has dealt with it."""
        said = await asyncio.to_thread(where.send, text, **more)
        await asyncio.wait_for(self._bot.handled(said), 10)
        return said


def living(bot: Bot, talk: Callable[[Talk], Coroutine[Any, Any, Result]]) -> Result:
    """What comes of a talk while a bot lives."""

    async def live() -> Result:
        async with bot:
            return await talk(Talk(bot))

    return asyncio.run(live())


def replies(flow: flowdock.Flow, message: Any) -> list[str]:
    """What was said in the thread of a message after it."""
    said = flow.thread(message["thread_id"]).list(event="message")
    return [str(one["content"]) for one in said if one["id"] > message["id"]]


def words(flow: flowdock.Flow) -> list[str]:
    """What was said in a flow."""
    return [str(one["content"]) for one in flow.list(event="message", limit=100)]
