import asyncio
import logging
import os
import signal
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
import redis as client

from flowdock.server.hub.expiring import Expiring, ExpiringInMemory
from flowdock.server.hub.redis import open_expiring
from flowdock.server.hub.redis.expiring import ANSWER_SECONDS, AWAY_SECONDS
from tests.server.hub.neighbours import PATIENCE_SECONDS, on_a_loop
from tests.services.redis import Redis, RunningRedis


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(params=["memory", "redis", "cluster"])
def expiring(request: pytest.FixtureRequest) -> Iterator[Expiring]:
    """Counters that begin anew, wherever they are kept; whoever uses them closes them."""
    if request.param == "memory":
        yield ExpiringInMemory()
        return
    service: RunningRedis = request.getfixturevalue("redis" if request.param == "redis" else "redis_cluster")
    service.flush()
    yield open_expiring(service.url)


@on_a_loop
async def test_a_counter_tells_how_often_that_was(expiring: Expiring) -> None:
    assert [await expiring.increase("ann@example.com", seconds=60) for _ in range(3)] == [1, 2, 3]
    assert await expiring.increase("bob@example.com", seconds=60) == 1
    assert [await expiring.count(name) for name in ("ann@example.com", "bob@example.com", "eve")] == [3, 1, 0]
    await expiring.close()


@on_a_loop
async def test_only_whoever_comes_first_is_told_so(expiring: Expiring) -> None:
    assert [await expiring.first("7 is here", seconds=60) for _ in range(3)] == [True, False, False]
    assert await expiring.count("7 is here") == 1
    await expiring.close()


@on_a_loop
async def test_everything_begins_anew_when_the_time_is_over(expiring: Expiring) -> None:
    began = time.monotonic()
    assert await expiring.increase("tries", seconds=1) == 1
    assert await expiring.first("mark", seconds=1)
    # The time of the first counts, and later ones do not prolong it.
    await until_so(lambda: expiring.increase("tries", seconds=1), lambda count: count == 1)
    assert time.monotonic() - began >= 0.99
    assert await expiring.first("mark", seconds=1)
    await expiring.close()


@on_a_loop
async def test_many_may_ask_at_once(expiring: Expiring) -> None:
    counts = await asyncio.gather(*(expiring.increase("tries", seconds=60) for _ in range(200)))
    assert sorted(counts) == list(range(1, 201))
    firsts = await asyncio.gather(*(expiring.first("mark", seconds=60) for _ in range(50)))
    assert sum(firsts) == 1
    await expiring.close()


@on_a_loop
async def test_in_memory_time_passes_as_the_clock_says() -> None:
    clock = Clock()
    expiring = ExpiringInMemory(clock=clock)
    await expiring.increase("tries", seconds=60)
    clock.now += 59.9
    assert await expiring.increase("tries", seconds=60) == 2
    clock.now += 0.1
    assert (await expiring.count("tries"), await expiring.increase("tries", seconds=60)) == (0, 1)


@on_a_loop
async def test_memory_is_bounded_and_what_expired_goes_first() -> None:
    clock = Clock()
    expiring = ExpiringInMemory(most=100, clock=clock)
    for at in range(50):
        await expiring.increase(f"short {at}", seconds=1)
    for at in range(50):
        await expiring.increase(f"long {at}", seconds=1000)
    clock.now += 1
    await expiring.increase("one more", seconds=1000)
    assert [await expiring.count(f"long {at}") for at in range(50)] == [1] * 50
    for at in range(1000):
        await expiring.increase(f"flood {at}", seconds=1000)
        assert await expiring.count(f"flood {at}") == 1
    assert sum([await expiring.count(f"flood {at}") for at in range(1000)]) <= 100


@on_a_loop
async def test_processes_count_together(fresh_redis: str) -> None:
    one, other = open_expiring(fresh_redis), open_expiring(fresh_redis)
    assert [await one.increase("tries", seconds=60), await other.increase("tries", seconds=60)] == [1, 2]
    assert [await one.first("mark", seconds=60), await other.first("mark", seconds=60)] == [True, False]
    await one.close()
    await other.close()


@on_a_loop
async def test_names_do_not_leave_the_process_and_nothing_stays(fresh_redis: str) -> None:
    expiring = open_expiring(fresh_redis)
    await expiring.increase("ann@example.com", seconds=60)
    await expiring.first("ann@example.com is here", seconds=60)
    await expiring.close()
    with client.Redis.from_url(fresh_redis) as connection:
        keys = connection.keys()
        assert len(keys) == 2
        assert all(key.startswith(b"flowdock:expiring:") and b"ann" not in key for key in keys)
        assert all(0 < connection.ttl(key) <= 60 for key in keys)


@on_a_loop
async def test_while_redis_is_away_each_process_counts_alone(
    own_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    expiring = open_expiring(own_redis.url)
    assert [await expiring.increase("tries", seconds=60) for _ in range(5)] == [1, 2, 3, 4, 5]
    own_redis.kill()
    assert [await expiring.increase("tries", seconds=60) for _ in range(3)] == [1, 2, 3]
    assert [await expiring.first("mark", seconds=60) for _ in range(2)] == [True, False]
    assert await expiring.count("tries") == 3
    await asyncio.to_thread(own_redis.start)
    await until_so(lambda: expiring.count("tries"), lambda count: count == 0)
    assert await expiring.increase("tries", seconds=60) == 1
    assert len([one for one in caplog.records if one.levelno >= logging.WARNING]) == 1
    await expiring.close()


@on_a_loop
async def test_nobody_waits_long_for_a_redis_that_is_stuck(own_redis: Redis) -> None:
    expiring = open_expiring(own_redis.url)
    await expiring.increase("tries", seconds=60)
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert await expiring.increase("tries", seconds=60) == 1
        # Nearly at once after that: it is known to be stuck.
        assert [await expiring.increase("tries", seconds=60) for _ in range(100)][-1] == 101
        assert time.monotonic() - began < ANSWER_SECONDS + AWAY_SECONDS
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    # Redis has heard of one or two tries by now, this process of many more.
    await until_so(lambda: expiring.count("tries"), lambda count: count <= 2)
    await expiring.close()


async def until_so(ask: Callable[[], Awaitable[int]], is_so: Callable[[int], bool]) -> None:
    """Ask until the answer is right."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if is_so(await ask()):
                return
            await asyncio.sleep(0.01)
