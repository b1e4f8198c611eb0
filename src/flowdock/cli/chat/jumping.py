"""The boxes that float: the quick switcher, the search, and the keys."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from flowdock import AsyncClient, FlowdockError
from flowdock.cli import lines
from flowdock.cli.chat import writing
from flowdock.cli.failures import sentence

SHOWN = 40
"""So many of what was found."""

KEYS = """\
Shift-Tab      from writing to the messages; Tab goes back
↑ ↓, a click   choose a message: its thread opens at the side
Enter          answer in that thread; Esc closes it
e, d, +        edit your own, download a file, thumbs up

Enter          send
Ctrl-J         break the line, as Alt-Enter and Shift-Enter do
Tab            complete @nick, #tag, :emoji: or /command
↑              edit your last message, in an empty text
Ctrl-R         try again what was not sent; Ctrl-G gives up
/me waves      /status at lunch    /upload diagram.png

Ctrl-K         go to a flow, a person or a thread
Ctrl-N         go where something waits
Ctrl-F         search everything, as / does among messages
Ctrl-T         light or dark
F1             this, as ? does among messages
Ctrl-Q         leave
"""


class Box(ModalScreen[str | None]):
    """Something to choose from, below a line of text; its answer is what was chosen, None for nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss_box", "back", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]
    HINT = ""

    def compose(self) -> ComposeResult:
        """The line, and what is found."""
        with Vertical(classes="box"):
            yield Input(placeholder=self.HINT, compact=True)
            yield OptionList(markup=False, compact=True)

    def action_dismiss_box(self) -> None:
        """Close it."""
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Go up or down in what was found, while one goes on writing."""
        found = self.query_one(OptionList)
        (found.action_cursor_down if step > 0 else found.action_cursor_up)()

    def offer(self, options: Sequence[tuple[str, Content]]) -> None:
        """Show what there is to choose from."""
        found = self.query_one(OptionList)
        found.set_options(Option(prompt, id=key) for key, prompt in options)
        if options:
            found.highlighted = 0

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def take(self) -> bool:
        """Answer with what is highlighted, if anything is."""
        option = self.query_one(OptionList).highlighted_option
        if option is not None and option.id:
            self.dismiss(option.id)
        return option is not None


class Switcher(Box):
    """Flows, people and threads by a few letters of their names. Its choices are (key, name)."""

    HINT = "Go to a flow, a person or a thread"

    def __init__(self, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._choices = choices

    def on_mount(self) -> None:
        """Begin with everything."""
        self._seek("")

    @on(Input.Changed)
    def _change(self, event: Input.Changed) -> None:
        self._seek(event.value)

    @on(Input.Submitted)
    def _submit(self) -> None:
        self.take()

    def _seek(self, text: str) -> None:
        named = [(key, writing.shortened(name, 66)) for key, name in self._choices]
        if not text.strip():
            return self.offer([(key, Content(name)) for key, name in named[:SHOWN]])
        matcher = Matcher(text)
        ranked = sorted(((matcher.match(name), key, name) for key, name in named), key=lambda one: -one[0])
        return self.offer([(key, matcher.highlight(name)) for score, key, name in ranked if score > 0][:SHOWN])


class Search(Box):
    """Messages of all places; its answer is `place message-id`."""

    HINT = "Search: words, from:nick in:org/flow tag:name has:file"

    def __init__(self, client: AsyncClient, nick_of: Callable[[str], str], me: str) -> None:
        super().__init__()
        self._client = client
        self._nick_of = nick_of
        self._me = me
        self._asked = ""

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        if event.value.strip() and event.value != self._asked:
            self._asked = event.value
            self._ask(event.value)
        else:
            self.take()

    @work(exclusive=True)
    async def _ask(self, words: str) -> None:
        try:
            found = await self._client.search(words, limit=SHOWN)
        except FlowdockError as error:
            return self.offer([("", Content(f"✗ {writing.one_line(sentence(error))}"))])
        hits = [self._hit(dict(hit["message"])) for hit in found["results"]]
        return self.offer(hits or [("", Content("nothing found"))])

    def _hit(self, message: dict[str, Any]) -> tuple[str, Content]:
        line = lines.line_of(message, self._nick_of)
        moment = datetime.fromtimestamp(int(message.get("sent") or 0) / 1000, UTC).astimezone()
        told = f"{line.who}: {line.text}" if line else ""
        place = (
            message.get("flow") or f"@{message['user'] if str(message.get('to')) == self._me else message.get('to')}"
        )
        return f"{place} {message['id']}", Content(f"{moment:%Y-%m-%d %H:%M}  {writing.shortened(told, 52)}")


class Keys(ModalScreen[None]):
    """All keys."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f1,question_mark,q,enter", "close", show=False)]

    def compose(self) -> ComposeResult:
        """One page of them."""
        with Vertical(classes="box keys"):
            yield Static(KEYS, markup=False)

    def action_close(self) -> None:
        """Close it."""
        self.dismiss(None)

    def on_click(self) -> None:
        """A click closes it, too."""
        self.dismiss(None)
