"""What somebody looks for in everything: words, beginnings of words, quoted words, and operators such as `from:bob`.

All of it is needed at once; only several `in:` are any of these places. Quotes make words of what would be an operator.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowdock.protocol.tags import FILE_TAG, URL_TAG
from flowdock.server.domain import words
from flowdock.server.domain.messages import text_of
from flowdock.server.domain.moments import parse_iso
from flowdock.server.domain.refusals import Refusal, invalid

LONGEST = 1000
SHORTEST_BEGINNING = 2
LONGEST_BEGINNING = 64

_TOKEN = re.compile(r'(?P<operator>[^\W\d_]+):(?P<value>"[^"]*"?|[^\s"]+)|"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+)')
_HAS = {"file": FILE_TAG, "link": URL_TAG}
_UNSAID = frozenset({"action", "user-edit"})


@dataclass(frozen=True, slots=True)
class Query:
    """What a message must be. Moments are milliseconds since 1970, `since` inclusive and `until` exclusive.

    `author` is a nick; of `tags`, `@nick` stands for who is mentioned; `places` are `org/flow`, `flow` or `@nick`.
    """

    words: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    author: str | None = None
    places: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    is_hopeless: bool = False
    """Whether it asks for words that are none, such as `!!!`, and so finds nothing."""


def parse(text: str) -> Query:
    """The query that a text means.

    Raises:
        Refusal: 400, it is empty, too long, or has an operator that there is not, or one that makes no sense.
    """
    if not text.strip():
        raise _wrong("can't be blank")
    if len(text) > LONGEST:
        raise _wrong(f"has {len(text)} characters; it may have {LONGEST}")
    reading = _Reading()
    for token in _TOKEN.finditer(text):
        reading.take(token)
    return reading.query()


class _Reading:
    """A query of which a part was read."""

    def __init__(self) -> None:
        self._words: dict[str, None] = {}
        self._beginnings: dict[str, None] = {}
        self._phrases: list[tuple[str, ...]] = []
        self._places: list[str] = []
        self._tags: dict[str, None] = {}
        self._once: dict[str, Any] = {}
        self._is_hopeless = False

    def query(self) -> Query:
        return Query(
            words=tuple(self._words),
            beginnings=tuple(self._beginnings),
            phrases=tuple(self._phrases),
            places=tuple(self._places),
            tags=tuple(self._tags),
            is_hopeless=self._is_hopeless and not (self._words or self._beginnings),
            **self._once,
        )

    def take(self, token: re.Match[str]) -> None:
        if token["quoted"] is not None:
            self._take_phrase(token["quoted"])
        elif token["operator"] is None:
            self._take_plain(token["plain"])
        elif (read := _OPERATORS.get(token["operator"].casefold())) is not None:
            read(self, token["operator"].casefold(), token["value"].strip('"').strip())
        elif token["value"].startswith((":", "/")):  # std::vector, http://flowdock.example
            self._take_plain(token[0])
        else:
            raise _wrong(
                f"has an operator {token['operator']!r}; there are {_ALLOWED}"
                f' (to look for the words, put them in quotes: "{token[0]}")'
            )

    def _take_phrase(self, text: str) -> None:
        phrase = words.phrase_of(text)
        self._is_hopeless = self._is_hopeless or not phrase
        self._words |= dict.fromkeys(words.words_asked(text))
        if len(phrase) > 1:
            self._phrases.append(phrase)

    def _take_plain(self, text: str) -> None:
        if text.endswith(":") and text[:-1].casefold() in _OPERATORS:
            raise _wrong(f"has nothing after {text}, not even a blank may be between; there are {_ALLOWED}")
        asked = words.words_asked(text)
        self._is_hopeless = self._is_hopeless or not asked
        if text.endswith("*") and asked and words.may_begin(asked[-1]):
            beginning = asked.pop()
            if not SHORTEST_BEGINNING <= len(beginning) <= LONGEST_BEGINNING:
                allowed = f"{SHORTEST_BEGINNING} to {LONGEST_BEGINNING}"
                raise _wrong(f"has a beginning of {len(beginning)} letters, {beginning}*; it may have {allowed}")
            self._beginnings[beginning] = None
        self._words |= dict.fromkeys(asked)

    def _author(self, operator: str, value: str) -> None:
        self._set("author", operator, value.removeprefix("@"))

    def _place(self, operator: str, value: str) -> None:
        self._places.append(_given(operator, value))

    def _tag(self, operator: str, value: str) -> None:
        self._tags[_given(operator, value.removeprefix("#"))] = None

    def _has(self, operator: str, value: str) -> None:
        if value.casefold() not in _HAS:
            raise _wrong(f"has {operator}:{value}; it may be {' or '.join(f'{operator}:{one}' for one in _HAS)}")
        self._tags[_HAS[value.casefold()]] = None

    def _until(self, operator: str, value: str) -> None:
        self._set("until", operator, _moment(operator, value))

    def _since(self, operator: str, value: str) -> None:
        self._set("since", operator, _moment(operator, value))

    def _set(self, member: str, operator: str, value: object) -> None:
        if member in self._once:
            raise _wrong(f"has {operator}: more than once")
        self._once[member] = _given(operator, value)


_OPERATORS: Mapping[str, Callable[[_Reading, str, str], None]] = {
    "from": _Reading._author,  # noqa: SLF001 - of the class above
    "in": _Reading._place,  # noqa: SLF001
    "tag": _Reading._tag,  # noqa: SLF001
    "before": _Reading._until,  # noqa: SLF001
    "after": _Reading._since,  # noqa: SLF001
    "has": _Reading._has,  # noqa: SLF001
}
_ALLOWED = "from:nick, in:flow, in:org/flow, in:@nick, tag:word, before:date, after:date, has:file and has:link"


def admits(query: Query, message: Mapping[str, Any], *, author: int | None, tags: Sequence[str]) -> bool:
    """Whether a message that may have the words is what is asked for, given whom and which tags its names mean."""
    if message["event"] in _UNSAID or (author is not None and message["user"] != str(author)):
        return False
    has = {tag.casefold() for tag in message["tags"]}
    if not all(tag.casefold() in has for tag in tags):
        return False
    if not (query.phrases or query.beginnings):
        return True
    text = text_of(message)
    return words.holds(text, query.phrases) and words.have_beginnings(words.words_of(text), query.beginnings)


def _given(operator: str, value: Any) -> Any:
    if value in ("", None):
        raise _wrong(f"has nothing after {operator}:")
    return value


def _moment(operator: str, value: str) -> int:
    moment = parse_iso(value) if value else None
    if moment is None or abs(moment) >= 1 << 62:
        raise _wrong(f"has {operator}:{value}; it may be a date such as {operator}:2014-10-27, or a moment in ISO 8601")
    return moment


def _wrong(problem: str) -> Refusal:
    return invalid("q", problem)
