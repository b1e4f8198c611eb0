"""A cluster of several nodes of which each has a part of the slots."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import redis
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

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

    def move(self, channel: bytes, *, target: Node) -> None:
        """Give the slot of a channel to another node, and wait until everybody knows."""
        slot, source = key_slot(channel), self.owner(channel)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
        for node in (target, source):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)
        until(lambda: all(self._owner_known_to(node, slot) == target.id for node in self.nodes), "the slot has moved")

    def _owner_known_to(self, node: Node, slot: int) -> str | None:
        for first, last, (_, _, name, *_), *_ in node.ask("CLUSTER", "SLOTS"):
            if first <= slot <= last:
                return str(name)
        return None


@contextmanager
def of_nodes(count: int) -> Iterator[Cluster]:
    """A cluster of this many, with as many slots each."""
    with ExitStack() as stack:
        services = [stack.enter_context(Redis(cluster=True)) for _ in range(count)]
        nodes = [Node(service) for service in services]
        edges = [at * REDIS_CLUSTER_HASH_SLOTS // count for at in range(count + 1)]
        for at, node in enumerate(nodes):
            node.ask("CLUSTER", "FLUSHSLOTS")
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", at + 1)
            # How often they tell each other what they know depends on it.
            node.ask("CONFIG", "SET", "cluster-node-timeout", 1000)
            # What one node has can be heard while another is away.
            node.ask("CONFIG", "SET", "cluster-require-full-coverage", "no")
            node.ask("CLUSTER", "ADDSLOTSRANGE", edges[at], edges[at + 1] - 1)
        for service in services[1:]:
            nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", service.port, str(service._bus_port))
        until(lambda: all(_knows(node, count) for node in nodes), "all nodes know each other and every slot")
        yield Cluster(nodes)


def _knows(node: Node, count: int) -> bool:
    state = node.ask("CLUSTER", "INFO").split()
    return f"cluster_known_nodes:{count}" in state and f"cluster_slots_ok:{REDIS_CLUSTER_HASH_SLOTS}" in state
