"""Which tags a message gets, in which order, and what an edit does to them.

Source: wire facts 2.3 (edits), 4.1 and 4.2.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flowdock.protocol import tags as grammar
from flowdock.server.domain.refusals import invalid

TAG_COUNT_LIMIT = 200
TAG_LENGTH_LIMIT = 255

MANY_NICKS = 64
"""From here on, one pass over the words of a text beats one search for each nick."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Roster:
    """The people of a flow who can be mentioned: enabled and in it."""

    by_nick: Mapping[str, int] = field(default_factory=dict)
    """User ids by case-folded nick."""
    team: tuple[int, ...] = ()
    """Those who want to hear of `@team`."""
    by_word: Mapping[str, tuple[str, ...]] = field(init=False, repr=False)
    """Of many nicks those with this word as their first, which is a whole word of each text that holds one of them."""

    def __post_init__(self) -> None:
        by_word: dict[str, tuple[str, ...]] = {}
        for nick in self.by_nick if len(self.by_nick) > MANY_NICKS else ():
            found = _WORD.search(nick)
            first = found[0] if found else ""
            by_word[first] = (*by_word.get(first, ()), nick)
        object.__setattr__(self, "by_word", by_word)


def checked_tags(tags: str | Sequence[str]) -> list[str]:
    """The given tags without `#` and blanks, if they are few and short enough."""
    given = grammar.normalise(tags)
    if len(given) > TAG_COUNT_LIMIT:
        raise invalid("tags", f"are too many ({len(given)}; maximum is {TAG_COUNT_LIMIT})")
    for tag in given:
        if len(tag) > TAG_LENGTH_LIMIT:
            raise invalid("tags", f"hold one of {len(tag)} characters (maximum is {TAG_LENGTH_LIMIT})")
    return given


def expanded(tags: Iterable[str], *, author: int, roster: Roster) -> list[str]:
    """The given tags with each `@name` replaced by what it stands for; names nobody has give nothing."""
    found: list[str] = []
    for tag in tags:
        if tag.startswith("@"):
            found += _mention(tag[1:], author=author, roster=roster)
        else:
            found.append(tag)
    return _once(found)


def derived(text: str, *, author: int, roster: Roster) -> list[str]:
    """The tags that a text by itself gives: mentions, hashtags, highlights, and `:url` last."""
    found: list[str] = []
    has_url = False
    for token in grammar.scan(text):
        if token.kind == "hashtag":
            found.append(token.text)
        elif token.kind == "mention":
            found += _mention(token.text, author=author, roster=roster)
        elif token.kind == "url":
            has_url = True
    found += _highlights(text, author=author, roster=roster, mentioned=found)
    if has_url:
        found.append(grammar.URL_TAG)
    return _once(found)


def for_message(
    text: str, explicit: Sequence[str], *, author: int, roster: Roster, recipient: int | None = None
) -> list[str]:
    """All tags of a new message; a private one starts with the recipient's unread mark."""
    tags = [] if recipient is None or recipient == author else [grammar.unread_tag(recipient)]
    if explicit:
        tags += expanded(explicit, author=author, roster=roster)
    tags += derived(text, author=author, roster=roster)
    return _once(tags) if len(tags) > 1 else tags


def after_edit(tags: Sequence[str], *, was: Sequence[str], becomes: Sequence[str]) -> list[str]:
    """The tags once the text changed: those only the old text gave go, those only the new text gives come.

    A mention that stays does not become unread again.
    """
    kept = [tag for tag in tags if tag not in was or tag in becomes]
    return kept + [tag for tag in becomes if tag not in was and tag not in kept]


def change_of(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str]]:
    """What was added and what was removed."""
    return [tag for tag in after if tag not in before], [tag for tag in before if tag not in after]


def _mention(name: str, *, author: int, roster: Roster) -> list[str]:
    folded = name.casefold()
    if folded in grammar.EVERYONE:
        return [grammar.user_tag("everyone"), *_unread(roster.by_nick.values(), author)]
    if folded == grammar.TEAM:
        return [grammar.user_tag("team"), *_unread(roster.team, author)]
    user_id = roster.by_nick.get(folded)
    return [] if user_id is None else [grammar.user_tag(user_id), *_unread((user_id,), author)]


def _unread(user_ids: Iterable[int], author: int) -> list[str]:
    return [grammar.unread_tag(user_id) for user_id in user_ids if user_id != author]


def _highlights(text: str, *, author: int, roster: Roster, mentioned: Sequence[str]) -> list[str]:
    folded = text.casefold()
    names: Iterable[str]
    if roster.by_word:
        words = dict.fromkeys(["", *_WORD.findall(folded)])
        names = (nick for word in words for nick in roster.by_word.get(word, ()))
    else:
        names = (nick for nick in roster.by_nick if nick in folded)
    found = []
    for nick in names:
        user_id = roster.by_nick[nick]
        if user_id != author and grammar.user_tag(user_id) not in mentioned and grammar.highlights(text, nick):
            found += [grammar.highlight_tag(user_id), grammar.unread_tag(user_id)]
    return found


def _once(tags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(tags))
