"""Events and threads on a terminal or in a pipe, one below the other.

On a terminal the thread of a message is the colour of the mark before it, and long messages are indented below
themselves. In a pipe each line begins with its date.
"""

import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from flowdock.cli import lines, terminal
from flowdock.cli.lines import Event, Line
from flowdock.protocol import tags
from flowdock.protocol.types import Thread, User

COLOURS = (
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "red",
    "bright_green",
    "bright_yellow",
    "bright_blue",
    "bright_magenta",
    "bright_cyan",
    "bright_red",
)
NARROWEST_NAME, WIDEST_NAME = 8, 16
"""Columns for who said it; a name that is wider than most pushes only its own text aside."""
WIDEST_PLACE = 20
"""Columns for where it was, when several flows are followed."""
NARROWEST_TEXT = 24
"""Columns; on a narrower terminal the text begins below the name."""

_STYLES = {"url": "underline", "mention": "bold cyan", "hashtag": "cyan", "email": "underline"}


class Nicks:
    """The nicks of the people in a place, asked for when somebody unknown appears."""

    def __init__(self, ask: Callable[[], Sequence[User]]) -> None:
        self._ask = ask
        self._nicks: dict[str, str] = {}

    def __call__(self, user: str) -> str:
        """The nick of this user; an unknown one keeps their id."""
        if user not in self._nicks:
            self._nicks |= {str(one["id"]): one["nick"] for one in self._ask()}
        return self._nicks.setdefault(user, f"user {user}")

    def hear(self, event: Event) -> None:
        """Learn from an event who joined, or has another nick now."""
        content = event.get("content")
        user = content.get("user") if isinstance(content, dict) else None
        if isinstance(user, dict) and "id" in user and user.get("nick"):
            self._nicks[str(user["id"])] = str(user["nick"])

    @property
    def widest(self) -> int:
        """Columns of the longest nick known, within reason."""
        return min(WIDEST_NAME, max(map(cell_len, self._nicks.values()), default=0))


class Screen:
    """Where events are shown; it remembers the day and the place of the last one.

    With `places`, those that events may come from, a column tells of each where that was; else a heading does.
    """

    def __init__(self, nicks: Nicks, *, places: Sequence[str] = ()) -> None:
        self._nicks = nicks
        self._has_column = bool(places)
        self._column = min(WIDEST_PLACE, max(map(cell_len, places), default=0))
        self._console = terminal.console()
        self._heading = ""

    def show(self, event: Event, *, place: str = "") -> None:
        """Show an event, unless it says nothing to a person; with a `place` where that was."""
        self._nicks.hear(event)
        line = lines.line_of(event, self._nicks)
        if line is None:
            return
        moment = datetime.fromtimestamp(line.sent / 1000, UTC).astimezone()
        if self._console.is_terminal:
            self._head(moment, "" if self._has_column else place)
            self._draw(line, moment, place if self._has_column else "")
        else:
            self._write(line, moment, place)

    def _head(self, moment: datetime, place: str) -> None:
        heading = f"{moment:%A}, {moment.day} {moment:%B %Y}" + (f" · {terminal.visible(place)}" if place else "")
        if heading != self._heading:
            self._heading = heading
            self._console.print(Text(heading, style="bold dim"))

    def _draw(self, line: Line, moment: datetime, place: str) -> None:
        who = _shortened(terminal.visible(line.who).replace("\n", " "))
        who += " " * (max(self._nicks.widest, NARROWEST_NAME) - cell_len(who))
        where = self._told(place) if place else ("", "")
        head = Text.assemble(
            (f"{moment:%H:%M} ", "dim"), where, (f"{line.number:>5} ", "dim"), _mark(line), " ", (who, "bold"), "  "
        )
        width = self._console.width - head.cell_len
        indent = head.cell_len if width >= NARROWEST_TEXT else 2
        body = _marked_up(line).wrap(self._console, max(self._console.width - indent, 1), overflow="fold", tab_size=4)
        if indent == head.cell_len and body:
            head += body.pop(0)
        self._console.print(head)
        for part in body:
            self._console.print(Text(" " * indent) + part)

    def _told(self, place: str) -> tuple[str, str]:
        """The name of a place as wide as the column; of one that is wider, its end, which tells it from others."""
        name = terminal.visible(place).replace("\n", " ")
        while cell_len(name) > max(self._column, cell_len(place[:1])) and len(name) > 1:
            name = f"…{name[2:]}" if name.startswith("…") else f"…{name[1:]}"
        return name + " " * (self._column - cell_len(name) + 1), colour_of(place)

    def _write(self, line: Line, moment: datetime, place: str) -> None:
        mark, text = _mark(line)[0], terminal.visible(line.text).replace("\n", "\n    ")
        who = terminal.visible(line.who).replace("\n", " ")
        told = f"{who}: {text}" if line.is_speech else f"{who} {text}"
        where = f"{place} " if place else ""
        terminal.say(f"{moment:%Y-%m-%d %H:%M} {where}{line.number:>5} {mark} {told}")


def show_threads(threads: Sequence[Thread]) -> None:
    """Show a line for each thread: its first message, when it was updated, how many messages it has, and its title."""
    console = terminal.console()
    for thread in threads:
        updated = datetime.fromisoformat(thread["updated_at"]).astimezone()
        count = thread["activities"] + thread["internal_comments"] + thread["external_comments"]
        title = terminal.visible(f"{thread['title']}{lines.status_of(thread)}".replace("\n", " "))
        head = f"{thread['initial_message']:>5} "
        line = Text.assemble(
            (head, "dim"), ("●", colour_of(thread["id"])), f" {updated:%Y-%m-%d %H:%M} {count:>4}  {title}"
        )
        if console.is_terminal:
            line.truncate(console.width, overflow="ellipsis")
        console.print(line)


def colour_of(thread_id: str) -> str:
    """The colour of a thread: always the same one."""
    return COLOURS[zlib.crc32(thread_id.encode()) % len(COLOURS)]


def _shortened(name: str) -> str:
    return name if cell_len(name) <= WIDEST_NAME else f"{set_cell_size(name, WIDEST_NAME - 1)}…"


def _mark(line: Line) -> tuple[str, str]:
    if line.thread_id is None:
        return "·", "dim"
    return ("↳" if line.is_reply else "●"), colour_of(line.thread_id)


def _marked_up(line: Line) -> Text:
    content = terminal.visible(line.text)
    text = Text(content, style="" if line.is_speech else "dim italic")
    for token in tags.scan(content):
        text.stylize(_STYLES[token.kind], token.start, token.end)
    return text
