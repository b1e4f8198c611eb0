import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import flowdock
from flowdock.bot import Bot, Message, PlainMessage, State
from flowdock.bot.memory import Memory
from tests.bot.conftest import Talk, living, replies, words


def test_state_belongs_to_a_thread_and_to_a_person(
    new_bot: Callable[..., Bot], flow: flowdock.Flow, bots: flowdock.Flow
) -> None:
    def counting() -> Bot:
        bot = new_bot()

        @bot.hears("count", ambient=True)
        async def count(message: Message, state: State, user_state: State, bot_state: State) -> None:
            for kept in (state, user_state, bot_state):
                kept["n"] = kept.get("n", 0) + 1
            await message.reply(f"{state['n']} {user_state['n']} {bot_state['n']}")

        return bot

    first = living(counting(), lambda people: people.say(flow, "count"))

    async def talk(people: Talk) -> Any:
        await people.say(bots.thread(first["thread_id"]), "count")
        return await people.say(flow, "count")

    other = living(counting(), talk)

    assert [text for text in replies(flow, first) if text != "count"] == ["1 1 1", "2 1 2"]
    assert replies(flow, other) == ["1 2 3"]


def test_what_was_said_while_the_bot_was_away_is_answered(new_bot: Callable[..., Bot], flow: flowdock.Flow) -> None:
    def echoing() -> Bot:
        bot = new_bot()

        @bot.hears("echo", ambient=True)
        async def echo(message: Message) -> None:
            await message.reply(message.text)

        return bot

    before = flow.send("echo before its first life")
    answered = living(echoing(), lambda people: people.say(flow, "echo here"))
    missed = flow.send("echo in the meantime")

    async def catch_up(people: Talk) -> None:
        await people._bot.handled(missed)

    living(echoing(), catch_up)

    assert replies(flow, before) == []
    assert replies(flow, answered) == ["echo here"]
    assert replies(flow, missed) == ["echo in the meantime"]


def test_a_question_waits_for_the_same_person_in_the_same_thread(
    bot: Bot, flow: flowdock.Flow, bots: flowdock.Flow
) -> None:
    @bot.command("deploy")
    async def deploy(message: Message) -> None:
        answer = await message.ask("Which version?")
        await message.reply(f"deploying {answer.text}")

    @bot.hears("hi")
    async def greet(message: Message) -> None:
        await message.reply("hi")

    async def talk(people: Talk) -> tuple[Any, Any]:
        asked = await asyncio.to_thread(flow.send, "@carol deploy")
        thread = asked["thread_id"]
        await until(lambda: replies(flow, asked) == ["Which version?"])
        await people.say(bots.thread(thread), "not mine to say")
        other = await people.say(bots, "@carol hi")
        await people.say(flow.thread(thread), "1.2")
        await bot.handled(asked)
        return asked, other

    asked, other = living(bot, talk)

    assert replies(flow, asked) == ["Which version?", "not mine to say", "1.2", "deploying 1.2"]
    assert replies(flow, other) == ["hi"]


def test_an_answer_is_no_command(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.command("ask")
    def ask(message: PlainMessage) -> None:
        message.reply(f"you said {message.ask('What?').text}")

    @bot.command("shout")
    async def shout(message: Message) -> None:
        await message.reply("AAAH")

    async def talk(people: Talk) -> Any:
        asked = await asyncio.to_thread(flow.send, "@carol ask")
        await until(lambda: replies(flow, asked) == ["What?"])
        await people.say(flow.thread(asked["thread_id"]), "@carol shout")
        await bot.handled(asked)
        return asked

    asked = living(bot, talk)

    assert replies(flow, asked) == ["What?", "@carol shout", "you said shout"]


def test_a_question_that_nobody_answers_ends(bot: Bot, flow: flowdock.Flow) -> None:
    @bot.command("ask")
    async def ask(message: Message) -> None:
        try:
            await message.ask("Anybody?", timeout=0.05)
        except TimeoutError as error:
            await message.reply(str(error))

    said = living(bot, lambda people: people.say(flow, "@carol ask"))

    assert replies(flow, said) == ["Anybody?", "nobody answered within 0.05 s"]


@pytest.mark.parametrize("answered", ["before", "after"])
def test_a_dialogue_goes_on_in_the_next_life(new_bot: Callable[..., Bot], flow: flowdock.Flow, answered: str) -> None:
    def asking() -> Bot:
        bot = new_bot()

        @bot.command("deploy")
        async def deploy(message: Message, state: State) -> None:
            answer = await message.ask("Which version?")
            state["deployed"] = [*state.get("deployed", []), answer.text]
            await message.reply(f"deploying {state['deployed']}")

        @bot.hears("chat", ambient=True)
        async def chat(message: Message) -> None:
            await message.reply("chatting")

        return bot

    async def ask(people: Talk) -> Any:
        asked = await asyncio.to_thread(flow.send, "@carol deploy")
        await until(lambda: replies(flow, asked) == ["Which version?"])
        await people.say(flow, "chat")
        return asked

    asked = living(asking(), ask)
    thread = flow.thread(asked["thread_id"])
    if answered == "before":
        thread.send("1.2")

    async def finish(people: Talk) -> None:
        if answered == "after":
            await people.say(thread, "1.2")
        await people._bot.handled(asked)

    living(asking(), finish)

    assert replies(flow, asked) == ["Which version?", "1.2", "deploying ['1.2']"]
    assert words(flow).count("chatting") == 1


def test_turns_are_had_once_also_across_lives(new_bot: Callable[..., Bot], flow: flowdock.Flow) -> None:
    turns: list[int] = []

    def turning() -> Bot:
        bot = new_bot()

        @bot.every(minutes=5)
        async def remind(bot: Bot, bot_state: State) -> None:
            bot_state["turns"] = bot_state.get("turns", 0) + 1
            turns.append(bot_state["turns"])
            await bot.say(f"{flow.org}/{flow.flow}", f"turn {bot_state['turns']}")

        return bot

    async def fifteen_minutes(people: Talk) -> None:
        await people._bot.timers.advance(15 * 60)

    async def nothing(people: Talk) -> None:
        await people._bot.timers.advance(0)

    living(turning(), fifteen_minutes)
    living(turning(), nothing)

    assert turns == [1, 2, 3]
    assert words(flow)[-3:] == ["turn 1", "turn 2", "turn 3"]


def test_a_memory_that_is_none_is_a_clear_error(new_bot: Callable[..., Bot], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be looked at as one" * 20)
    bot = new_bot(memory=tmp_path / "notes.txt")

    async def live() -> None:
        async with bot:
            raise AssertionError

    with pytest.raises(flowdock.BadSetting, match=r"the bot's memory .*notes\.txt cannot be used: file is not"):
        asyncio.run(live())


def test_state_that_is_no_json_is_told_and_nothing_of_it_kept(bot: Bot, flow: flowdock.Flow, tmp_path: Path) -> None:
    failures: list[str] = []

    @bot.on_error
    async def note(error: Exception, event: object, message: object) -> None:
        failures.append(str(error))

    @bot.hears("keep", ambient=True)
    async def keep(state: State) -> None:
        state["fine"], state["wrong"] = 1, object()

    said = living(bot, lambda people: people.say(flow, "keep"))

    assert failures == ["Object of type object is not JSON serializable"]
    assert Memory(tmp_path / "bot.db").state(said["thread_id"]) == {}


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that is looked at by blocking calls."""
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110 - the other side is no task of this loop
            await asyncio.sleep(0.01)
