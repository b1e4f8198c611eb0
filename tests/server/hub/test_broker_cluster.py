import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis.crc import key_slot

from flowdock.server.hub.redis.letters import Channels
from tests.server.hub.cluster import Cluster, Node, make_replica, of_nodes, with_guest
from tests.server.hub.neighbours import living, on_a_loop, until
from tests.server.hub.reader import News
from tests.services.machine import Missing
from tests.services.redis import Redis

LOGS = range(1, 101)
CHANNELS = Channels(database=0, sender=bytes(8))


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of three; one that a test kills comes back before it ends."""
    with skipping_without_redis(), of_nodes(3) as made:
        yield made


@contextmanager
def skipping_without_redis() -> Iterator[None]:
    try:
        yield
    except Missing as missing:
        pytest.skip(str(missing))


@on_a_loop
async def test_processes_hear_each_other_through_a_cluster(redis_cluster: Redis) -> None:
    async with living(redis_cluster.url) as teller, living(redis_cluster.url) as hearer:
        await hearer.follows(7)
        teller.broker.tell([News(7, 5), News(7, 0, b"{}")])
        await until(lambda: hearer.numbers == [(7, 5)] and hearer.whispers == [(7, b"{}")])
        hearer.broker.unfollow(7)
        await hearer.follows(8)
        teller.broker.tell([News(7, 6), News(8, 1)])
        teller.broker.tell_credentials_changed()
        await until(lambda: hearer.said.count("credentials") == 2)
        assert hearer.numbers == [(7, 5), (8, 1)]


@on_a_loop
async def test_logs_are_spread_over_the_nodes(cluster: Cluster) -> None:
    async with living(cluster.url) as teller, living(cluster.nodes[2].url) as hearer:
        await hearer.follows(*LOGS)
        used = [set(node.ask("PUBSUB", "SHARDCHANNELS")) for node in cluster.nodes]
        assert sum(map(len, used)) == len(LOGS) + 1
        assert all(len(channels) > len(LOGS) / 5 for channels in used)
        teller.broker.tell([News(log_id, 1) for log_id in LOGS])
        await until(lambda: sorted(hearer.numbers) == [(log_id, 1) for log_id in LOGS])


@on_a_loop
async def test_a_log_whose_slot_is_moved_is_heard_on_the_other_node(cluster: Cluster) -> None:
    channel = CHANNELS.name(7)
    async with living(cluster.url) as teller, living(cluster.url) as hearer:
        await hearer.follows(*LOGS)
        for number in (1, 2):
            owner = cluster.owner(channel)
            target = next(node for node in cluster.nodes if node is not owner)
            before = hearer.listens_to.count(7)
            await asyncio.to_thread(cluster.move, channel, source=owner, target=target)
            await until(lambda before=before: hearer.listens_to.count(7) > before)  # type: ignore[misc]
            teller.broker.tell([News(7, number)])
            await until(lambda number=number: (7, number) in hearer.numbers)  # type: ignore[misc]
            assert channel.decode() in target.ask("PUBSUB", "SHARDCHANNELS")
        await until(lambda: hearer.broker.hears and hearer.heard_now == set(LOGS))


@on_a_loop
async def test_a_node_that_dies_takes_only_its_own_logs_along(cluster: Cluster) -> None:
    lost = cluster.nodes[1]
    async with living(cluster.url) as teller, living(cluster.url) as hearer:
        await hearer.follows(*LOGS)
        its_logs = {log_id for log_id in LOGS if cluster.owner(CHANNELS.name(log_id)) is lost}
        lost.service.kill()
        try:
            await until(lambda: "deaf" in hearer.said and "deaf" in teller.said)
            assert hearer.heard_now == set(LOGS) - its_logs
            assert not hearer.broker.hears
            teller.broker.tell([News(log_id, 5) for log_id in LOGS])
            await until(lambda: {log_id for log_id, _ in hearer.numbers} == set(LOGS) - its_logs)
        finally:
            await asyncio.to_thread(lost.service.start)
        await until(lambda: hearer.heard_now == set(LOGS) and hearer.broker.hears)
        teller.broker.tell([News(log_id, 6) for log_id in LOGS])
        await until(lambda: {(log_id, 6) for log_id in LOGS} <= set(hearer.numbers))


@pytest.mark.slow
@on_a_loop
async def test_nodes_come_and_go(cluster: Cluster) -> None:
    channel = CHANNELS.name(7)
    with with_guest(cluster) as guest:
        host = cluster.owner(channel)
        async with living(cluster.url) as teller, living(cluster.url) as hearer:
            await hearer.follows(*LOGS)
            await asyncio.to_thread(cluster.move, channel, source=host, target=guest)
            await until(lambda: hearer.listens_to.count(7) > 1)
            assert guest.ask("PUBSUB", "SHARDCHANNELS") == [channel.decode()]
            before = hearer.listens_to.count(7)
            await asyncio.to_thread(cluster.move, channel, source=guest, target=host)
            await until(lambda: hearer.listens_to.count(7) > before)
            for number in range(1, 20):
                teller.broker.tell([News(7, number)])
                await until(lambda number=number: (7, number) in hearer.numbers)  # type: ignore[misc]
            await until(lambda: b"flowdock" not in guest.ask("CLIENT", "LIST").encode())
            assert hearer.heard_now == set(LOGS)


@pytest.mark.slow
@on_a_loop
async def test_a_replica_that_takes_over_is_found() -> None:
    with skipping_without_redis(), of_nodes(3) as cluster, with_guest(cluster) as replica:
        make_replica(replica, cluster.nodes[1])
        async with living(cluster.url) as teller, living(cluster.url) as hearer:
            await hearer.follows(*LOGS)
            cluster.nodes[1].service.kill()
            await until(lambda: "deaf" in hearer.said)
            teller.broker.tell([News(log_id, 1) for log_id in LOGS])
            await until(lambda: hearer.heard_now == set(LOGS) and hearer.broker.hears)
            assert replica.ask("PUBSUB", "SHARDCHANNELS")
            teller.broker.tell([News(log_id, 2) for log_id in LOGS])
            await until(lambda: {(log_id, 2) for log_id in LOGS} <= set(hearer.numbers))


@on_a_loop
async def test_a_log_whose_slot_nobody_has_is_given_up_until_somebody_has_it(redis_cluster: Redis) -> None:
    node, slot = Node(redis_cluster), key_slot(CHANNELS.name(7))
    async with living(redis_cluster.url) as hearer:
        await hearer.follows(7, 8)
        node.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")
        node.ask("CLUSTER", "DELSLOTS", slot)
        try:
            await until(lambda: "deaf" in hearer.said)
            assert hearer.heard_now == {8}
        finally:
            node.ask("CLUSTER", "ADDSLOTS", slot)
        await until(lambda: hearer.heard_now == {7, 8} and hearer.broker.hears)
