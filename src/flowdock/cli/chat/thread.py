"""The pane at the side: one thread with its title, status, fields and messages, and where one answers."""

from collections.abc import Callable

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from flowdock.cli import lines
from flowdock.cli.chat import drawing, writing
from flowdock.cli.chat.completion import Completion
from flowdock.cli.chat.composer import Composer
from flowdock.cli.chat.place import Place
from flowdock.cli.chat.talk import Talk
from flowdock.cli.chat.timeline import Timeline

FIELDS = 8
"""So many of a thread's fields are shown."""


class ThreadPane(Vertical):
    """A thread of a place, while one is open."""

    def __init__(self, talk: Talk, complete: Callable[[str], list[Completion]], *, id: str) -> None:
        super().__init__(id=id)
        self._talk = talk
        self._complete = complete
        self._place: Place | None = None
        self.thread_id: str | None = None

    def compose(self) -> ComposeResult:
        """What it is about, what was said, and the answer."""
        yield Static(id="about", markup=False)
        yield Timeline(self._talk, id="thread-timeline")
        yield Composer(self._complete, id="thread-composer")

    @property
    def composer(self) -> Composer:
        """Where one answers."""
        return self.query_one(Composer)

    @property
    def timeline(self) -> Timeline:
        """Its messages."""
        return self.query_one(Timeline)

    def open(self, place: Place, thread_id: str) -> None:
        """Show a thread; what one had begun to answer in another stays with that."""
        self.close()
        self._place, self.thread_id, self.display = place, thread_id, True
        self.timeline.show(place, thread_id)
        self.composer.go_to(where(place, thread_id, dark=self.app.current_theme.dark), place.drafts.get(thread_id, ""))
        self.renew()

    def close(self) -> None:
        """Show nothing; a draft is kept."""
        if self._place is not None and self.thread_id is not None:
            self._place.drafts[self.thread_id] = self.composer.text
        self._place, self.thread_id, self.display = None, None, False

    def renew(self) -> None:
        """Show what has changed."""
        if self._place is None or self.thread_id is None:
            return
        self.query_one("#about", Static).update(Content.from_rich_text(self._about(self._place, self.thread_id)))
        self.timeline.renew()

    def _about(self, place: Place, thread_id: str) -> Text:
        thread, palette = place.history.threads.get(thread_id, {}), self.timeline.palette
        title = Text.assemble(glyph_of(place, thread_id, dark=palette.dark), " ", (drawing.title_of(thread), "bold"))
        if status := drawing.status_of(thread):
            title = Text.assemble(status, " ", title)
        shown = [title]
        for field in (thread.get("fields") or ())[:FIELDS]:
            label, value = (writing.one_line(lines.plain(str(field.get(one) or ""))) for one in ("label", "value"))
            shown.append(Text.assemble((f"{label}: ", palette.quiet), value))
        if url := thread.get("external_url"):
            shown.append(Text(writing.one_line(str(url)), f"underline {palette.accent}"))
        return Text("\n").join(shown)


def glyph_of(place: Place, thread_id: str, *, dark: bool) -> Text:
    """The bubble of a thread."""
    tone = place.history.tones.get(thread_id)
    return Text(tone.glyph, f"bold {tone.shade(dark=dark)}") if tone else Text("·")


def where(place: Place, thread_id: str | None, *, dark: bool) -> Text:
    """Where a text will go, as it stands above the composer."""
    if thread_id is None:
        name = writing.one_line(place.name)
        return Text(f"To {name}" if place.is_private else f"New thread in {name}")
    title = writing.shortened(drawing.title_of(place.history.threads.get(thread_id, {})), 60)
    return Text.assemble("Reply in ", glyph_of(place, thread_id, dark=dark), " ", title)
