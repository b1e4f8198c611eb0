"""What somebody said to a bot, and the ways to answer: awaited in coroutines, plain in plain functions."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from flowdock.bot import matching
from flowdock.bot.handling import Handling, patiently
from flowdock.bot.matching import Event
from flowdock.bot.progress import place_of
from flowdock.client._async.conversation import AsyncConversation
from flowdock.client._async.flow import AsyncFlow
from flowdock.protocol.types import Message as Said
from flowdock.protocol.types import User

if TYPE_CHECKING:
    from flowdock.bot.bot import Bot

Result = TypeVar("Result")

LONGEST = 8096
"""Characters of one message. Source: wire facts 2.1."""
QUESTION_SECONDS = 600.0
CHANGES = frozenset({"emoji-reaction", "message-edit", "rethread", "tag-change"})
"""The kinds of events that tell of a change of a message."""


class Message:
    """What somebody said. What a handler answers is said once, however often it runs for the same message.

    Example:
        @bot.hears("hello")
        async def greet(message):
            await message.reply(f"Hello {message.nick}")
    """

    def __init__(self, bot: "Bot", event: Event, handling: Handling) -> None:
        self.bot = bot
        self.event = event
        self._handling = handling

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id} of {self.nick} in {self.flow or 'private'}>"

    @property
    def id(self) -> int:
        """Its number in the flow, or in the private conversation; at a change of a message that of the message."""
        content = self.event.get("content")
        about = content.get("message") if self.event.get("event") in CHANGES and isinstance(content, Mapping) else None
        return int(self.event["id"] if about is None else about)

    @property
    def text(self) -> str:
        """What was said, without the bot's name before it."""
        return matching.addressed(matching.text_of(self.event), self.bot.me["nick"])

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self.event.get("tags") or ())

    @property
    def flow(self) -> str | None:
        """The name of the flow, `org/flow`; None in private."""
        return self.bot.flows.name_of(self.event.get("flow"))

    @property
    def thread_id(self) -> str | None:
        """The id of its thread; None in private."""
        return self.event.get("thread_id")

    @property
    def is_private(self) -> bool:
        """Whether it was said in a private conversation."""
        return matching.is_private(self.event)

    @property
    def user_id(self) -> int:
        """Who said it."""
        return int(self.event.get("user") or 0)

    @property
    def user(self) -> User | None:
        """Who said it, as far as the bot knows them."""
        return self.bot.people.get(self.user_id)

    @property
    def nick(self) -> str:
        """What they are called now."""
        return self.bot.people.nick(self.user_id)

    async def reply(self, content: str, tags: list[str] | None = None) -> Said:
        """Answer in its thread, in private where it was said in private; what is too long becomes several messages.

        The answer is the last of these. While the server is away it is tried again.

        Example:
            @bot.hears("status")
            async def status(message):
                await message.reply("All is well", tags=["status"])
        """
        *first, last = pieces(content)
        for piece in first:
            await self._say(piece, tags)
        return await self._say(last, tags)

    async def ask(self, question: str, *, timeout: float = QUESTION_SECONDS) -> "Message":
        """Ask back, and wait for what the same person says next in the thread, or in the private conversation.

        Other events are handled meanwhile. After a restart of the bot the handler runs anew, and gets the same answer.

        Example:
            @bot.command("deploy")
            async def deploy(message):
                answer = await message.ask("Which version?")
                await message.reply(f"deploying {answer.text}")

        Raises:
            TimeoutError: nobody answered within `timeout` seconds.
        """

        async def put() -> int:
            return (await self.reply(question))["id"]

        event = await self._handling.answer(place_of(self.event), str(self.user_id), put, timeout=timeout)
        return type(self)(self.bot, event, self._handling)

    async def react(self, emoji: str) -> None:
        """Give it a reaction, such as "thumbsup".

        Example:
            @bot.hears("deployed")
            async def cheer(message):
                await message.react("tada")
        """
        await patiently(lambda: self._place.react(self.id, emoji))

    async def tag(self, *tags: str) -> None:
        """Add tags to it.

        Example:
            @bot.hears("broken", ambient=True)
            async def mark(message):
                await message.tag("bug")
        """
        now = [tag for tag in (await patiently(lambda: self._place.show(self.id)))["tags"] if not tag.startswith(":")]
        await patiently(lambda: self._place.edit(self.id, tags=[*now, *(tag for tag in tags if tag not in now)]))

    async def say(
        self, flow: str, content: str, *, thread_id: str | None = None, tags: list[str] | None = None
    ) -> Said:
        """Say something in any flow (`org/flow`), once however often the handler runs.

        Example:
            @bot.command("announce")
            async def announce(message, text):
                await message.say("acme/main", f"{message.nick} says: {text}")
        """
        return await self.bot.say(flow, content, thread_id=thread_id, tags=tags, uuid=self._handling.uuid())

    async def tell(self, nick: str, content: str) -> Said:
        """Say something to somebody in private, once however often the handler runs.

        Example:
            @bot.command("remind")
            async def remind(message):
                await message.tell(message.nick, "You wanted to be reminded")
        """
        return await self.bot.tell(nick, content, uuid=self._handling.uuid())

    @property
    def _place(self) -> AsyncConversation:
        if self.is_private:
            return self.bot.client(uid=self.user_id)
        return self._in_flow

    @property
    def _in_flow(self) -> AsyncFlow:
        return self.bot.flow(str(self.flow))

    async def _say(self, content: str, tags: list[str] | None) -> Said:
        uuid, thread_id = self._handling.uuid(), self.thread_id
        if self.is_private:
            private = self.bot.client(uid=self.user_id)
            return await patiently(lambda: private.send(content, tags=tags, uuid=uuid))
        flow = self._in_flow
        if thread_id is None:
            return await patiently(lambda: flow.comment(self.id, content, tags=tags, uuid=uuid))
        return await patiently(lambda: flow.send(content, tags=tags, thread_id=thread_id, uuid=uuid))


class PlainMessage:
    """The same for plain functions, which run on a thread of their own: every verb waits for its answer.

    Example:
        @bot.hears("hello")
        def greet(message):
            message.reply(f"Hello {message.nick}")
    """

    def __init__(self, message: Message, loop: asyncio.AbstractEventLoop) -> None:
        self._message = message
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._message, name)

    def reply(self, content: str, tags: list[str] | None = None) -> Said:
        """Answer where it was said."""
        return self._done(self._message.reply(content, tags))

    def ask(self, question: str, *, timeout: float = QUESTION_SECONDS) -> "PlainMessage":
        """Ask back, and wait for what the same person says next there."""
        return PlainMessage(self._done(self._message.ask(question, timeout=timeout)), self._loop)

    def react(self, emoji: str) -> None:
        """Give it a reaction."""
        self._done(self._message.react(emoji))

    def tag(self, *tags: str) -> None:
        """Add tags to it."""
        self._done(self._message.tag(*tags))

    def say(self, flow: str, content: str, *, thread_id: str | None = None, tags: list[str] | None = None) -> Said:
        """Say something in any flow (`org/flow`)."""
        return self._done(self._message.say(flow, content, thread_id=thread_id, tags=tags))

    def tell(self, nick: str, content: str) -> Said:
        """Say something to somebody in private."""
        return self._done(self._message.tell(nick, content))

    def _done(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def pieces(content: str) -> list[str]:
    """A text as messages of at most `LONGEST` characters, cut where a line or a word ends."""
    found: list[str] = []
    while len(content) > LONGEST:
        at = max(content.rfind("\n", 1, LONGEST + 1), 0) or max(content.rfind(" ", 1, LONGEST + 1), 0) or LONGEST
        found.append(content[:at].rstrip())
        content = content[at:].lstrip("\n ")
    return [piece for piece in found if piece] + [content]
