import io
from datetime import date

from PIL import Image

import flowdock
from examples.release_monitor import BAR, LATEST, PAPER, Releases, chart
from flowdock.protocol.types import ChatMessage, FileMessage
from tests.examples.conftest import Run
from tests.gate import Gate


def charts(flow: flowdock.Flow) -> list[FileMessage]:
    return [one for one in flow.list(event="file", limit=100) if one["event"] == "file"]


def message(id: int, *, sent: int, tags: list[str]) -> ChatMessage:
    return {"event": "message", "id": id, "sent": sent, "tags": tags}  # type: ignore[typeddict-item]


def test_a_release_is_answered_in_its_thread_with_a_chart(
    run: Run, streams: Gate, bob: flowdock.Flow, place: str
) -> None:
    bob.send("Shop 2.0 is out #release")
    program = run("release_monitor.py", place)
    streams.wait_until_one_more_is_open()

    bob.send("a #draft of the announcement")
    release = bob.send("Shop 2.1 is out #Release")

    assert program.line() == f"release in message {release['id']}: 2 this week"
    [picture] = charts(bob)
    assert picture["thread_id"] == release["thread_id"]
    assert picture["content"]["file_name"] == "releases.png"
    shown = Image.open(io.BytesIO(bob.download(picture["content"]["path"]))).convert("RGB")
    assert LATEST in {colour for _, colour in shown.getcolors() or ()}


def test_what_was_released_while_it_was_down_is_answered_afterwards(
    run: Run, streams: Gate, bob: flowdock.Flow, place: str
) -> None:
    program = run("release_monitor.py", place)
    streams.wait_until_one_more_is_open()
    bob.send("Lamp 1 #release")
    program.line()
    assert program.interrupt() == (0, "")

    missed = bob.send("Lamp 2 #release")
    again = run("release_monitor.py", place)

    # The one before may be told again: only a release that was followed by something is known to be dealt with.
    told = again.line()
    if f" {missed['id']}:" not in told:
        told = again.line()
    assert f" {missed['id']}:" in told


def test_each_release_counts_once_in_its_week() -> None:
    releases = Releases("#Release")
    monday, sunday, next_monday = 1582502400000, 1583107199999, 1583107200000
    for number, sent in ((1, monday), (2, sunday), (2, sunday), (3, next_monday)):
        assert releases.count(message(number, sent=sent, tags=["RELEASE"]))

    assert not releases.count(message(4, sent=monday, tags=["lunch"]))
    assert releases.last(3, until=date(2020, 3, 2)) == [0, 2, 1]


def test_the_bars_of_a_chart_are_as_high_as_its_counts() -> None:
    picture = Image.open(io.BytesIO(chart([1, 3, 2]))).convert("RGB")

    def height(colour: tuple[int, int, int], left: int, right: int) -> int:
        middle = (left + right) // 2
        return sum(picture.getpixel((middle, y)) == colour for y in range(picture.height))

    third = (picture.width - 48) // 3
    first, second, third_bar = (
        height(colour, 24 + at * third, 24 + (at + 1) * third) for at, colour in enumerate((BAR, BAR, LATEST))
    )
    assert second == 3 * first
    assert third_bar == 2 * first
    assert picture.getpixel((0, 0)) == PAPER
