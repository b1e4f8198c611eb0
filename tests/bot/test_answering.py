import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import flowdock
from flowdock.bot import Bot, Message, PlainMessage, State, in_flow, tagged
from flowdock.bot.matching import Event
from flowdock.testing import Server
from tests.bot.conftest import Talk, living, replies


def test_a_bot_answers_in_the_thread_where_it_is_mentioned(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.hears(r"deploy (?P<service>\w+)")
    async def deploy(message: Message, service: str) -> None:
        await message.reply(f"deploying {service}")

    async def talk(people: Talk) -> tuple[Any, Any]:
        return await people.say(flow, "@carol, please deploy web"), await people.say(flow, "deploy nothing")

    heard, unheard = living(bot, talk)

    assert replies(flow, heard) == ["deploying web"]
    assert replies(flow, unheard) == []


def test_plain_functions_answer_as_well(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.hears("hello", ambient=True)
    def greet(message: PlainMessage) -> None:
        message.reply(f"Hello {message.nick}")
        message.react("wave")

    said = living(bot, lambda people: people.say(flow, "Hello everybody"))

    assert replies(flow, said) == ["Hello alice"]
    assert flow.show(said["id"])["emojiReactions"] == {"wave": ["3"]}


def test_what_is_asked_privately_is_answered_privately(bot: Bot, bob: flowdock.Client, server: Server) -> None:
    @bot.command("time")
    async def tell(message: Message) -> None:
        await message.reply("late")

    private = bob(uid=server.third_user.id)
    living(bot, lambda people: people.say(private, "time"))

    assert [one["content"] for one in private.list()][-2:] == ["time", "late"]


def test_a_command_has_the_text_behind_its_name(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.command("note")
    async def note(message: Message, text: str) -> None:
        await message.reply(f"noted {text!r}")

    async def talk(people: Talk) -> list[Any]:
        return [await people.say(flow, text) for text in ("@carol: note buy milk", "@carol !note", "@carol notebook")]

    with_text, without, another = living(bot, talk)

    assert replies(flow, with_text) == ["noted 'buy milk'"]
    assert replies(flow, without) == ["noted ''"]
    assert replies(flow, another) == []


def test_help_tells_the_commands(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.command("standup", help="collects what everyone did")
    async def standup(message: Message) -> None:
        raise AssertionError(message)

    said = living(bot, lambda people: people.say(flow, "@carol help"))

    assert replies(flow, said) == ["I know:\n- `help`: tells what I can do\n- `standup`: collects what everyone did"]


def test_a_bot_never_answers_itself(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.hears("echo", ambient=True)
    async def echo(message: Message) -> None:
        await message.reply(f"{message.text} @carol")

    @bot.on("message")
    async def shout(message: Message) -> None:
        await message.reply("@carol echo")

    said = living(bot, lambda people: people.say(flow, "echo"))

    assert sorted(replies(flow, said)) == ["@carol echo", "echo @carol"]


def test_whoever_is_ignored_gets_no_answer(
    new_bot: Callable[..., Bot], flow: flowdock.Flow, bots: flowdock.Flow
) -> None:
    bot = new_bot(ignore=["@Bob"])

    @bot.hears("hi", ambient=True)
    async def greet(message: Message) -> None:
        await message.reply("hi")

    async def talk(people: Talk) -> tuple[Any, Any]:
        return await people.say(bots, "hi"), await people.say(flow, "hi")

    ignored, greeted = living(bot, talk)

    assert (replies(flow, ignored), replies(flow, greeted)) == ([], ["hi"])


def test_events_of_any_kind_are_handled(bot: Bot, flow: flowdock.Flow) -> None:
    heard: list[tuple[str, list[str]]] = []

    @bot.on("tag-change", tag="urgent")
    async def alarm(event: Event, flow: str) -> None:
        heard.append((flow, event["content"]["add"]))

    async def talk(people: Talk) -> None:
        said = await people.say(flow, "It burns")
        await asyncio.to_thread(flow.edit, said["id"], tags=["calm"])
        await asyncio.to_thread(flow.edit, said["id"], tags=["calm", "urgent"])
        await people.say(flow, "afterwards")

    living(bot, talk)

    assert heard == [(f"{flow.org}/{flow.flow}", ["urgent"])]


def test_a_change_of_a_message_is_answered_at_the_message(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.on("tag-change", tag="urgent")
    async def alarm(message: Message) -> None:
        await message.react("rotating_light")

    async def talk(people: Talk) -> Any:
        said = await people.say(flow, "It burns")
        await asyncio.to_thread(flow.edit, said["id"], tags=["urgent"])
        await people.say(flow, "afterwards")
        return said

    said = living(bot, talk)

    assert flow.show(said["id"])["emojiReactions"] == {"rotating_light": ["3"]}


def test_filters_are_put_together(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.hears("build", ambient=True, only=in_flow(f"{flow.org}/{flow.flow}") & ~tagged("wip"), sender="alice")
    async def build(message: Message) -> None:
        await message.reply("built")

    async def talk(people: Talk) -> tuple[Any, Any]:
        return await people.say(flow, "build it #wip"), await people.say(flow, "build it")

    unfinished, finished = living(bot, talk)

    assert (replies(flow, unfinished), replies(flow, finished)) == ([], ["built"])


def test_middleware_stands_around_every_handler(bot: Bot, flow: flowdock.Flow) -> None:
    steps: list[str] = []

    @bot.middleware
    async def outer(event: Event, proceed: Callable[[], Awaitable[None]]) -> None:
        steps.append(f"before {event['event']}")
        await proceed()
        steps.append("after")

    @bot.middleware
    async def inner(event: Event, proceed: Callable[[], Awaitable[None]]) -> None:
        if "secret" not in event["content"]:
            await proceed()

    @bot.hears("tell", ambient=True)
    async def tell(text: str) -> None:
        steps.append(text)

    async def talk(people: Talk) -> None:
        await people.say(flow, "tell a secret")
        await people.say(flow, "tell a joke")

    living(bot, talk)

    assert steps == ["before message", "after", "before message", "tell a joke", "after"]


def test_a_handler_that_fails_is_told_and_the_bot_lives_on(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.on_error
    async def apologise(error: Exception, event: Event, message: Message | None) -> None:
        assert message is not None
        await message.reply(f"Sorry: {error} at {event['id']}")

    @bot.command("divide")
    async def divide(message: Message, text: str, state: State) -> None:
        state["asked"] = state.get("asked", 0) + 1
        await message.reply(str(1 // int(text)))

    async def talk(people: Talk) -> tuple[Any, Any]:
        return await people.say(flow, "@carol divide 0"), await people.say(flow, "@carol divide 1")

    wrong, right = living(bot, talk)

    assert replies(flow, wrong) == [f"Sorry: integer division or modulo by zero at {wrong['id']}"]
    assert replies(flow, right) == ["1"]


def test_what_is_too_long_for_one_message_becomes_several(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.command("recite")
    async def recite(message: Message) -> None:
        await message.reply("verse after verse\n" * 600)

    said = living(bot, lambda people: people.say(flow, "@carol recite"))

    first, last = replies(flow, said)
    assert len(first) <= 8096
    assert (first + "\n" + last).splitlines() == ["verse after verse"] * 600


def test_a_handler_that_asks_for_what_there_is_not_is_refused_at_once(bot: Bot) -> None:
    with pytest.raises(
        TypeError, match=r"deploy\(\) asks for servce; a handler may ask for message, .*, text, service"
    ):

        @bot.hears(r"deploy (?P<service>\w+)")
        async def deploy(message: Message, servce: str) -> None:
            raise AssertionError(message, servce)


def test_a_condition_that_there_is_not_is_refused_at_once(bot: Bot) -> None:
    with pytest.raises(TypeError, match="there is no condition threads; the supported ones are flow, thread, tag"):
        bot.on("message", threads="x")  # type: ignore[call-arg]


def test_a_bot_can_tag_and_speak_elsewhere_and_tell_somebody(
    bot: Bot, flow: flowdock.Flow, bob: flowdock.Client, server: Server
) -> None:
    @bot.command("release")
    async def release(message: Message) -> None:
        await message.tag("released")
        await message.say(f"{flow.org}/{flow.flow}", "Released!")
        await message.tell("bob", "It is out")

    said = living(bot, lambda people: people.say(flow, "@carol release #now"))

    assert {"now", "released"} <= set(flow.show(said["id"])["tags"])
    assert flow.list(limit=1)[0]["content"] == "Released!"
    assert bob(uid=server.third_user.id).list(limit=1)[0]["content"] == "It is out"


def test_one_thread_is_handled_in_order_and_others_meanwhile(bot: Bot, flow: flowdock.Flow) -> None:
    first_may_end, order = asyncio.Event(), list[str]()

    @bot.hears(r"step (?P<name>\w+)", ambient=True)
    async def step(name: str) -> None:
        if name == "one":
            await first_may_end.wait()
        order.append(name)

    async def talk(people: Talk) -> None:
        one = await asyncio.to_thread(flow.send, "step one")
        two = await asyncio.to_thread(flow.thread(one["thread_id"]).send, "step two")
        await people.say(flow, "step elsewhere")
        first_may_end.set()
        await bot.handled(two)

    living(bot, talk)

    assert order == ["elsewhere", "one", "two"]


def test_nicks_are_as_they_are_now(bot: Bot, flow: flowdock.Flow, server: Server) -> None:
    @bot.command("who")
    async def who(message: Message) -> None:
        await message.reply(f"{message.nick}, and I am {message.bot.me['nick']}")

    async def talk(people: Talk) -> Any:
        with flowdock.connect(token=server.third_user.token, api_url=server.url) as carol:
            await asyncio.to_thread(carol.update_user, server.third_user.id, nick="robo")
            try:
                return await people.say(flow, "@robo who")
            finally:
                await asyncio.to_thread(carol.update_user, server.third_user.id, nick="carol")

    said = living(bot, talk)

    assert replies(flow, said) == ["alice, and I am robo"]


def test_a_bot_in_all_flows_follows_those_it_is_brought_into(
    new_bot: Callable[..., Bot], alice: flowdock.Client, server: Server
) -> None:
    bot = new_bot(flows=None)

    @bot.hears("hi")
    async def greet(message: Message) -> None:
        await message.reply(f"hi in {message.flow}")

    async def talk(people: Talk) -> tuple[flowdock.Flow, Any]:
        made = await asyncio.to_thread(alice.create_flow, server.org, "Later")
        later = alice(org=server.org, flow=made["parameterized_name"])
        await asyncio.to_thread(later.add_user, server.third_user.id)
        return later, await people.say(later, "hi @carol")

    later, said = living(bot, talk)

    assert replies(later, said) == [f"hi in {later.org}/{later.flow}"]
