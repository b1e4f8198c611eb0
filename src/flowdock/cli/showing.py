"""Events one after the other, for people or for programs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from flowdock.cli import terminal
from flowdock.cli.lines import Event
from flowdock.protocol.resources import Hit
from flowdock.protocol.types import User

if TYPE_CHECKING:
    from flowdock import Stream
    from flowdock.cli.listening import Heard


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


def follow(
    stream: "Stream",
    heard: "Heard",
    *,
    wanted: Callable[[Event], bool],
    people: Callable[[], Sequence[User]],
    as_json: bool,
) -> None:
    """Show those events of a stream that are wanted, with the place where each was, if that may be one of several.

    One that was shown is remembered as dealt with, whenever somebody interrupts.
    """
    from flowdock.cli import interruptions, listening

    tell = _teller(heard, people=people, as_json=as_json)
    for event in listening.told(stream):
        with interruptions.held():
            if wanted(event):
                tell(event)
            stream.handled()


def _teller(heard: "Heard", *, people: Callable[[], Sequence[User]], as_json: bool) -> Callable[[Event], None]:
    if as_json:
        return terminal.say_json
    from flowdock.cli.screen import Nicks, Screen

    screen = Screen(Nicks(people), places=heard.places)
    return lambda event: screen.show(event, place=heard.place_of(event))


def show_hits(hits: Sequence[Hit], *, people: Callable[[], Sequence[User]], as_json: bool) -> None:
    """Show what was found in several places, each message with the name of its place."""
    if as_json:
        for hit in hits:
            terminal.say_json(hit)
        return
    from flowdock.cli.screen import Nicks, Screen

    if not hits:
        terminal.remark("nothing found; fewer words find more")
    screen = Screen(Nicks(people))
    for hit in hits:
        screen.show(dict(hit["message"]), place=_name(hit["place"]))


def _name(place: Mapping[str, Any]) -> str:
    """The place as --flow takes it, or the nick of the other person as mentions have it."""
    if place["type"] == "private":
        return str(place["name"])
    return f"{place['organization']['parameterized_name']}/{place['parameterized_name']}"
