import logging
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.hub.feed import TAIL_LENGTH, Batch, Feed, Frame
from tests.server.hub.reader import Notebook


def feed_with(*readers: Notebook, end: int = 0) -> Feed:
    feed = Feed(7, end)
    feed.live.update(readers)
    return feed


def announce(feed: Feed, *numbers: int) -> None:
    """What the hub does with one commit."""
    announced = [feed.announce(number, b"%d" % number) for number in numbers]
    feed.deliver([frame for frame in announced if frame is not None])


def test_a_live_reader_gets_what_is_announced_in_order() -> None:
    reader = Notebook()
    feed = feed_with(reader)
    announce(feed, 1, 2)
    announce(feed, 3)
    assert reader.numbers == [1, 2, 3]


def test_what_is_known_is_not_announced_again() -> None:
    reader = Notebook()
    feed = feed_with(reader, end=5)
    announce(feed, 4, 5, 6)
    announce(feed, 6)
    assert reader.numbers == [6]


def test_a_whisper_is_heard_at_the_position_where_it_came_and_moves_nothing() -> None:
    reader = Notebook()
    feed = feed_with(reader, end=5)
    announce(feed, 0, 6, 0)
    assert [(number, event) for _, number, event in reader.got] == [(5, b"0"), (6, b"6"), (6, b"0")]
    assert feed.end == 6
    assert [frame.number for frame in feed.since(5) or ()] == [6]


def test_what_comes_after_a_gap_waits_until_the_gap_is_filled() -> None:
    reader = Notebook()
    feed = feed_with(reader, end=4)
    announce(feed, 5, 8)
    assert (reader.numbers, feed.end, feed.known) == ([5], 5, 8)
    announce(feed, 6, 7, 8)
    assert (reader.numbers, feed.end, feed.known) == ([5, 6, 7, 8], 8, 8)


def test_a_reader_that_leaves_while_another_is_served_gets_nothing() -> None:
    def leave_all_but(at: int) -> None:
        feed.live.intersection_update({readers[at]})

    readers = [Notebook(on_delivery=partial(leave_all_but, at)) for at in range(3)]
    feed = feed_with(*readers)
    announce(feed, 1)
    assert sorted(reader.numbers for reader in readers) == [[], [], [1]]


def test_one_reader_that_fails_does_not_keep_it_from_the_others(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("the transport is closed")

    broken, sound = Notebook(on_delivery=fail), [Notebook() for _ in range(5)]
    feed = feed_with(broken, *sound, end=2)
    with caplog.at_level(logging.CRITICAL, "flowdock.hub"):
        announce(feed, 3)
        announce(feed, 4)
    assert [reader.numbers for reader in sound] == [[3, 4]] * 5
    assert (broken.finished, broken.fell_behind) == (True, [(7, 2)])


def test_a_batch_is_encoded_once_per_framing() -> None:
    made: list[int] = []

    def framing(frames: object) -> bytes:
        made.append(1)
        return b"encoded"

    batch = Batch([Frame(1, b"{}")], after=0)
    assert [batch.encoded(framing) for _ in range(3)] == [b"encoded"] * 3
    assert len(made) == 1


# -------------------------------------------------------------------------------------------------------- the tail


def test_the_tail_reaches_back_so_far_and_no_farther() -> None:
    feed = feed_with()
    last = TAIL_LENGTH + 10
    announce(feed, *range(1, last + 1))
    assert [frame.number for frame in feed.since(10) or ()] == list(range(11, last + 1))
    assert feed.since(9) is None
    assert feed.since(last) == ()
    assert feed.since(last + 5) == ()


def test_a_fresh_tail_knows_nothing_of_the_past() -> None:
    feed = feed_with(end=9)
    assert feed.since(9) == ()
    assert feed.since(8) is None


commits = st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=5), max_size=30)


@given(commits)
def test_whatever_is_announced_in_whatever_order_a_live_reader_gets_every_number_once(steps: list[list[int]]) -> None:
    """0 is a whisper; other processes announce in an order of their own, and some things twice."""
    reader = Notebook()
    feed = feed_with(reader)
    for numbers in steps:
        announce(feed, *numbers)
        stored = [number for _, number, event in reader.got if event != b"0"]
        assert stored == list(range(1, feed.end + 1))
    announced = {number for numbers in steps for number in numbers}
    assert feed.known == max(announced, default=0)
    assert feed.end + 1 not in announced or feed.end < feed.known
