"""What people wrote as styled text: code, emphasis, links, mentions, tags and emoji. Pure.

What others wrote is never obeyed: control characters become pictures, and those that turn the direction of writing are
left out, so that a line stays where it is.
"""

import re
from collections.abc import Callable

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.emoji import Emoji
from rich.segment import Segment
from rich.text import Text

from flowdock.cli import terminal
from flowdock.cli.chat.colours import Palette
from flowdock.protocol import tags

_TURNING = dict.fromkeys(
    (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C, 0xFEFF, 0x2028, 0x2029)
)
_MARKS = re.compile(
    r"```(?:[\w+-]*\n)?(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>\S(?:[^*\n]*\S)?)\*\*"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<target>https?://[^\s)]+)\)",
    re.DOTALL,
)
_LINE_LIMIT = 4000
"""Characters of a text that are looked at for marks; an endless one is shown as it is."""
_WRAPPING = Console(width=80, color_system=None, force_terminal=False, highlight=False, markup=False, emoji=False)


def harmless(text: str) -> str:
    """The text without anything that a terminal would obey."""
    return terminal.visible(text.replace("\r\n", "\n")).translate(_TURNING)


def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(harmless(text).split())


def unmarked(text: str) -> str:
    """The same without the marks of code, emphasis and links."""
    return one_line(_MARKS.sub(lambda found: next(filter(None, found.groups())), text))


def shortened(text: str, width: int) -> str:
    """The text on one line of at most so many columns."""
    text = one_line(text)
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0)).rstrip()}…"


def marked_up(text: str, palette: Palette, *, nicks: Callable[[str], bool], me: str) -> Text:
    """A message's text. `nicks` tells whether somebody is called so; `me` is one's own nick, which stands out."""
    shown, end = Text(), 0
    text = harmless(text)
    for found in _MARKS.finditer(text) if len(text) <= _LINE_LIMIT * 3 else ():
        _append(shown, text[end : found.start()], palette, nicks, me)
        end = found.end()
        if code := found["block"] or found["code"]:
            shown.append(code.strip("\n"), f"{palette.ink} on {palette.code}")
        elif found["bold"]:
            shown.append(found["bold"], "bold")
        else:
            shown.append(found["label"], f"underline {palette.accent}").append(f" ({found['target']})", palette.quiet)
    _append(shown, text[end:], palette, nicks, me)
    return shown


def wrapped(text: Text, width: int) -> list[Text]:
    """The lines of a text on so many columns; words that are longer are folded."""
    lines = list(text.wrap(_WRAPPING, max(width, 2), overflow="fold", tab_size=4))
    for line in lines:
        line.rstrip()
    return lines


def segments(line: Text) -> list[Segment]:
    """The pieces of a line, each with its style."""
    if line.style:
        # A text without spans is rendered without its own style, too.
        line.stylize_before(line.style)
    return [piece for piece in line.render(_WRAPPING) if piece.text]


def _append(shown: Text, text: str, palette: Palette, nicks: Callable[[str], bool], me: str) -> None:
    if ":" in text:
        text = Emoji.replace(text)
    part = Text(text)
    for token in tags.scan(text):
        if token.kind in {"url", "email"}:
            part.stylize(f"underline {palette.accent}", token.start, token.end)
        elif token.kind == "hashtag":
            part.stylize(palette.accent, token.start, token.end)
        elif token.text.casefold() in {me.casefold(), tags.TEAM, *tags.EVERYONE}:
            part.stylize(f"bold {palette.paper} on {palette.accent}", token.start, token.end)
        elif nicks(token.text):
            part.stylize(f"bold {palette.accent} on {palette.accent_wash}", token.start, token.end)
    shown.append_text(part)
