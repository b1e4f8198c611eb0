"""A handler: a function of the bot's author, what it is for, and what it asks for."""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flowdock.bot import matching
from flowdock.bot.matching import Event, Filter, Surroundings

Function: TypeAlias = Callable[..., Any]
"""Plain or a coroutine function; it names what it asks for."""
Matches: TypeAlias = Callable[[Event, Surroundings], Mapping[str, Any] | None]
"""What an event brings for a handler beside itself; None when it is not for it."""

ASKED_FOR: Mapping[str, str] = {
    "message": "the message, to be answered",
    "event": "the event as the server sent it",
    "bot": "the bot",
    "flow": "the name of the flow, org/flow; None in private",
    "people": "who there is, by id",
    "flows": "the flows there are, by name",
    "state": "what the bot remembers of this thread, or of this private conversation",
    "user_state": "what it remembers of whoever said it",
    "bot_state": "what it remembers of itself",
    "match": "the match of the pattern",
    "text": "what was said to it; of a command what follows its name",
}
"""What a handler may ask for by the names of its parameters; those of a pattern's groups come to it."""
STATES = ("state", "user_state", "bot_state")


@dataclass(frozen=True, slots=True)
class Handler:
    """One function and the events it is for."""

    name: str
    """Unique in its bot and the same in each of its lives."""
    function: Function
    matches: Matches
    asks_for: frozenset[str]
    takes_rest: bool
    help: str = ""
    usage: str = ""
    """How it is called, as the bot's help shows it; empty for one that is not called."""
    wants_speech: bool = False
    """Whether it is for what is said to the bot, which an answer to its question is not."""

    @property
    def is_plain(self) -> bool:
        """Whether it runs on a thread of its own."""
        return not inspect.iscoroutinefunction(self.function)

    async def call(self, offered: Mapping[str, Any]) -> None:
        """Run it with what it asks for."""
        given = offered if self.takes_rest else {name: offered[name] for name in self.asks_for if name in offered}
        if self.is_plain:
            await asyncio.to_thread(self.function, **given)
        else:
            await self.function(**given)


@dataclass(slots=True)
class Handlers:
    """All handlers of a bot, in the order in which they were written."""

    every: list[Handler] = field(default_factory=list)

    def add(
        self, function: Function, matches: Matches, *, offered: frozenset[str] = frozenset(), **rest: Any
    ) -> Handler:
        """Take a function; `offered` are the names its pattern gives it.

        Raises:
            TypeError: it asks for something that there is not; the text names what there is.
        """
        names, takes_rest = _parameters(function)
        if unknown := names - ASKED_FOR.keys() - offered:
            there = ", ".join([*ASKED_FOR, *sorted(offered)])
            called = getattr(function, "__name__", "the handler")
            raise TypeError(f"{called}() asks for {', '.join(sorted(unknown))}; a handler may ask for {there}")
        handler = Handler(self._name(function), function, matches, frozenset(names), takes_rest, **rest)
        self.every.append(handler)
        return handler

    def of(self, event: Event, around: Surroundings) -> list[tuple[Handler, Mapping[str, Any]]]:
        """Those an event is for, each with what it brings."""
        found = ((handler, handler.matches(event, around)) for handler in self.every)
        return [(handler, brought) for handler, brought in found if brought is not None]

    def _name(self, function: Function) -> str:
        name = getattr(function, "__qualname__", type(function).__name__)
        same = sum(handler.name.partition("#")[0] == name for handler in self.every)
        return f"{name}#{same + 1}" if same else name


def hearing(pattern: str | re.Pattern[str], only: Filter, *, ambient: bool) -> Matches:
    """What is said to the bot, or with `ambient` anywhere, in which a pattern is found."""
    wanted = re.compile(pattern, re.IGNORECASE) if isinstance(pattern, str) else pattern

    def matches(event: Event, around: Surroundings) -> Mapping[str, Any] | None:
        text = _said_to(event, around, only, ambient=ambient)
        found = None if text is None else wanted.search(text)
        return None if found is None else {**found.groupdict(), "match": found, "text": text}

    return matches


def commanding(name: str, only: Filter) -> Matches:
    """What is said to the bot and begins with the name of a command."""
    wanted = re.compile(rf"[!/]?{re.escape(name)}(?:\s+(?P<rest>.*))?", re.IGNORECASE | re.DOTALL)

    def matches(event: Event, around: Surroundings) -> Mapping[str, Any] | None:
        text = _said_to(event, around, only, ambient=False)
        found = None if text is None else wanted.fullmatch(text)
        return None if found is None else {"match": found, "text": (found["rest"] or "").strip()}

    return matches


def happening(kinds: tuple[str, ...], only: Filter, *, own: bool) -> Matches:
    """Events of these kinds, or of any; those the bot caused only with `own`."""

    def matches(event: Event, around: Surroundings) -> Mapping[str, Any] | None:
        is_wanted = (not kinds or event.get("event") in kinds) and (own or str(event.get("user")) != around.me)
        return {"text": matching.text_of(event)} if is_wanted and only.holds(event, around) else None

    return matches


def _said_to(event: Event, around: Surroundings, only: Filter, *, ambient: bool) -> str | None:
    said = matching.text_of(event)
    # Nobody's words are those of software, which may be answering the bot; its own it never answers.
    if not said or str(event.get("user", matching.NOBODY)) in {around.me, matching.NOBODY}:
        return None
    if not (ambient or matching.is_private(event) or matching.is_mentioned(event, around)):
        return None
    return matching.addressed(said, around.nick) if only.holds(event, around) else None


def _parameters(function: Function) -> tuple[set[str], bool]:
    parameters = inspect.signature(function).parameters.values()
    names = {one.name for one in parameters if one.kind not in {one.VAR_KEYWORD, one.VAR_POSITIONAL}}
    return names, any(one.kind is one.VAR_KEYWORD for one in parameters)


Proceed: TypeAlias = Callable[[], Awaitable[None]]
"""Lets the handler run, and what stands between."""
