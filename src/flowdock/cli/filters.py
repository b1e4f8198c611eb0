"""Which events a person wants to see. Pure."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from flowdock.cli.lines import Event
from flowdock.protocol import tags as grammar


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What an event must have, all of it; what is empty or None does not matter."""

    tags: Collection[str] = ()
    """All of these, without `#`; for a change of tags those that it adds."""
    kinds: Collection[str] = ()
    """One of these, such as `message`."""
    senders: Collection[str] = ()
    """One of these ids."""
    thread: str | None = None
    """Its id."""
    mentioned: tuple[str, str] | None = None
    """Id and nick of somebody who is meant, by name or as everybody."""

    def hold(self, event: Event) -> bool:
        """Whether this event is wanted."""
        return (
            (not self.kinds or event.get("event") in self.kinds)
            and (self.thread is None or event.get("thread_id") == self.thread)
            and (not self.senders or str(event.get("user")) in self.senders)
            and (not self.tags or {tag.casefold() for tag in _tags(event)}.issuperset(map(_plain, self.tags)))
            and (self.mentioned is None or _means(event, *self.mentioned))
        )


def _plain(tag: str) -> str:
    return tag.removeprefix("#").casefold()


def _tags(event: Event) -> list[str]:
    content = event.get("content")
    added = content.get("add") if event.get("event") == "tag-change" and isinstance(content, dict) else None
    return [*(event.get("tags") or ()), *(added or ())]


def _means(event: Event, id: str, nick: str) -> bool:
    tags = set(_tags(event))
    if not tags.isdisjoint({grammar.user_tag(id), grammar.user_tag("everyone"), grammar.user_tag(grammar.TEAM)}):
        return True
    content = event.get("content")
    said = content.get("text") if isinstance(content, dict) else content
    pattern = rf"(?<![\w@])@{re.escape(nick)}(?![\w-])"
    return isinstance(said, str) and re.search(pattern, said, re.IGNORECASE) is not None
