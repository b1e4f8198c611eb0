from flowdock.server.hub.feed import Feed
from flowdock.server.hub.hub import Hub
from tests.server.hub.reader import News, Notebook, nothing_is_missing


def join(hub: Hub, reader: Notebook, *log_ids: int, end: int = 0) -> list[Feed]:
    """Let a reader be live in these logs."""
    feeds = [hub.follow(log_id, end) for log_id in log_ids]
    reader.feeds = feeds
    hub.readers.add(reader)
    for feed in feeds:
        feed.live.add(reader)
    return feeds


def test_everybody_hears_of_the_logs_they_follow() -> None:
    hub, one, both = Hub(nothing_is_missing), Notebook(), Notebook()
    join(hub, one, 1)
    join(hub, both, 1, 2)
    hub.announce([News(1, 1), News(2, 1), News(1, 2), News(3, 1)])
    assert one.numbers == [1, 2]
    assert [(log_id, number) for log_id, number, _ in both.got] == [(1, 1), (1, 2), (2, 1)]


def test_a_feed_has_delivered_before_the_next_one_moves() -> None:
    """A reader that must stop in between may rely on the ends of its other feeds."""
    hub = Hub(nothing_is_missing)
    ends: list[tuple[int, int]] = []
    reader = Notebook(on_delivery=lambda: ends.append((feeds[0].end, feeds[1].end)))
    feeds = join(hub, reader, 1, 2)
    hub.announce([News(1, 1), News(2, 1)])
    assert ends == [(1, 0), (1, 1)]


def test_readers_of_a_log_share_its_feed_until_the_last_one_leaves() -> None:
    hub, first, second = Hub(nothing_is_missing), Notebook(), Notebook()
    [feed], [same] = join(hub, first, 1, end=5), join(hub, second, 1, end=9)
    assert same is feed
    assert feed.end == 5
    hub.leave(first, first.feeds)
    assert hub.follow(1, 9) is feed
    hub.unfollow([feed])
    hub.leave(second, second.feeds)
    assert hub.follow(1, 9).end == 9


def test_leaving_twice_counts_once() -> None:
    hub, gone, stays = Hub(nothing_is_missing), Notebook(), Notebook()
    join(hub, gone, 1)
    [feed] = join(hub, stays, 1)
    hub.leave(gone, gone.feeds)
    hub.leave(gone, gone.feeds)
    hub.announce([News(1, 1)])
    assert (gone.numbers, stays.numbers, feed.followers) == ([], [1], 1)


def test_a_log_that_nobody_follows_costs_nothing() -> None:
    hub, reader = Hub(nothing_is_missing), Notebook()
    hub.announce([News(1, number) for number in range(1, 100)])
    join(hub, reader, 1, end=99)
    hub.leave(reader, reader.feeds)
    assert hub._feeds == {}


def test_what_was_stored_before_a_feed_began_is_not_delivered() -> None:
    hub, reader = Hub(nothing_is_missing), Notebook()
    join(hub, reader, 1, end=3)
    hub.announce([News(1, 3), News(1, 4)])
    assert reader.numbers == [4]


def test_who_loses_membership_hears_of_it_and_no_more() -> None:
    hub, expelled, elsewhere, other = Hub(nothing_is_missing), Notebook(9), Notebook(9), Notebook(8)
    join(hub, expelled, 1, 2)
    join(hub, elsewhere, 2)
    join(hub, other, 1)
    hub.announce([News(1, 1), News(1, 2, expels=9)])
    assert expelled.numbers == [1, 2]
    assert [expelled.finished, elsewhere.finished, other.finished] == [True, False, False]


class Obedient(Notebook):
    """Takes nothing more once it is finished, as streams do."""

    def finish(self) -> None:
        super().finish()
        for feed in self.feeds:
            feed.live.discard(self)


def test_what_is_heard_together_with_the_end_of_a_membership_is_not_for_who_lost_it() -> None:
    hub, expelled, other = Hub(nothing_is_missing), Obedient(9), Obedient(8)
    for reader in (expelled, other):
        join(hub, reader, 1)
    hub.announce([News(1, 1), News(1, 2, expels=9), News(1, 3), News(1, 4)])
    assert expelled.numbers == [1, 2]
    assert other.numbers == [1, 2, 3, 4]


def test_who_is_behind_is_expelled_as_well() -> None:
    hub, behind = Hub(nothing_is_missing), Notebook(9)
    [feed] = join(hub, behind, 1)
    feed.live.discard(behind)
    hub.announce([News(1, 1, expels=9)])
    assert behind.finished


def test_everybody_is_finished_in_the_end() -> None:
    hub, readers = Hub(nothing_is_missing), [Notebook() for _ in range(3)]
    for reader in readers:
        join(hub, reader, 1)
    hub.finish()
    assert all(reader.finished for reader in readers)
