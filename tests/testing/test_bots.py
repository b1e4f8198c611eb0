"""`BotTester`, used as the author of a bot would."""

from pathlib import Path

import pytest

from flowdock.bot import Bot, Message, State
from flowdock.testing import BotTester, Server, record, replay


@pytest.fixture
def bot(flowdock_server: Server) -> Bot:
    bot = Bot()

    @bot.command("deploy")
    async def deploy(message: Message, text: str) -> None:
        await message.reply(f"deploying {text}")

    @bot.command("release")
    async def release(message: Message) -> None:
        answer = await message.ask("Which version?")
        await message.reply(f"releasing {answer.text}")

    @bot.hears("thanks", ambient=True)
    async def welcome(message: Message, user_state: State) -> None:
        user_state["thanks"] = user_state.get("thanks", 0) + 1
        await message.reply(f"{message.nick}: {user_state['thanks']}")

    @bot.every(hours=1)
    async def strike(bot: Bot) -> None:
        await bot.say(f"{flowdock_server.org}/{flowdock_server.flow}", "Another hour")

    return bot


def test_a_bot_is_talked_to(bot: Bot, flowdock_server: Server) -> None:
    with BotTester(bot, flowdock_server) as tester:
        assert tester.ask("deploy web").reply == "deploying web"
        assert tester.say("deploy web").replies == []
        assert tester.privately("deploy web").reply == "deploying web"
        assert tester.as_("bob").say("thanks").reply == "bob: 1"
        with pytest.raises(AssertionError, match="0 replies to 'nothing'"):
            tester.say("nothing").reply  # noqa: B018
        with pytest.raises(ValueError, match="nobody who speaks is called 'eve'; there are alice, bob"):
            tester.as_("eve")


def test_the_conversation_can_be_read(bot: Bot, flowdock_server: Server) -> None:
    with BotTester(bot, flowdock_server) as tester:
        tester.ask("deploy web")
        lines = tester.transcript.splitlines()

    assert [line[8:] for line in lines[-2:]] == [" alice    @carol deploy web", " carol    deploying web"]


def test_a_dialogue_is_had_in_steps(bot: Bot, flowdock_server: Server) -> None:
    with BotTester(bot, flowdock_server) as tester:
        begun = tester.begin("release")
        assert begun.reply == "Which version?"
        assert tester.answer(begun, "1.2").reply == "releasing 1.2"


def test_a_bot_that_is_restarted_remembers(bot: Bot, flowdock_server: Server) -> None:
    with BotTester(bot, flowdock_server) as tester:
        assert tester.say("thanks").reply == "alice: 1"
        tester.restart()
        assert tester.say("thanks").reply == "alice: 2"


def test_time_passes_for_a_bot(bot: Bot, flowdock_server: Server) -> None:
    with BotTester(bot, flowdock_server) as tester:
        tester.advance(hours=2)
        assert tester.transcript.count("Another hour") == 2


def test_what_happened_once_happens_again(bot: Bot, flowdock_server: Server, tmp_path: Path) -> None:
    with BotTester(bot, flowdock_server) as tester:
        first = tester.say("thanks #a")
        tester.as_("bob").say("thanks", to=first)
        stream = tester.as_("alice").flow.events(since=first.id - 1)
        kept = []
        for event in record(stream, tmp_path / "monday.jsonl"):
            kept.append(event)
            if len(kept) == 4:
                break
        stream.close()
        again = tester.replay(replay(tmp_path / "monday.jsonl"))

    assert list(replay(tmp_path / "monday.jsonl")) == kept
    assert len({said.thread_id for said in again}) == 1
    assert again[0].message["tags"] == ["a"]
    assert len(again) == 4


def test_a_recording_with_a_broken_line_says_which(tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text('{"event": "message"}\n\nnonsense\n')

    events = replay(tmp_path / "broken.jsonl")

    assert next(events) == {"event": "message"}
    with pytest.raises(ValueError, match=r"line 3 of .*broken.jsonl is 'nonsense', which is no event"):
        next(events)
