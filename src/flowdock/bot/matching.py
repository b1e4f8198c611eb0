"""Which events a handler is for: filters over events, and what is said to a bot. Pure.

Source: wire facts 3 and 4.1 (mentions).
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypedDict

Event: TypeAlias = Mapping[str, Any]
SPEECH = frozenset({"message", "comment"})
"""The kinds of events in which somebody says something."""
NOBODY = "0"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What filters need to know beside an event."""

    me: str
    """The bot's own id, as events have it."""
    nick: str
    flows: Mapping[str, str]
    """The names of the flows, `org/flow`, by their ids."""
    nicks: Mapping[str, str] = field(default_factory=dict)
    """The nicks of people by their ids."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A question about an event; `&`, `|` and `~` make others of it.

    Example:
        @bot.on("message", only=in_flow("acme/main") & ~tagged("wip"))
        async def review(message):
            await message.react("eyes")
    """

    holds: Callable[[Event, Surroundings], bool]

    def __and__(self, other: "Filter") -> "Filter":
        return Filter(lambda event, around: self.holds(event, around) and other.holds(event, around))

    def __or__(self, other: "Filter") -> "Filter":
        return Filter(lambda event, around: self.holds(event, around) or other.holds(event, around))

    def __invert__(self) -> "Filter":
        return Filter(lambda event, around: not self.holds(event, around))


class Conditions(TypedDict, total=False):
    """The filters that every decorator takes as keywords; a list means any of its members."""

    flow: str | Iterable[str]
    """`org/flow`."""
    thread: str | Iterable[str]
    """A thread's id."""
    tag: str | Iterable[str]
    event: str | Iterable[str]
    """A kind of event."""
    sender: str | int | Iterable[str | int]
    """A nick or an id."""
    status: str | Iterable[str]
    """The value of the status that the event's thread has."""
    mention: bool
    """Whether the bot is mentioned."""
    private: bool
    """Whether it was said in private."""


def in_flow(*names: str) -> Filter:
    """What happens in one of these flows (`org/flow`).

    Example:
        @bot.on("message", only=in_flow("acme/main", "acme/ops"))
        async def watch(message):
            print(message.text)
    """
    return Filter(lambda event, around: around.flows.get(str(event.get("flow"))) in names)


def in_thread(*ids: str) -> Filter:
    """What happens in one of these threads.

    Example:
        @bot.on("message", only=in_thread(thread_id))
        async def follow(message):
            print(message.text)
    """
    return Filter(lambda event, _: event.get("thread_id") in ids)


def in_private() -> Filter:
    """What is said in a private conversation.

    Example:
        @bot.on("message", only=in_private() | mentioning_me())
        async def listen(message):
            print(message.text)
    """
    return Filter(lambda event, _: is_private(event))


def tagged(*tags: str) -> Filter:
    """What has one of these tags, whatever the case; a `tag-change` that adds one has it, too.

    Example:
        @bot.on("message", only=tagged("bug", "incident"))
        async def alarm(message):
            await message.react("rotating_light")
    """
    wanted = {tag.removeprefix("#").casefold() for tag in tags}
    return Filter(lambda event, _: not wanted.isdisjoint(tag.casefold() for tag in _tags(event)))


def of_event(*kinds: str) -> Filter:
    """Events of these kinds.

    Example:
        @bot.on(only=of_event("message", "comment") & ~in_private())
        async def watch(message):
            print(message.text)
    """
    return Filter(lambda event, _: event.get("event") in kinds)


def sent_by(*people: str | int) -> Filter:
    """What one of these people did: nicks, or ids as numbers.

    Example:
        @bot.on("message", only=~sent_by("hubot", 42))
        async def people(message):
            print(message.nick)
    """
    wanted = {str(one).removeprefix("@").casefold() for one in people}

    def holds(event: Event, around: Surroundings) -> bool:
        sender = str(event.get("user", NOBODY))
        return sender in wanted or around.nicks.get(sender, "").casefold() in wanted

    return Filter(holds)


def with_status(*values: str) -> Filter:
    """What happens in threads whose status has one of these values.

    Example:
        @bot.on("activity", only=with_status("failed", "broken"))
        async def failed(event):
            await bot.say("acme/main", f"{event['thread']['title']} is not well")
    """

    def holds(event: Event, _: Surroundings) -> bool:
        status = (event.get("thread") or {}).get("status") or {}
        return status.get("value") in values

    return Filter(holds)


def mentioning_me() -> Filter:
    """What mentions the bot.

    Example:
        @bot.on("message", only=mentioning_me() & tagged("urgent"))
        async def hurry(message):
            await message.reply("At once")
    """
    return Filter(is_mentioned)


def of(conditions: Conditions) -> Filter:
    """All of the conditions together.

    Raises:
        TypeError: there is no such condition; the text names those there are.
    """
    makers: dict[str, Callable[..., Filter]] = {
        "flow": in_flow,
        "thread": in_thread,
        "tag": tagged,
        "event": of_event,
        "sender": sent_by,
        "status": with_status,
    }
    switches = {"mention": mentioning_me(), "private": in_private()}
    every = Filter(lambda _event, _around: True)
    for name, value in conditions.items():
        if name in makers:
            every &= makers[name](*_several(value))
        elif name in switches:
            every &= switches[name] if value else ~switches[name]
        else:
            raise TypeError(f"there is no condition {name}; the supported ones are {', '.join([*makers, *switches])}")
    return every


def is_private(event: Event) -> bool:
    """Whether it was said in a private conversation."""
    return "to" in event and "flow" not in event


def is_mentioned(event: Event, around: Surroundings) -> bool:
    """Whether the bot is meant by name, also by a nick that it had when this was said."""
    if f":user:{around.me}" in (event.get("tags") or ()):
        return True
    return re.search(rf"(?<![\w@])@{re.escape(around.nick)}(?![\w-])", text_of(event), re.IGNORECASE) is not None


def text_of(event: Event) -> str:
    """What somebody said; empty for what is no speech, and for what was taken back."""
    if event.get("event") not in SPEECH:
        return ""
    content = event.get("content")
    said = content.get("text") if isinstance(content, Mapping) else content
    return said if isinstance(said, str) else ""


def addressed(text: str, nick: str) -> str:
    """The text without the bot's name before or behind it: `@robo, deploy web` is `deploy web`."""
    name = rf"@?{re.escape(nick)}"
    text = re.sub(rf"^\s*{name}(?![\w-])\s*[:,;-]?\s*", "", text, flags=re.IGNORECASE)
    return re.sub(rf"\s*[,;]?\s*@{re.escape(nick)}\s*[.!?]?\s*$", "", text, flags=re.IGNORECASE).strip()


def _tags(event: Event) -> Collection[str]:
    content = event.get("content")
    added = content.get("add") if event.get("event") == "tag-change" and isinstance(content, Mapping) else None
    return [*(event.get("tags") or ()), *(added or ())]


def _several(value: object) -> Iterable[Any]:
    return value if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
