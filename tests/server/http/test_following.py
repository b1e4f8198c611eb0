import asyncio
from collections.abc import Sequence

import pytest

from flowdock.protocol.stream import SseDecoder
from flowdock.server.http.following import Following, Style
from flowdock.server.hub import feed
from flowdock.server.hub.feed import Feed
from flowdock.server.hub.hub import Hub
from tests.server.http.wires import event
from tests.server.hub.reader import News, Notebook, nothing_is_missing

EXPELLED, OTHER = 9, 8
LOG = 1
EVENTS = [News(LOG, number, event(LOG, number), EXPELLED if number == 3 else 0) for number in range(1, 6)]


async def stored(log_id: int, number: int) -> Sequence[News]:
    """The log."""
    return [one for one in EVENTS if one.number > number][:2]


def caught_up(hub: Hub, reader: Notebook, feed: Feed) -> list[int]:
    """The numbers of the events that a reader is sent who begins with the first."""
    following = Following(hub, [feed], {LOG: 0}, Style(server_sent=True, chunked=False), compound=False)

    async def content() -> bytes:
        return b"".join([piece async for piece in following.catch_up(reader, stored)])

    return [frame.event["number"] for frame in SseDecoder().decode(asyncio.run(content()))]


@pytest.mark.parametrize("tail_length", [2, 10], ids=["read in the log", "read in the tail"])
def test_a_stream_that_is_behind_ends_with_the_event_that_expels_its_reader(
    monkeypatch: pytest.MonkeyPatch, tail_length: int
) -> None:
    monkeypatch.setattr(feed, "TAIL_LENGTH", tail_length)
    hub, expelled, other = Hub(nothing_is_missing), Notebook(EXPELLED), Notebook(OTHER)
    followed = hub.follow(LOG, 0)
    hub.announce(EVENTS)

    assert caught_up(hub, expelled, followed) == [1, 2, 3]
    assert caught_up(hub, other, followed) == [1, 2, 3, 4, 5]
    assert (expelled.finished, other.finished) == (True, False)
    assert followed.live == {other}
