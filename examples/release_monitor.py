"""A release monitor: it counts the releases that a flow tells of, and answers each with a chart of the last weeks.

    python examples/release_monitor.py acme/main --tag release --weeks 12

A release is a message with the tag, such as "Shop 2.1 is out #release". The chart goes into its thread, as a picture
drawn by the standard library alone. What was told while this program was down is answered when it is up again: the file
`--checkpoint` remembers how far it has come. The token is $FLOWDOCK_TOKEN, or else the one that `flowdock up`
stored. Ctrl-C ends it.
"""

import argparse
import signal
import struct
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import flowdock
from flowdock.protocol.types import Event, Message

PAPER, INK, BAR, LATEST = (255, 254, 250), (60, 62, 72), (94, 132, 214), (232, 122, 65)
WIDTH, HEIGHT, MARGIN, SCALE = 640, 240, 24, 3
DIGITS = ("75557", "26227", "71747", "71717", "55711", "74717", "74757", "71111", "75757", "75717")
"""Each digit is five rows of three dots; a row is a number of three bits."""


class Picture:
    """A picture of dots, which becomes a PNG."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._rows = [bytearray(PAPER * width) for _ in range(height)]

    def fill(self, left: int, top: int, width: int, height: int, colour: tuple[int, int, int]) -> None:
        """Fill a rectangle."""
        for row in self._rows[top : top + height]:
            row[3 * left : 3 * (left + width)] = bytes(colour) * width

    def write(self, number: int, centre: int, top: int) -> None:
        """Write a number around this column."""
        text = str(number)
        left = centre - (4 * len(text) - 1) * SCALE // 2
        for place, digit in enumerate(text):
            for y, dots in enumerate(DIGITS[int(digit)]):
                for x in range(3):
                    if int(dots) >> (2 - x) & 1:
                        self.fill(left + (4 * place + x) * SCALE, top + y * SCALE, SCALE, SCALE, INK)

    def png(self) -> bytes:
        """The picture as a file has it."""
        header = struct.pack(">IIBBBBB", self._width, len(self._rows), 8, 2, 0, 0, 0)
        dots = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        chunks = ((b"IHDR", header), (b"IDAT", dots), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )


def chart(counts: Sequence[int]) -> bytes:
    """A bar for each count, the latest last and in a colour of its own, as a PNG."""
    picture = Picture(WIDTH, HEIGHT)
    base, room, most = HEIGHT - MARGIN, HEIGHT - 3 * MARGIN, max([*counts, 1])
    step = (WIDTH - 2 * MARGIN) // len(counts)
    for at, count in enumerate(counts):
        left, height = MARGIN + at * step, count * room // most
        picture.fill(left + 2, base - height, step - 4, height, LATEST if at == len(counts) - 1 else BAR)
        picture.write(count, left + step // 2, base - height - 6 * SCALE)
    picture.fill(MARGIN, base, step * len(counts), 2, INK)
    return picture.png()


class Releases:
    """How many there were in each week; a week is known by its Monday."""

    def __init__(self, tag: str) -> None:
        self.tag = tag.casefold().removeprefix("#")
        self._weeks: dict[int, date] = {}

    def count(self, message: Message | Event) -> bool:
        """Whether this is a release; it counts once, however often it comes."""
        if message["event"] != "message" or self.tag not in (tag.casefold() for tag in message["tags"]):
            return False
        self._weeks[message["id"]] = monday(message["sent"])
        return True

    def last(self, weeks: int, *, until: date) -> list[int]:
        """The counts of so many weeks, the last of them the one of `until`."""
        counts = Counter(self._weeks.values())
        return [counts[until - timedelta(weeks=back)] for back in reversed(range(weeks))]


def monday(sent: int) -> date:
    """The Monday of the week of a moment, which is in milliseconds since 1970."""
    day = datetime.fromtimestamp(sent / 1000, UTC).date()
    return day - timedelta(days=day.weekday())


def main() -> int:
    """The exit code: 0 after Ctrl-C, 1 when Flowdock refuses or was never reached."""
    parser = argparse.ArgumentParser(description="Answer each release with a chart of the last weeks.")
    parser.add_argument("flow", metavar="ORG/FLOW", help="what to watch, such as acme/main")
    parser.add_argument("--tag", default="release", help="the tag of a release")
    parser.add_argument("--weeks", type=int, default=12, help="how many weeks the chart shows")
    parser.add_argument("--checkpoint", type=Path, default=Path("releases.db"), help="remembers how far it has come")
    arguments = parser.parse_args()
    org, _, name = arguments.flow.partition("/")
    if not (org and name):
        parser.error(f"{arguments.flow!r} is not of the form org/flow, such as acme/main")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with flowdock.connect(org=org, flow=name) as flow:
            watch(flow, Releases(arguments.tag), weeks=arguments.weeks, checkpoint=arguments.checkpoint)
    except KeyboardInterrupt:
        return 0
    except flowdock.FlowdockError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def watch(flow: flowdock.Flow, releases: Releases, *, weeks: int, checkpoint: Path) -> None:
    """Answer each release until the connection is closed."""
    for message in flow.messages(tags=[releases.tag]):
        releases.count(message)
    for event in flow.events(checkpoint=checkpoint):
        if not releases.count(event):
            continue
        counts = releases.last(weeks, until=monday(event["sent"]))
        with tempfile.TemporaryDirectory() as folder:
            picture = Path(folder) / "releases.png"
            picture.write_bytes(chart(counts))
            flow.upload(picture, thread_id=event["thread_id"])
        print(f"release in message {event['id']}: {counts[-1]} this week", flush=True)


if __name__ == "__main__":
    sys.exit(main())
