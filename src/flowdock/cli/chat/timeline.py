"""Messages one below the other: those of a place, or of one thread of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message as Notice
from textual.scroll_view import ScrollView
from textual.strip import Strip

from flowdock.cli.chat import drawing
from flowdock.cli.chat.colours import DAY, NIGHT, Palette
from flowdock.cli.chat.drawing import WIDEST_NICK, Look, Setting
from flowdock.cli.chat.history import Message
from flowdock.cli.chat.place import Place
from flowdock.cli.chat.talk import Talk

TOGETHER_MS = 5 * 60 * 1000
"""What somebody goes on with within this time is grouped."""
EDGE_ROWS = 3
"""So near to the oldest row the page before it is asked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line on the screen. `key` is the message's id, negative for one without; 0 for a rule."""

    strip: Strip
    key: int
    thread_id: str | None


class Timeline(ScrollView, can_focus=True):
    """The messages of a place. Arrow keys or a click choose one, which is told by `Chosen`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "choose(-1)", "message before", show=False),
        Binding("down,j", "choose(1)", "message after", show=False),
        Binding("home", "choose_end(True)", "oldest", show=False),
        Binding("end,G", "choose_end(False)", "newest", show=False),
    ]

    class Chosen(Notice):
        """A message was chosen."""

        def __init__(self, timeline: "Timeline", message_id: int) -> None:
            super().__init__()
            self.timeline = timeline
            self.message_id = message_id

    class OlderWanted(Notice):
        """One has come to the oldest message there is on the screen."""

    def __init__(self, talk: Talk, *, id: str) -> None:
        super().__init__(id=id)
        self._talk = talk
        self._place: Place | None = None
        self._thread: str | None = None
        self._rows: list[Row] = []
        self._drawn: dict[int, tuple[tuple[object, ...], list[Strip]]] = {}
        self.chosen: int | None = None
        self.lit: str | None = None

    @property
    def palette(self) -> Palette:
        """The colours that go with the theme."""
        return NIGHT if self.app.current_theme.dark else DAY

    def show(self, place: Place | None, thread_id: str | None = None) -> None:
        """Show another place, or a thread of it, from its newest message on."""
        if (place, thread_id) != (self._place, self._thread):
            self._place, self._thread, self.chosen = place, thread_id, None
            self._rows, self._drawn = [], {}
        self.renew(to_end=True)

    def renew(self, *, to_end: bool = False) -> None:
        """Draw what has changed. What one looks at stays where it is; at the end, the end is followed."""
        if self._width <= 0:
            return
        to_end = to_end or self.scroll_offset.y >= self.max_scroll_y
        top = self._rows[min(self.scroll_offset.y, len(self._rows) - 1)] if self._rows else None
        above = self._first_row(top.key) if top else None
        inside = 0 if above is None else self.scroll_offset.y - above
        self._rows = list(self._arranged())
        self.virtual_size = Size(self._width, len(self._rows))
        if to_end:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        elif top is not None and (now := self._first_row(top.key)) is not None:
            self.scroll_to(y=now + inside, animate=False, immediate=True)
        self.refresh()
        self._ask_for_older()

    def choose(self, key: int) -> None:
        """Choose a message, and make sure that it is seen."""
        first = self._first_row(key)
        if first is None:
            return
        self.chosen = key
        height = sum(row.key == key for row in self._rows)
        self.scroll_to_region(Region(0, first, 1, height), animate=False, immediate=True, x_axis=False)
        self.refresh()
        if key > 0:
            self.post_message(self.Chosen(self, key))

    def action_choose(self, step: int) -> None:
        """Choose the next message upwards or downwards; the first time the newest that is seen."""
        keys = list(dict.fromkeys(row.key for row in self._rows if row.key))
        if not keys:
            return
        if self.chosen not in keys:
            shown = self._rows[: self.scroll_offset.y + self.size.height]
            self.choose(next((row.key for row in reversed(shown) if row.key), keys[-1]))
        else:
            self.choose(keys[min(max(keys.index(self.chosen) + step, 0), len(keys) - 1)])

    def action_choose_end(self, oldest: bool) -> None:
        """Choose the oldest message that is known, or the newest."""
        keys = [row.key for row in self._rows if row.key]
        if keys:
            self.choose(keys[0 if oldest else -1])

    def render_line(self, y: int) -> Strip:
        """The line of the screen at `y`."""
        at, paper = y + self.scroll_offset.y, self.palette.paper
        ground = Style(color=self.palette.ink, bgcolor=paper)
        if at >= len(self._rows):
            return Strip.blank(self._width, ground)
        row = self._rows[at]
        if row.key and row.key == self.chosen:
            ground = Style(color=self.palette.ink, bgcolor=self.palette.chosen)
        elif row.thread_id is not None and row.thread_id == self.lit and self._place and self._thread is None:
            tone = self._place.history.tones.get(row.thread_id)
            wash = tone.wash(dark=self.palette.dark) if tone else paper
            ground = Style(color=self.palette.ink, bgcolor=wash)
        return row.strip.crop_extend(0, self._width, None).apply_style(ground)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Ask for older messages in time."""
        super().watch_scroll_y(old_value, new_value)
        self._ask_for_older()

    def on_resize(self) -> None:
        """Wrap everything anew."""
        self.renew()

    def on_click(self, event: events.Click) -> None:
        """Choose the message that was clicked on."""
        at = event.y + self.scroll_offset.y
        if at < len(self._rows) and self._rows[at].key:
            self.choose(self._rows[at].key)

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _first_row(self, key: int) -> int | None:
        return next((at for at, row in enumerate(self._rows) if row.key == key), None)

    def _ask_for_older(self) -> None:
        place = self._place if self._thread is None else None
        if place and place.has_older and place.is_loaded and self.scroll_offset.y <= EDGE_ROWS:
            self.post_message(self.OlderWanted())

    def _messages(self, place: Place) -> Iterator[tuple[int, Message, str]]:
        """The messages to show, each with its key and what becomes of it."""
        shown = place.history.all() if self._thread is None else place.thread(self._thread).of_thread(self._thread)
        for message in shown:
            yield message["id"], message, ""
        on_its_way = "sending…" if self._talk.is_open.is_set() else "waits for the connection…"
        for number, outgoing in enumerate(place.outgoing, start=1):
            if self._thread in {None, outgoing.thread_id}:
                yield -number, outgoing.message(self._talk.me), outgoing.note or on_its_way

    def _arranged(self) -> Iterator[Row]:
        """The rows of everything there is to show."""
        if self._place is None:
            return
        place, day, before, look = self._place, "", None, self._look(self._place)
        line = place.read_until if self._thread is None else None
        for key, message, note in self._messages(place):
            strips = self._strips(key, message, before, note, look)
            if not strips:
                continue
            moment = datetime.fromtimestamp(message["sent"] / 1000, UTC).astimezone()
            if (today := f"{moment:%A}, {moment.day} {moment:%B %Y}") != day:
                day = today
                yield from self._rule(today, look.palette.quiet, look)
            if line is not None and key > line:
                line = None
                yield from self._rule("new", f"bold {look.palette.accent}", look)
            thread_id = message.get("thread_id")
            yield from (Row(strip, key, thread_id) for strip in strips)
            before = message

    def _rule(self, text: str, style: str, look: Look) -> list[Row]:
        return [Row(strip, 0, None) for strip in drawing.rule(text, style, look)]

    def _look(self, place: Place) -> Look:
        newest = place.history.all()[-100:]
        nicks = {self._talk.nick_of(str(one.get("user"))) for one in newest}
        return Look(
            palette=self.palette,
            width=self._width,
            me=self._talk.me,
            my_nick=self._talk.my_nick,
            nick_of=self._talk.nick_of,
            is_nick=self._talk.is_nick,
            nick_width=min(max(map(cell_len, nicks), default=0), WIDEST_NICK),
        )

    def _strips(self, key: int, message: Message, before: Message | None, note: str, look: Look) -> list[Strip]:
        """The rows of a message, as drawn the last time if nothing about it has changed."""
        history, thread_id = self._place.history if self._place else None, message.get("thread_id")
        thread = history.threads.get(thread_id) if history and thread_id else None
        setting = Setting(
            tone=history.tones.get(thread_id) if history and thread_id else None,
            thread=thread,
            grouped=_goes_on(message, before),
            titled=self._thread is None and _answers_elsewhere(message, before),
            note=note,
        )
        reason = (message, thread, setting.grouped, setting.titled, note, look.width, look.palette, look.nick_width)
        if key not in self._drawn or self._drawn[key][0] != reason:
            self._drawn[key] = reason, drawing.message(message, setting, look)
        return self._drawn[key][1]


def _goes_on(message: Message, before: Message | None) -> bool:
    if before is None or message.get("event") not in {"message", "file"} or before.get("event") != message.get("event"):
        return False
    same = all(message.get(one) == before.get(one) for one in ("user", "thread_id", "external_user_name"))
    return same and message["sent"] - before["sent"] < TOGETHER_MS


def _answers_elsewhere(message: Message, before: Message | None) -> bool:
    thread_id, thread = message.get("thread_id"), message.get("thread") or {}
    starts = thread.get("initial_message") == message["id"]
    return bool(thread_id) and not starts and (before is None or before.get("thread_id") != thread_id)
