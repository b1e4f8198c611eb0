"""A cluster of several nodes of which each has a part of the slots."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from tests.services.machine import HOST
from tests.services.processes import until
from tests.services.redis import Redis


class Node:
    """One node, which is asked without regard to who has what."""

    def __init__(self, service: Redis) -> None:
        self.service = service
        self.url = service.url
        self.id: str = self.ask("CLUSTER", "MYID")

    def ask(self, *words: str | int) -> Any:
        """Its answer, as it came."""
        with redis.Redis.from_url(self.url, decode_responses=True, protocol=2) as connection:
            connection.response_callbacks.clear()
            return connection.execute_command(*words)

    def meet(self, other: "Node") -> None:
        """Make two nodes known to each other."""
        if other is not self:
            self.ask("CLUSTER", "MEET", HOST, other.service.port, str(other.service._bus_port))


class Cluster:
    """Nodes that know each other. The channels in use are spread over them by their names."""

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes

    @property
    def url(self) -> str:
        """Where to ask for the others."""
        return self.nodes[0].url

    def owner(self, channel: bytes) -> Node:
        """The node that has a channel."""
        name = self._owner_known_to(self.nodes[0], key_slot(channel))
        return next(node for node in self.nodes if node.id == name)

    def move(self, channel: bytes, *, source: Node, target: Node) -> None:
        """Give the slot of a channel to another node, and wait until everybody knows."""
        slot = key_slot(channel)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
        for node in (target, source):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)
        until(lambda: self.know(channel, target), "the slot has moved")

    def know(self, channel: bytes, owner: Node) -> bool:
        """Whether everybody knows whose a channel is."""
        return all(self._owner_known_to(node, key_slot(channel)) == owner.id for node in self.nodes)

    def _owner_known_to(self, node: Node, slot: int) -> str | None:
        for first, last, (_, _, name, *_), *_ in node.ask("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return str(name)
        return None


@contextmanager
def of_nodes(count: int) -> Iterator[Cluster]:
    """A cluster of this many, with as many slots each."""
    with ExitStack() as stack:
        nodes = _started(count, stack)
        edges = [at * REDIS_CLUSTER_HASH_SLOTS // count for at in range(count + 1)]
        for at, node in enumerate(nodes):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
            node.ask("CLUSTER", "ADDSLOTSRANGE", edges[at], edges[at + 1] - 1)
            node.meet(nodes[0])
        until(lambda: all(_knows(node, count) for node in nodes), "all nodes know each other and every slot")
        yield Cluster(nodes)


@contextmanager
def with_guest(cluster: Cluster) -> Iterator[Node]:
    """One node more, without slots, which dies at the end."""
    with ExitStack() as stack:
        (node,) = _started(1, stack)
        node.meet(cluster.nodes[0])
        everybody = [*cluster.nodes, node]
        until(lambda: all(_knows(one, len(everybody)) for one in everybody), "everybody knows the guest")
        yield node


def make_replica(node: Node, master: Node) -> None:
    """Let a node without slots take over when the master dies."""
    node.ask("CLUSTER", "REPLICATE", master.id)
    until(lambda: "master_link_status:up" in node.ask("INFO", "replication"), "the replica has everything")


def _started(count: int, stack: ExitStack) -> list[Node]:
    """Nodes without slots that know nobody."""
    services = [Redis(cluster=True) for _ in range(count)]
    for service in services:
        stack.callback(service.close)
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(Redis.start, services))
    nodes = [Node(service) for service in services]
    for node in nodes:
        node.ask("CLUSTER", "FLUSHSLOTS")
        # How often they tell each other what they know depends on it.
        node.ask("CONFIG", "SET", "cluster-node-timeout", 1000)
        # A node that has given its last slot away stays what it is.
        node.ask("CONFIG", "SET", "cluster-allow-replica-migration", "no")
        # A replica is given everything at once.
        node.ask("CONFIG", "SET", "repl-diskless-sync-delay", 0)
        # What one node has can be heard while another is away.
        node.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")
    return nodes


def _knows(node: Node, count: int) -> bool:
    state = node.ask("CLUSTER", "INFO").split()
    return f"cluster_known_nodes:{count}" in state and f"cluster_slots_ok:{REDIS_CLUSTER_HASH_SLOTS}" in state
