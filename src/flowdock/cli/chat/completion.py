"""What a half-written word may become: a nick, a tag, an emoji or a command. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

COMMANDS = {
    "/me": "what you do, as in /me waves",
    "/status": "what you are doing, beside your name",
    "/upload": "share a file of this machine",
    "/help": "the keys",
    "/quit": "leave",
}
EMOJI = (
    *("+1", "-1", "100", "beer", "bug", "bulb", "cake", "clap", "coffee", "confused", "cry", "eyes", "fire", "gift"),
    *("grin", "heart", "hourglass", "joy", "key", "laughing", "lock", "memo", "mega", "muscle", "ok_hand", "package"),
    *("pizza", "pray", "question", "rainbow", "raised_hands", "relieved", "rocket", "scream", "see_no_evil", "ship"),
    *("skull", "sleeping", "smile", "smirk", "snail", "sob", "sparkles", "star", "sunglasses", "sunny", "tada"),
    *("thinking_face", "thumbsup", "thumbsdown", "trophy", "turtle", "warning", "wave", "white_check_mark", "wink"),
    *("wrench", "zap"),
)
LIMIT = 6
EMOJI_FROM = 3
"""Characters, so that :D stays what it is."""
_WORD = re.compile(r"(?:(?<=\s)|^)(?P<word>[@#:/][\w+.-]*)$")


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand in the place of the last `replaced` characters before the cursor."""

    text: str
    about: str
    replaced: int
    eager: bool
    """Whether Enter means it, too, because what is written so far can hardly be meant."""


def completions(
    before: str, *, nicks: Iterable[str], tags: Iterable[str], emoji: Sequence[str] = EMOJI, commands: bool = True
) -> list[Completion]:
    """What the word that ends at the cursor may become, the likeliest first; `before` is the text up to there."""
    found = _WORD.search(before)
    if not found:
        return []
    word = found["word"]
    if word[0] == "/":
        if not commands or found.start() != 0:
            return []
        eager = word not in COMMANDS
        return [
            Completion(f"{one} ", about, len(word), eager) for one, about in COMMANDS.items() if one.startswith(word)
        ]
    if word[0] == ":" and len(word) < EMOJI_FROM:
        return []
    names = list({"@": nicks, "#": tags, ":": emoji}[word[0]])
    eager = word[0] != "#" and word[1:].casefold() not in map(str.casefold, names)
    end = ": " if word[0] == ":" else " "
    return [Completion(f"{word[0]}{name}{end}", "", len(word), eager) for name in _ranked(word[1:], names)]


def _ranked(start: str, names: Iterable[str]) -> list[str]:
    """The names that begin so, then those that hold it somewhere."""
    start = start.casefold()
    unique = sorted(dict.fromkeys(names), key=str.casefold)
    begin = [name for name in unique if name.casefold().startswith(start) and name.casefold() != start]
    hold = [name for name in unique if start in name.casefold()[1:] and name not in begin] if start else []
    return [*begin, *hold][:LIMIT]
