"""Talking to a bot in a test: the bot runs beside it, and everything said to it is waited for."""

import asyncio
import threading
from collections.abc import Coroutine, Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, TypeVar

import flowdock
from flowdock.bot import Bot
from flowdock.testing.hearing import assert_heard, transcript
from flowdock.testing.server import Account, Server

Result = TypeVar("Result")

PATIENCE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said to the bot, and what it said to that."""

    message: Mapping[str, Any]
    replies: list[str]
    """What the bot said in the same thread, or in private, after it."""

    @property
    def reply(self) -> str:
        """The only thing it said to that.

        Raises:
            AssertionError: it said nothing, or more.
        """
        assert len(self.replies) == 1, f"{len(self.replies)} replies to {self.message['content']!r}: {self.replies}"
        return self.replies[0]

    @property
    def id(self) -> int:
        """The number of what was said."""
        return int(self.message["id"])

    @property
    def thread_id(self) -> str | None:
        """Its thread; None in private."""
        return self.message.get("thread_id")


class Speaker:
    """Somebody who talks to the bot."""

    def __init__(self, tester: "BotTester", account: Account) -> None:
        self._tester = tester
        self._account = account
        self.client = flowdock.connect(token=account.token, api_url=tester.server.url)
        self.flow = self.client(org=tester.server.org, flow=tester.server.flow)

    def say(self, text: str, *, to: Said | None = None, tags: Iterable[str] | None = None) -> Said:
        """Say something in the flow, with `to` in the thread of that; returns when the bot has dealt with it."""
        thread_id = None if to is None else to.thread_id
        message = self.flow.send(text, tags=None if tags is None else list(tags), thread_id=thread_id)
        return self._tester.dealt_with(self, message)

    def ask(self, text: str, *, to: Said | None = None) -> Said:
        """Say something to the bot: it is mentioned."""
        return self.say(f"@{self._tester.bot.me['nick']} {text}", to=to)

    def privately(self, text: str) -> Said:
        """Say something to the bot in private."""
        return self._tester.dealt_with(self, self.private.send(text))

    @property
    def private(self) -> flowdock.Private:
        """The private conversation with the bot."""
        return self.client(uid=self._tester.bot.me["id"])


class BotTester:
    """A bot on a server under test. It is `carol` there; `alice` speaks, and others by `as_`.

    Example:
        with BotTester(bot, flowdock_server) as tester:
            assert tester.ask("deploy web").reply == "deploying web"
    """

    def __init__(self, bot: Bot, server: Server) -> None:
        self.bot = bot
        self.server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="flowdock-bot", daemon=True)
        self._speakers: dict[str, Speaker] = {}

    def __enter__(self) -> Self:
        folder = self.server.folder
        self.bot.talk_to(self.server.url, token=self.server.third_user.token)
        self.bot.remember_in(folder / "bot.db")
        self._thread.start()
        self._done(self.bot.start())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._done(self.bot.stop())
        finally:
            for speaker in self._speakers.values():
                speaker.client.close()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def say(self, text: str, *, to: Said | None = None, tags: Iterable[str] | None = None) -> Said:
        """Say something in the flow as alice; returns when the bot has dealt with it.

        Example:
            assert tester.say("deploy web").replies == []
        """
        return self.as_("alice").say(text, to=to, tags=tags)

    def ask(self, text: str, *, to: Said | None = None) -> Said:
        """Say something to the bot as alice: it is mentioned.

        Example:
            assert tester.ask("deploy web").reply == "deploying web"
        """
        return self.as_("alice").ask(text, to=to)

    def privately(self, text: str) -> Said:
        """Say something to the bot in private as alice.

        Example:
            assert tester.privately("deploy web").reply == "deploying web"
        """
        return self.as_("alice").privately(text)

    def as_(self, nick: str) -> Speaker:
        """Somebody else of the flow: "alice" or "bob".

        Example:
            assert tester.as_("bob").ask("deploy web").reply == "deploying web"
        """
        if nick not in self._speakers:
            accounts = {account.nick: account for account in (self.server.user, self.server.second_user)}
            if nick not in accounts:
                raise ValueError(f"nobody who speaks is called {nick!r}; there are {', '.join(accounts)}")
            self._speakers[nick] = Speaker(self, accounts[nick])
        return self._speakers[nick]

    def begin(self, text: str) -> Said:
        """Say something to which the bot asks back; returns when its question is there. `answer` goes on.

        Example:
            begun = tester.begin("release")
            assert begun.reply == "Which version?"
            assert tester.answer(begun, "2.1").reply == "releasing 2.1"
        """
        speaker = self.as_("alice")
        message = speaker.flow.send(f"@{self.bot.me['nick']} {text}")
        assert_heard(speaker.flow.thread(message["thread_id"]), "", by=self.bot.me["id"], since=message["id"])
        return Said(message, self._replies(speaker, message))

    def answer(self, begun: Said, text: str) -> Said:
        """Answer the bot's question; returns when it has dealt with what began.

        Example:
            assert tester.answer(tester.begin("release"), "2.1").reply == "releasing 2.1"
        """
        speaker = self.as_("alice")
        answer = speaker.flow.send(text, thread_id=begun.thread_id)
        self._done(self.bot.handled(begun.message))
        return Said(answer, self._replies(speaker, answer))

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Be so much later: the bot's timers have had all their turns that came up meanwhile.

        Example:
            tester.advance(hours=1)
            assert_heard(flow, "Another hour")
        """
        self._done(self.bot.timers.advance(hours * 3600 + minutes * 60 + seconds))

    def restart(self) -> None:
        """End the bot's life and begin another."""
        self._done(self.bot.stop())
        self._done(self.bot.start())

    def replay(self, events: Iterable[Mapping[str, Any]]) -> list[Said]:
        """Have all that people said in a recording said again here, in the same threads, by alice and bob in turns.

        Example:
            tester.replay(flowdock.testing.replay("monday.jsonl"))
        """
        threads, speakers, said = dict[str, str](), dict[str, str](), list[Said]()
        for event in events:
            if event.get("event") != "message" or not event.get("content"):
                continue
            nick = speakers.setdefault(str(event.get("user")), ("alice", "bob")[len(speakers) % 2])
            speaker, thread = self.as_(nick), str(event.get("thread_id"))
            tags = [tag for tag in event.get("tags", ()) if not tag.startswith(":")]
            message = speaker.flow.send(event["content"], tags=tags, thread_id=threads.get(thread))
            threads.setdefault(thread, message["thread_id"])
            said.append(self.dealt_with(speaker, message))
        return said

    @property
    def transcript(self) -> str:
        """The whole conversation as one reads it."""
        return transcript(self.as_("alice").flow)

    def dealt_with(self, speaker: Speaker, message: Mapping[str, Any]) -> Said:
        """What was said, and what the bot said to that; returns when it has dealt with it."""
        self._done(self.bot.handled(message))
        return Said(message, self._replies(speaker, message))

    def _replies(self, speaker: Speaker, message: Mapping[str, Any]) -> list[str]:
        thread_id = message.get("thread_id")
        place = speaker.private if thread_id is None else speaker.flow.thread(thread_id)
        found = place.list(event="message", since_id=message["id"], sort="asc", limit=100)
        return [str(one["content"]) for one in found if one["user"] == str(self.bot.me["id"])]

    def _done(self, work: Coroutine[Any, Any, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(PATIENCE_SECONDS)
        except TimeoutError:
            future.cancel()
            raise AssertionError(
                f"the bot did not finish within {PATIENCE_SECONDS:g} s; does it wait for an answer? Then use begin()"
                f" and answer()\n{self.transcript}"
            ) from None
