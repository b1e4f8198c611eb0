"""Tags: which there are, how a list of them is written, and how hashtags, mentions, URLs and e-mails stand in a text.

Reading runs for every message sent: a text in which nothing can begin is recognised by a few searches for single
characters, and everything else is looked for only at the places such a character marks. The rule of `urls` holds here
too: no unbounded repeat may give back what it has read.

Source: wire facts 4.1 and 4.3, and the cases of flowdock-text.
"""

import re
import sys
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from flowdock.protocol import urls

EVERYONE = frozenset({"everyone", "everybody", "all", "anyone", "anybody"})
"""The names in lower case that mean each user of the flow; the tag for them is `user_tag("everyone")`."""

TEAM = "team"
"""The name that means those users of the flow who want to hear of it; the tag for it is `user_tag("team")`."""

URL_TAG = ":url"
FILE_TAG = ":file"

LOCAL_PART_LIMIT = 64
"""Characters before the `@` of an e-mail address (RFC 5321)."""

Kind: TypeAlias = Literal["url", "hashtag", "mention", "email"]


class Token(NamedTuple):
    """One thing found in a text: `text` is without the `#` of a hashtag or the `@` of a mention.

    `start` and `end` count characters and enclose everything, so the `#` or `@` too.
    """

    kind: Kind
    text: str
    start: int
    end: int


# Vowel signs and other marks that are parts of a word, which `\w` leaves out; the danda (U+0964) is a full stop.
_MARKS = "\u0300-\u036f\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ece\u200c\u200d"
_BEFORE = rf"(?<![&/\w{_MARKS}])"
_WIDE_HASH = "\uff03"
_AFTER = rf"(?![#{_WIDE_HASH}]|://)"
_HASHTAG = re.compile(rf"{_BEFORE}[#{_WIDE_HASH}]([\w{_MARKS}-]++){_AFTER}")
_MENTION = re.compile(rf"{_BEFORE}@(\.*+[\w{_MARKS}-]++(?>(?:\.++[\w{_MARKS}-]++)*)){_AFTER}")
_LOCAL_PART_BACKWARDS = re.compile(r"[0-9A-Za-z._%+-]++")
# A group of single characters, not a set: a search for the former takes half the time.
_ANCHOR = re.compile(rf"(?:#|{_WIDE_HASH}|@|\.(?=[A-Za-z])|://)")
_DOT_IN_NAME = re.compile(r"\.[A-Za-z]")
_QUOTED_LINE = re.compile(r"\n[^\S\r\n]{4}[^\n]*+")


def scan(text: str) -> list[Token]:
    """Everything found in a text, from left to right.

    A line that starts with four or more blanks is a quotation, of which only the URLs count.

    >>> scan("#bug seen by @alice")
    [Token(kind='hashtag', text='bug', start=0, end=4), Token(kind='mention', text='alice', start=13, end=19)]
    """
    if not _may_hold_tokens(text):
        return []
    tokens: list[Token] = []
    quoted = [(line.start(), line.end() - 1) for line in _QUOTED_LINE.finditer(f"\n{text}")]
    end = 0
    for anchor in _ANCHOR.finditer(text):
        at = anchor.start()
        if at < end:
            continue
        token = _READERS[text[at]](text, at, end)
        if token and (token.kind == "url" or not _is_inside(quoted, token.start)):
            tokens.append(token)
            end = token.end
    return tokens


def extract_hashtags(text: str) -> list[str]:
    """The hashtags of a text without `#`, repeated ones included."""
    return _texts(text, "hashtag")


def extract_mentions(text: str) -> list[str]:
    """The names mentioned in a text without `@`, whoever has them, repeated ones included."""
    return _texts(text, "mention")


def extract_urls(text: str) -> list[str]:
    """The URLs of a text as written, so some have no protocol."""
    return _texts(text, "url")


def extract_emails(text: str) -> list[str]:
    """The e-mail addresses of a text."""
    return _texts(text, "email")


def is_url(text: str) -> bool:
    """Whether the whole text is one URL."""
    return any(token.kind == "url" and len(token.text) == len(text) for token in scan(text))


def highlights(text: str, nick: str) -> bool:
    """Whether a text holds a nick as a whole word without `@`; case does not matter."""
    folded, word = text.casefold(), nick.casefold()
    at = folded.find(word) if word else -1
    while at != -1:
        before, after = folded[at - 1 : at], folded[at + len(word) : at + len(word) + 1]
        if before != "@" and not _is_word(before) and not _is_word(after):
            return True
        at = folded.find(word, at + 1)
    return False


def normalise(tags: str | Sequence[str]) -> list[str]:
    """A list of tags, or a text with commas between them, as names: no leading `#`, no blanks around, none twice.

    `@nick` and tags like `:user:9` stay as they are.

    >>> normalise("#bug, bug,, @alice")
    ['bug', '@alice']
    """
    given = tags.split(",") if isinstance(tags, str) else tags
    names = (tag.strip().lstrip(f"#{_WIDE_HASH}").strip() for tag in given)
    return list(dict.fromkeys(name for name in names if name))


def user_tag(id: int | str) -> str:
    """The tag of a message that mentions this user, or `everyone`, or `team`."""
    return f":user:{id}"


def unread_tag(id: int | str) -> str:
    """The tag of a message that this user has yet to read."""
    return f":unread:{id}"


def highlight_tag(id: int | str) -> str:
    """The tag of a message that holds this user's nick without `@`."""
    return f":highlight:{id}"


def is_hidden(tag: str) -> bool:
    """Whether user interfaces leave this tag out because it is there for programs."""
    return tag.startswith((":", "influx:"))


def _may_hold_tokens(text: str) -> bool:
    return "#" in text or "@" in text or "://" in text or _WIDE_HASH in text or _DOT_IN_NAME.search(text) is not None


def _texts(text: str, kind: Kind) -> list[str]:
    return [token.text for token in scan(text) if token.kind == kind]


def _hashtag(text: str, at: int, _after: int) -> Token | None:
    found = _HASHTAG.match(text, at)
    return found and Token("hashtag", found[1], at, found.end())


def _at_sign(text: str, at: int, after: int) -> Token | None:
    """An e-mail address, which begins before its `@`, or else a mention."""
    local_part = _LOCAL_PART_BACKWARDS.match(text[max(after, at - LOCAL_PART_LIMIT - 1) : at][::-1])
    if local_part and local_part.end() <= LOCAL_PART_LIMIT and (end := urls.domain_end(text, at + 1)):
        start = at - local_part.end()
        return Token("email", text[start:end], start, end)
    found = _MENTION.match(text, at)
    return found and Token("mention", found[1], at, found.end())


def _url_with_protocol(text: str, at: int, after: int) -> Token | None:
    return _url(text, urls.with_protocol(text, at, after=after))


def _url_without_protocol(text: str, at: int, after: int) -> Token | None:
    return _url(text, urls.without_protocol(text, at, after=after))


def _url(text: str, span: urls.Span | None) -> Token | None:
    return span and Token("url", text[span[0] : span[1]], *span)


_READERS: Mapping[str, Callable[[str, int, int], Token | None]] = {
    "#": _hashtag,
    _WIDE_HASH: _hashtag,
    "@": _at_sign,
    ":": _url_with_protocol,
    ".": _url_without_protocol,
}


def _is_inside(lines: Sequence[urls.Span], position: int) -> bool:
    line = bisect(lines, (position, sys.maxsize)) - 1
    return line >= 0 and position < lines[line][1]


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"
