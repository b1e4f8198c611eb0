"""Whatever happens, in the end a process knows how far every log has grown that it follows."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
import redis as client
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st

from flowdock.server.hub.redis.broker import RedisBroker
from tests.server.hub.neighbours import Cable, Neighbour, running, until
from tests.server.hub.reader import News
from tests.services.machine import Missing
from tests.services.redis import Redis

LOGS = range(1, 5)
WHO = st.sampled_from((0, 1))
EVERYWHERE = (
    st.tuples(st.sampled_from(("follow", "unfollow", "commit")), st.sampled_from(LOGS)),
    st.tuples(st.just("wait"), st.integers(0, 20)),
    st.tuples(st.just("hang up"), WHO),
)
WITH_ONE_SERVER = (*EVERYWHERE, st.tuples(st.sampled_from(("cut", "mend")), WHO), st.tuples(st.just("kill"), WHO))
Step = tuple[str, int]


@pytest.fixture(scope="module")
def mortal() -> Iterator[Redis]:
    """A Redis that a step may kill; it is back before the next."""
    with closing(Redis()) as service:
        try:
            service.start()
        except Missing as missing:
            pytest.skip(str(missing))
        yield service


class Reader(Neighbour):
    """Follows logs as a process does: it looks at the end of a log when it begins and when it is told to listen."""

    def __init__(self, broker: RedisBroker, ends: dict[int, int]) -> None:
        super().__init__(broker)
        self.known: dict[int, int] = {}
        self._ends = ends

    def follow(self, log_id: int) -> None:
        self.known[log_id] = self._ends[log_id]
        self.broker.follow(log_id)

    def unfollow(self, log_id: int) -> None:
        self.known.pop(log_id, None)
        self.broker.unfollow(log_id)

    def reached(self, log_id: int, number: int) -> None:
        super().reached(log_id, number)
        assert number <= self._ends[log_id]
        if log_id in self.known:
            self.known[log_id] = max(number, self.known[log_id])

    def listening(self, log_ids: Sequence[int]) -> None:
        super().listening(log_ids)
        for log_id in log_ids:
            self.known[log_id] = self._ends[log_id]

    def is_up_to_date(self) -> bool:
        return self.broker.hears and all(self._ends[log_id] == number for log_id, number in self.known.items())


class World:
    """A broker, a process that reads and one that writes, and how far each log has grown."""

    def __init__(self, service: Redis, cables: tuple[Cable, Cable]) -> None:
        self.service = service
        self.cables = cables
        self.ends = dict.fromkeys(LOGS, 0)
        self.reader = Reader(RedisBroker(cables[0].url), self.ends)
        self.writer = Neighbour(RedisBroker(cables[1].url))

    async def take(self, step: Step) -> None:
        match step:
            case "follow", log_id:
                self.reader.follow(log_id)
            case "unfollow", log_id:
                self.reader.unfollow(log_id)
            case "commit", log_id:
                self.ends[log_id] += 1
                self.writer.broker.tell([News(log_id, self.ends[log_id])])
            case "wait", milliseconds:
                await asyncio.sleep(milliseconds / 1000)
            case "hang up", kind:
                with client.Redis.from_url(self.service.url) as connection:
                    connection.execute_command("CLIENT", "KILL", "TYPE", ("pubsub", "normal")[kind])
            case "cut", at:
                self.cables[at].cut()
            case "mend", at:
                self.cables[at].mend()
            case "kill", _:
                self.service.kill()
                await asyncio.to_thread(self.service.start)


async def play(course: list[Step], service: Redis) -> None:
    async with Cable(service.url) as one, Cable(service.url) as other:
        world = World(service, (one, other))
        async with running(world.reader), running(world.writer):
            for step in course:
                await world.take(step)
            one.mend()
            other.mend()
            await until(world.reader.is_up_to_date)
            assert world.reader.heard_now >= world.reader.known.keys()


@given(st.lists(st.one_of(WITH_ONE_SERVER), max_size=20))
@settings(max_examples=20)
def test_everything_that_is_followed_is_reported(mortal: Redis, course: list[Step]) -> None:
    uvloop.run(play(course, mortal))


@given(st.lists(st.one_of(EVERYWHERE), max_size=15))
@settings(max_examples=10)
def test_everything_that_is_followed_in_a_cluster_is_reported(redis_cluster: Redis, course: list[Step]) -> None:
    uvloop.run(play(course, redis_cluster))
