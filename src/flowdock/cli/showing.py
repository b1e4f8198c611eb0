"""Events one after the other, for people or for programs."""

from collections.abc import Iterable

from flowdock import Flow, Private
from flowdock.cli import terminal
from flowdock.cli.lines import Event
from flowdock.cli.session import Session


def show(events: Iterable[Event], *, session: Session, place: Flow | Private, as_json: bool) -> None:
    """Show each event the moment it comes, with the names of the people in `place`."""
    if as_json:
        for event in events:
            terminal.say_json(event)
        return
    from flowdock.cli.screen import Nicks, Screen

    screen = Screen(Nicks(place.users if isinstance(place, Flow) else session.client.users))
    for event in events:
        screen.show(event)
