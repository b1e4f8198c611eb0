"""The flows and private conversations one has, at the left, with what waits in them."""

from rich.text import Text
from textual.content import Content
from textual.message import Message as Notice
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from flowdock.cli.chat import writing
from flowdock.cli.chat.place import Place
from flowdock.cli.chat.talk import Talk


class Rail(OptionList):
    """The places, flows first. Choosing one is told by `Chosen`."""

    class Chosen(Notice):
        """One wants to go to a place."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, talk: Talk, *, id: str) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self._talk = talk
        self._shown: list[tuple[str, Content]] = []

    def renew(self) -> None:
        """Show what has changed."""
        shown = [(place.key, self._prompt(place)) for place in ordered(self._talk)]
        if shown == self._shown:
            return
        highlighted = self.highlighted
        self._shown = shown
        self.set_options(Option(prompt, id=key) for key, prompt in shown)
        self.highlighted = highlighted

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the place."""
        event.stop()
        if event.option_id:
            self.post_message(self.Chosen(event.option_id))

    def _prompt(self, place: Place) -> Content:
        count = place.unread or place.mentions
        room = 18 - (len(str(count)) + 3 if count else 0)
        name = place.name if place.is_private else place.name.partition("/")[2]
        mark = "▌" if place is self._talk.current else " "
        text = Text.assemble(mark, writing.shortened(name, room))
        if place.waits:
            text.stylize("bold")
            text.append(" ").append(f" {count} ", "bold reverse" if place.mentions else "bold")
        return Content.from_rich_text(text)


def ordered(talk: Talk) -> list[Place]:
    """The places in the order in which one sees them: flows, then private conversations, each by name."""
    return sorted(talk.places.values(), key=lambda place: (place.is_private, place.name.casefold()))
