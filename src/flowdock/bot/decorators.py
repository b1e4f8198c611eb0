"""How the author of a bot says what it does: the decorators, which leave what they decorate as it was."""

import re
from collections.abc import Callable
from typing import Any, TypeVar, Unpack

from flowdock.bot import handlers, matching
from flowdock.bot.handlers import Function, Matches
from flowdock.bot.life import Ways
from flowdock.bot.matching import Conditions, Filter
from flowdock.bot.timers import Timer, Timers

F = TypeVar("F", bound=Function)
EVERYTHING = Filter(lambda _event, _around: True)


class Decorators:
    """The part of a bot that its author writes with."""

    _ways: Ways
    timers: Timers

    def hears(
        self,
        pattern: str | re.Pattern[str],
        *,
        ambient: bool = False,
        help: str = "",
        only: Filter = EVERYTHING,
        **conditions: Unpack[Conditions],
    ) -> Callable[[F], F]:
        """Decorates what to do when a pattern is found in what is said to the bot, by a mention or in private.

        With `ambient`, in whatever is said. Case does not matter unless the pattern is compiled. Named groups come to
        parameters of their names.

        Example:
            @bot.hears(r"how are you", tag="smalltalk")
            async def well(message):
                await message.reply("Fine, and you?")
        """
        compiled = re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern
        matches = handlers.hearing(compiled, only & matching.of(conditions), ambient=ambient)
        offered = frozenset(compiled.groupindex)
        usage = compiled.pattern if help else ""
        return self._adding(matches, offered=offered, help=help, usage=usage, wants_speech=True)

    def command(
        self, name: str, *, help: str = "", only: Filter = EVERYTHING, **conditions: Unpack[Conditions]
    ) -> Callable[[F], F]:
        """Decorates what to do when what is said to the bot begins with the name; what follows is `text`.

        The bot answers `help` by itself, with all commands and what `help` says of each.

        Example:
            @bot.command("standup", help="collects what everyone did")
            async def standup(message, text):
                await message.reply(f"Noted: {text}")
        """
        matches = handlers.commanding(name, only & matching.of(conditions))
        return self._adding(matches, help=help, usage=name, wants_speech=True)

    def on(
        self, *kinds: str, own: bool = False, only: Filter = EVERYTHING, **conditions: Unpack[Conditions]
    ) -> Callable[[F], F]:
        """Decorates what to do at events of these kinds, or at all; those the bot itself caused only with `own`.

        Example:
            @bot.on("tag-change", tag="urgent")
            async def alarm(event, bot):
                await bot.say("acme/main", f"urgent: message {event['content']['message']}")
        """
        return self._adding(handlers.happening(kinds, only & matching.of(conditions), own=own))

    def every(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> Callable[[F], F]:
        """Decorates what to do again and again; a turn that takes longer than the interval leaves out the next.

        Turns are counted on the clock: `minutes=5` is at :00, :05, :10. None is had twice, also across restarts.

        Example:
            @bot.every(hours=24)
            async def remind(bot, bot_state):
                await bot.say("acme/main", "Stand-up time!")
        """
        interval = hours * 3600 + minutes * 60 + seconds
        if interval <= 0:
            raise TypeError("every() needs hours, minutes or seconds")

        def add(function: F) -> F:
            handler = self._ways.handlers.add(function, _never)
            self.timers.every.append(Timer(handler, interval))
            return function

        return add

    def middleware(self, function: F) -> F:
        """Decorates a coroutine function that stands around every handler: `(event, proceed)`.

        Example:
            @bot.middleware
            async def log(event, proceed):
                print("handling", event["event"])
                await proceed()
        """
        self._ways.middleware.append(function)
        return function

    def on_error(self, function: F) -> F:
        """Decorates a coroutine function that is told when a handler fails: `(error, event, message)`.

        `message` is None where nobody said anything. The bot lives on either way, and the event counts as dealt with.

        Example:
            @bot.on_error
            async def apologise(error, event, message):
                if message is not None:
                    await message.reply("Sorry, that did not work")
        """
        self._ways.on_error.append(function)
        return function

    def _adding(self, matches: Matches, **rest: Any) -> Callable[[F], F]:
        def add(function: F) -> F:
            self._ways.handlers.add(function, matches, **rest)
            return function

        return add


def _never(_event: object, _around: object) -> None:
    return None
