"""Which words of a text a search finds: whole words, case ignored.

Both databases index and ask exactly these words, so they find the same messages. Scripts written without blanks are cut
into single characters and neighbouring pairs, because there a "word" would be the whole sentence.

Source: wire facts 4.7.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from flowdock.server.domain.refusals import invalid

MOST_ASKED = 5000
"""So many different words a search may have; PostgreSQL takes twice as many."""

_WORD = re.compile(r"\w+")
_ASCII = "".join(chr(code).lower() if re.match(r"\w", chr(code)) else " " for code in range(128))
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
)
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_UNSPACED_END = re.compile(f"[{_UNSPACED}]$")
_RUN = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}]+")


def words_of(text: str) -> list[str]:
    """The words under which a message with this text is found, in order, repeated ones included."""
    return _words(text, alone=True)


def words_asked(text: str) -> list[str]:
    """The words all of which a message must have to answer this search, each once.

    Raises:
        Refusal: 400, there are too many.
    """
    asked = list(dict.fromkeys(_words(text, alone=False)))
    if len(asked) > MOST_ASKED:
        raise invalid("search", f"has {len(asked)} different words; it may have {MOST_ASKED}")
    return asked


def phrase_of(text: str) -> tuple[str, ...]:
    """The words of a text as they stand in it, to be looked for in this order."""
    return tuple(_WORD.findall(text.casefold()))


def holds(text: str, phrases: Sequence[Sequence[str]]) -> bool:
    """Whether a text has each of these rows of words somewhere, with nothing but blanks and punctuation between."""
    folded = text.casefold()
    return all(_row(tuple(phrase)).search(folded) for phrase in phrases)


def have_beginnings(words: Sequence[str], beginnings: Sequence[str]) -> bool:
    """Whether each of these is how one of the words begins."""
    return all(any(word.startswith(beginning) for word in words) for beginning in beginnings)


def may_begin(word: str) -> bool:
    """Whether longer words may begin with this one; where there are no blanks between words, each is found anyway."""
    return not _UNSPACED_END.search(word)


@lru_cache(256)
def _row(words: tuple[str, ...]) -> re.Pattern[str]:
    before = "" if _HAS_UNSPACED.match(words[0]) else r"(?<!\w)"
    after = "" if _UNSPACED_END.search(words[-1]) else r"(?!\w)"
    return re.compile(before + r"\W+".join(map(re.escape, words)) + after)


def _words(text: str, *, alone: bool) -> list[str]:
    if text.isascii():  # most texts, and many times faster so
        return text.translate(_ASCII).split()
    found = _WORD.findall(text.casefold())
    if not _HAS_UNSPACED.search(text):
        return found
    return [piece for word in found for piece in _pieces(word, alone=alone)]


def _pieces(word: str, *, alone: bool) -> list[str]:
    pieces: list[str] = []
    for run in _RUN.findall(word):
        if not _HAS_UNSPACED.match(run):
            pieces.append(run)
            continue
        if alone or len(run) == 1:
            pieces.extend(run)
        pieces.extend(run[at : at + 2] for at in range(len(run) - 1))
    return pieces
