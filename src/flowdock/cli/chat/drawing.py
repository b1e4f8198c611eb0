"""A message as the rows that show it, on so many columns. Pure.

◆  14:02 alice    the bubble that begins a thread is filled, that of a reply is not
│                 what the same person goes on with in the same thread has only its string
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.cells import cell_len
from rich.emoji import Emoji
from rich.text import Text
from textual.strip import Strip

from flowdock.cli import lines
from flowdock.cli.chat import writing
from flowdock.cli.chat.colours import STATUS, Palette, Tone
from flowdock.cli.chat.history import Message
from flowdock.protocol import tags

WIDEST_NICK = 12
NARROWEST_TEXT = 30
"""Columns; with fewer the text stands below the nick."""
BODY_LINES = 6
"""So many lines an inbox item may have in the timeline."""
_BUBBLE = 3
_OWN_TAG = (":", "influx:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What all messages of a place are drawn with. `nick_of` takes a user's id, `is_nick` a name."""

    palette: Palette
    width: int
    me: str
    my_nick: str
    nick_of: Callable[[str], str]
    is_nick: Callable[[str], bool]
    nick_width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What else a message is drawn with: its neighbours and its thread decide about that."""

    tone: Tone | None
    thread: Mapping[str, Any] | None
    grouped: bool
    """It goes on with what the same person said in the same thread."""
    titled: bool
    """It answers in another thread than the message above is in, so the title is shown."""
    note: str = ""
    """Of a message that is not with the server yet: what becomes of it."""


def message(message: Message, setting: Setting, look: Look) -> list[Strip]:
    """The rows of a message; none for one that says nothing to a person."""
    line = lines.line_of(message, look.nick_of)
    if line is None:
        return []
    who = writing.shortened(line.who, WIDEST_NICK)
    moment = datetime.fromtimestamp(line.sent / 1000, UTC).astimezone()
    head = Text.assemble((f"{moment:%H:%M} ", look.palette.quiet), (who, "bold"))
    indent = _BUBBLE + 1 + 6 + max(look.nick_width, cell_len(who)) + 1
    is_narrow = look.width - indent < NARROWEST_TEXT
    # One column at the right stays free, or words would touch what is beside.
    width = look.width - 1 - (_BUBBLE + 1 if is_narrow else indent)
    rows = [row for part in _body(message, line, setting, look, width) for row in writing.wrapped(part, width)]
    if is_narrow:
        rows = rows if setting.grouped else [head, *rows]
    else:
        blank = Text(" " * (indent - _BUBBLE - 1))
        first = blank if setting.grouped else head + Text(" " * (len(blank) - head.cell_len))
        rows = [(blank if at else first) + row for at, row in enumerate(rows)]
    return [_strip(_bubble(setting, look, first=not at, starts=not line.is_reply) + row) for at, row in enumerate(rows)]


def rule(text: str, style: str, look: Look) -> list[Strip]:
    """A line with a text in it: a new day, or where one had stopped reading."""
    text = writing.shortened(text, look.width - 6)
    return [_strip(Text.assemble("── ", text, " ", "─" * max(look.width - cell_len(text) - 4, 0), style=style))]


def title_of(thread: Mapping[str, Any]) -> str:
    """A thread's title as a plain text."""
    return writing.unmarked(lines.plain(str(thread.get("title") or "")))


def status_of(thread: Mapping[str, Any] | None) -> Text:
    """A thread's status as a pill; empty if it has none."""
    status = (thread or {}).get("status")
    if not isinstance(status, dict) or not status.get("value"):
        return Text()
    ground, ink = STATUS.get(str(status.get("color")), STATUS["grey"])
    return Text(f"[{writing.shortened(str(status['value']), 24)}]", f"bold {ink} on {ground}")


def _body(message: Message, line: lines.Line, setting: Setting, look: Look, width: int) -> list[Text]:
    """The paragraphs of a message; a title has one line of so many columns."""
    quiet, kind = look.palette.quiet, message.get("event")
    parts: list[Text] = []
    if setting.titled and setting.thread:
        tone = setting.tone.shade(dark=look.palette.dark) if setting.tone else quiet
        parts.append(Text(f"↳ {writing.shortened(title_of(setting.thread), min(width - 2, 60))}", tone))
    if line.text is lines.TAKEN_BACK or not line.is_speech:
        parts.append(Text(writing.harmless(line.text), f"italic {quiet}"))
    elif kind == "file":
        parts.append(_file(message, look))
    elif kind in {"activity", "discussion"}:
        parts += _item(message, setting, look)
    else:
        parts.append(writing.marked_up(line.text, look.palette, nicks=look.is_nick, me=look.my_nick))
    if message.get("edited") and kind in {"message", "comment"} and line.text is not lines.TAKEN_BACK:
        parts[-1] = parts[-1] + Text(" (edited)", quiet)
    parts += [extra for extra in (_tags(message, line, look), _reactions(message, look)) if extra]
    if setting.note:
        parts.append(Text(setting.note, f"italic {look.palette.error if setting.note.startswith('✗') else quiet}"))
    return parts


def _item(message: Message, setting: Setting, look: Look) -> list[Text]:
    thread = setting.thread or message.get("thread") or {}
    what = writing.one_line(lines.plain(str(message.get("title") or "")))
    about = Text(title_of(thread), "bold")
    status = status_of(thread)
    head = Text.assemble((f"{what}: ", look.palette.quiet), about, " ", status)
    head.rstrip()
    body = writing.harmless(lines.plain(str(message.get("body") or "")))
    return [head, Text("\n".join(body.split("\n")[:BODY_LINES]))] if body else [head]


def _file(message: Message, look: Look) -> Text:
    content = message["content"]
    name, size = writing.one_line(str(content.get("file_name"))), lines.size(int(content.get("file_size") or 0))
    return Text.assemble(
        (f"⇩ {name}", f"bold {look.palette.accent}"), (f"  {size}, d downloads it", look.palette.quiet)
    )


def _tags(message: Message, line: lines.Line, look: Look) -> Text | None:
    """The tags that are not in the text anyway."""
    written = {tag.casefold() for tag in _written_tags(line.text)}
    shown = [tag for tag in message.get("tags") or () if not tag.startswith(_OWN_TAG) and tag.casefold() not in written]
    return Text(" ".join(f"#{writing.one_line(tag)}" for tag in shown), look.palette.accent) if shown else None


def _written_tags(text: str) -> list[str]:
    return tags.extract_hashtags(text)


def _reactions(message: Message, look: Look) -> Text | None:
    reactions = message.get("emojiReactions") or {}
    shown = Text()
    for emoji, users in reactions.items():
        style = f"{look.palette.accent} on {look.palette.accent_wash}" if look.me in users else look.palette.quiet
        shown.append(f" {emoji_of(str(emoji))} {len(users)} ", style).append(" ")
    return shown or None


def emoji_of(name: str) -> str:
    """The character that an emoji's short name stands for, else the name between colons."""
    return Emoji.replace(f":{writing.one_line(name.strip(':'))}:")


def _bubble(setting: Setting, look: Look, *, first: bool, starts: bool) -> Text:
    if setting.tone is None:
        return Text(" " * (_BUBBLE + 1))
    shade = setting.tone.shade(dark=look.palette.dark)
    if not first or setting.grouped:
        return Text.assemble((" │  ", shade))
    ink = f"bold {look.palette.paper} on {shade}" if starts else f"bold {shade}"
    return Text.assemble((f" {setting.tone.glyph} ", ink), " ")


def _strip(row: Text) -> Strip:
    return Strip(writing.segments(row), row.cell_len)
