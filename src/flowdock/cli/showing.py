"""Events one after the other, for people or for programs."""

from collections.abc import Callable, Iterable, Sequence

from flowdock.cli import terminal
from flowdock.cli.lines import Event
from flowdock.protocol.types import User


def show(events: Iterable[Event], *, people: Callable[[], Sequence[User]], as_json: bool) -> None:
    """Show each event the moment it comes; `people` tells who may have caused it."""
    if as_json:
        for event in events:
            terminal.say_json(event)
        return
    from flowdock.cli.screen import Nicks, Screen

    screen = Screen(Nicks(people))
    for event in events:
        screen.show(event)
