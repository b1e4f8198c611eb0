import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flowdock
from flowdock.bot import Bot, Message
from flowdock.testing import Server
from tests.bot.conftest import Talk, living, replies


def health_of(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def test_a_bot_tells_how_it_is(new_bot: Callable[..., Bot], flow: flowdock.Flow) -> None:
    bot = new_bot(health="127.0.0.1:0")

    @bot.hears("work", ambient=True)
    async def work(text: str) -> None:
        if "hard" in text:
            raise RuntimeError(text)

    async def talk(people: Talk) -> list[Any]:
        await people.say(flow, "work")
        await people.say(flow, "work hard")
        health = bot._health
        assert health is not None
        return [
            await asyncio.to_thread(health_of, url) for url in (health.url, health.url.replace("healthz", "nothing"))
        ]

    (status, told), (missing, _) = living(bot, talk)

    assert (status, missing) == (200, 404)
    assert told.pop("seconds_since_event") < 10
    assert told == {"state": "open", "handled": 2, "failed": 1, "underway": 0}


def test_a_bot_whose_stream_is_lost_is_not_well(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        bot = Bot(token=server.third_user.token, api_url=server.url, memory=":memory:", health="127.0.0.1:0")

        async def live() -> tuple[int, dict[str, Any]]:
            async with bot:
                await asyncio.to_thread(server.stop)
                health = bot._health
                assert health is not None
                while bot.state == "open":  # noqa: ASYNC110 - what is waited for is told by no event
                    await asyncio.sleep(0.01)
                return await asyncio.to_thread(health_of, health.url)

        status, told = asyncio.run(live())

    assert status == 503
    assert told["state"] in ("waiting", "connecting")


@pytest.mark.parametrize("address", ["8080", "127.0.0.1:x", ":1", "127.0.0.1:70000"])
def test_an_address_that_is_none_is_a_clear_error(new_bot: Callable[..., Bot], address: str) -> None:
    with pytest.raises(flowdock.BadSetting, match=f"health is '{address}', which is not an address such as 127"):
        new_bot(health=address)


def test_a_bot_that_is_there_before_its_server_waits_for_it(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.start()
    server.stop()
    bot = Bot(token=server.third_user.token, api_url=server.url, memory=":memory:")

    @bot.hears("hi")
    async def greet(message: Message) -> None:
        await message.reply("hi")

    async def live() -> list[str]:
        starting = asyncio.create_task(bot.start())
        await asyncio.to_thread(server.start)
        await starting
        try:
            with flowdock.connect(
                token=server.user.token, org=server.org, flow=server.flow, api_url=server.url
            ) as flow:
                said = await Talk(bot).say(flow, "hi @carol")
                return await asyncio.to_thread(replies, flow, said)
        finally:
            await bot.stop()
            server.stop()

    assert asyncio.run(live()) == ["hi"]


def test_a_wrong_token_ends_the_bot_with_one_line(server: Server) -> None:
    bot = Bot(token="wrong", api_url=server.url, memory=":memory:")

    with pytest.raises(SystemExit, match="GET /user was answered 401"):
        bot.run()


def test_a_flow_that_is_not_there_is_named(new_bot: Callable[..., Bot]) -> None:
    bot = new_bot(flows=["acme/mian"])

    with pytest.raises(SystemExit, match="no flow 'acme/mian' for this token"):
        bot.run()


def test_a_bot_outlives_its_server_and_what_it_answers_meanwhile_is_said_later(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        bot = Bot(token=server.third_user.token, api_url=server.url, memory=":memory:")
        may_answer = asyncio.Event()

        @bot.hears("hi")
        async def greet(message: Message) -> None:
            await may_answer.wait()
            await message.reply("hi")

        async def live() -> list[str]:
            async with bot:
                with flowdock.connect(
                    token=server.user.token, org=server.org, flow=server.flow, api_url=server.url
                ) as flow:
                    said = await asyncio.to_thread(flow.send, "hi @carol")
                    await asyncio.to_thread(server.stop)
                    may_answer.set()
                    await asyncio.to_thread(server.start)
                    await bot.handled(said)
                    return await asyncio.to_thread(replies, flow, said)

        assert asyncio.run(live()) == ["hi"]


def test_what_runs_when_a_bot_is_stopped_may_finish(bot: Bot, flow: flowdock.Flow) -> None:
    begun = asyncio.Event()

    @bot.hears("hi")
    async def greet(message: Message) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        await message.reply("hi")

    async def talk(_: Talk) -> Any:
        said = await asyncio.to_thread(flow.send, "hi @carol")
        await begun.wait()
        return said

    assert replies(flow, living(bot, talk)) == ["hi"]
