"""Where one writes: a text of one or several lines, and above it where it will go."""

import time
from collections.abc import Callable

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message as Notice
from textual.widgets import OptionList, Static, TextArea
from textual.widgets.option_list import Option

from flowdock.cli.chat.completion import Completion

TYPING_EVERY_SECONDS = 4


class Field(TextArea):
    """The text itself: Enter sends it, Alt-Enter, Shift-Enter and Ctrl-J break the line."""

    class Pressed(Notice):
        """A key that the composer knows what to do with; the cursor stays where it is."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    async def _on_key(self, event: events.Key) -> None:
        if event.key in {"alt+enter", "shift+enter", "ctrl+j"}:
            self.insert("\n")
        elif event.key in {"enter", "tab", "escape"} or (event.key in {"up", "down"} and self._is_taken(event.key)):
            self.post_message(self.Pressed(event.key))
        else:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()

    def _is_taken(self, key: str) -> bool:
        """Whether an arrow key means something besides moving in the text."""
        composer = self.parent
        return isinstance(composer, Composer) and (composer.is_completing or (key == "up" and not self.text))


class Composer(Vertical):
    """A text on its way into one place, or into one thread of it."""

    class Sent(Notice):
        """A text is to go. `edits` is the id of the message that it replaces, None for a new one."""

        def __init__(self, composer: "Composer", text: str, edits: int | None) -> None:
            super().__init__()
            self.composer = composer
            self.text = text
            self.edits = edits

    class Typing(Notice):
        """Somebody is writing."""

    class Left(Notice):
        """Escape was pressed, and there was nothing to take back."""

        def __init__(self, composer: "Composer") -> None:
            super().__init__()
            self.composer = composer

    class EditWanted(Notice):
        """The last message of one's own is to be changed."""

        def __init__(self, composer: "Composer") -> None:
            super().__init__()
            self.composer = composer

    def __init__(self, complete: Callable[[str], list[Completion]], *, id: str) -> None:
        super().__init__(id=id)
        self._complete = complete
        self._found: list[Completion] = []
        self._where = Content("")
        self._draft = ""
        self._typed_at = 0.0
        self.edits: int | None = None

    def compose(self) -> ComposeResult:
        """The choice of completions, where it goes, and the text."""
        yield OptionList(classes="completions", markup=False, compact=True)
        yield Static(classes="where", markup=False)
        yield Field(compact=True, highlight_cursor_line=False, show_line_numbers=False)

    @property
    def field(self) -> Field:
        """Where the text is."""
        return self.query_one(Field)

    @property
    def text(self) -> str:
        """What is written; while a message is edited, what was written before."""
        return self._draft if self.edits is not None else self.field.text

    @property
    def is_completing(self) -> bool:
        """Whether completions are shown."""
        return bool(self._found)

    def go_to(self, where: Text, draft: str) -> None:
        """Write for another place from now on."""
        self.edits, self._where = None, Content.from_rich_text(where)
        self.query_one(".where", Static).update(self._where)
        self.write(draft)

    def write(self, text: str) -> None:
        """Have this text, with the cursor at its end."""
        self.field.load_text(text)
        self.field.move_cursor(self.field.document.end)
        self._offer([])

    def edit(self, message_id: int, text: str) -> None:
        """Change a message; what was written comes back afterwards."""
        self._draft, self.edits = self.field.text, message_id
        self.query_one(".where", Static).update(Content(f"Editing your message {message_id} · Esc keeps it as it is"))
        self.write(text)

    def stop_editing(self) -> None:
        """Write a new message again."""
        self.edits = None
        self.query_one(".where", Static).update(self._where)
        self.write(self._draft)

    @on(TextArea.Changed)
    def _follow(self) -> None:
        before = self.field.get_text_range((0, 0), self.field.cursor_location)
        self._offer(self._complete(before))
        now = time.monotonic()
        is_said = self.edits is None and self.field.text and not self.field.text.startswith("/")
        if is_said and self.field.has_focus and now - self._typed_at > TYPING_EVERY_SECONDS:
            self._typed_at = now
            self.post_message(self.Typing())

    @on(Field.Pressed)
    def _press(self, event: Field.Pressed) -> None:
        choice = self.query_one(OptionList)
        if self._found and event.key in {"up", "down"}:
            (choice.action_cursor_up if event.key == "up" else choice.action_cursor_down)()
        elif self._found and (event.key == "tab" or (event.key == "enter" and self._found[0].eager)):
            self._take(choice.highlighted or 0)
        elif self._found and event.key == "escape":
            self._offer([])
        elif event.key == "up":
            self.post_message(self.EditWanted(self))
        elif event.key == "tab":
            self.screen.focus_next()
        elif event.key == "enter":
            self._send()
        elif self.edits is not None:
            self.stop_editing()
        else:
            self.post_message(self.Left(self))

    @on(OptionList.OptionSelected)
    def _click(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(event.option_index)
        self.field.focus()

    def _send(self) -> None:
        text, edits = self.field.text, self.edits
        if not text.strip():
            return
        self._typed_at = 0.0
        if edits is not None:
            self.stop_editing()
        else:
            self.write("")
        self.post_message(self.Sent(self, text, edits))

    def _take(self, at: int) -> None:
        completion = self._found[at]
        row, column = self.field.cursor_location
        self.field.replace(completion.text, (row, column - completion.replaced), (row, column))

    def _offer(self, found: list[Completion]) -> None:
        self._found = found
        choice = self.query_one(OptionList)
        choice.set_options(Option(Content(f"{one.text} {one.about}".strip())) for one in found)
        choice.display = bool(found)
        if found:
            choice.highlighted = 0
