"""Which servers there are at an address: one, or the nodes of a cluster, and which of them has what.

A cluster spreads keys and sharded channels over 16384 slots, each of which belongs to one node.
Source: Redis Cluster specification, "Key distribution model"; the command CLUSTER SLOTS.
"""

import asyncio
import random
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import RedisError

from flowdock.server.hub.broker import UnusableBroker
from flowdock.server.hub.redis.addresses import without_secrets

CONNECTIONS = 16
"""Of one client; whoever needs another waits."""

_OURS = {
    # Every server speaks it, and what is said on channels is not kept from us by handlers.
    "protocol": 2,
    "decode_responses": False,
    "health_check_interval": 0,
    # Waiting is limited by ours: the library's way, `wait_for`, loses a cancellation now and then (Python 3.11).
    "socket_timeout": None,
    "client_name": "flowdock",
}
"""What must be as our code expects it, whatever the address says."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server. `name` is its address for people: it holds no secrets, and two with the same name are the same."""

    name: str
    sharded: bool
    """Whether it is a node of a cluster, with channels of its own; those of a single server are for all."""
    options: Mapping[str, Any] = field(compare=False, repr=False)

    def connection(self) -> AbstractConnection:
        """A connection that is not connected yet."""
        options = {**self.options}
        made: AbstractConnection = options.pop("connection_class", Connection)(**options)
        return made

    @asynccontextmanager
    async def connected(self) -> AsyncGenerator[AbstractConnection]:
        """A connection, until the end of the block.

        Raises:
            RedisError, OSError: there is none to be had.
        """
        connection = self.connection()
        try:
            async with asyncio.timeout(self.options["socket_connect_timeout"]):
                await connection.connect()  # type: ignore[no-untyped-call]
            yield connection
        finally:
            await connection.disconnect(nowait=True)

    def client(self) -> Redis:
        """A client that has a few connections for many who ask; whoever asked closes it."""
        return Redis.from_pool(BlockingConnectionPool(max_connections=CONNECTIONS, **self.options))


class _View(NamedTuple):
    """What one node knows of its cluster; nothing of a server that is in none."""

    epoch: int = 0
    """Grows when slots change hands: what a node with a smaller one knows is out of date."""
    nodes: frozenset[Server] = frozenset()
    by_slot: Sequence[Server] = ()


class Servers:
    """The servers at an address; `look` finds out, and has to come first.

    `timeout` is how long to wait for a connection, and then for what it was asked, in seconds.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        """Not connected yet.

        Raises:
            UnusableBroker: nothing can be at this address.
        """
        self._timeout = timeout
        self._options = _options(url, timeout)
        self._first = self._server(self._options.get("path"), sharded=False)
        self._view = _View()
        try:
            self._first.connection()
        except (TypeError, ValueError, RedisError) as error:
            raise UnusableBroker(
                f"the broker {without_secrets(url)!r} has an option that is unknown or wrong"
            ) from error

    @property
    def clustered(self) -> bool:
        """Whether they are the nodes of a cluster."""
        return bool(self._view.nodes)

    @property
    def database(self) -> int:
        """The number of the database, which is the last part of the address."""
        return int(self._options.get("db", 0))

    @property
    def all(self) -> frozenset[Server]:
        """All of them that have something."""
        return self._view.nodes or frozenset({self._first})

    def having(self, name: bytes) -> Server:
        """The server that has this key or channel."""
        return self._view.by_slot[key_slot(name)] if self._view.nodes else self._first

    async def look(self) -> None:
        """Find out which servers there are and what they have.

        Raises:
            RedisError, OSError: nobody answers.
        """
        nodes = list(self._view.nodes)
        # One that lost touch with the others goes on telling what it knew: it must not always be the same one.
        random.shuffle(nodes)
        newest: _View | None = None
        for server in nodes:
            with suppress(RedisError, OSError):
                view = await self._view_of(server)
                newest = max(newest or view, view, key=lambda view: view.epoch)
                if newest.epoch >= self._view.epoch:
                    break
        self._view = newest or await self._view_of(self._first)

    async def _view_of(self, server: Server) -> _View:
        async with server.connected() as connection, asyncio.timeout(self._timeout):
            if b"cluster_enabled:1" not in await _answer(connection, "INFO", "cluster"):
                return _View()
            state = await _answer(connection, "CLUSTER", "INFO")
            ranges = await _answer(connection, "CLUSTER", "SLOTS")
        if not ranges:
            raise RedisError(f"no node of the cluster of {server.name} has any slots")
        asked = str(server.options.get("host", "localhost"))
        owners = [self._node(one[2], asked) for one in ranges]
        # A slot that nobody has is given to some node, which will say so.
        by_slot = [owners[0]] * REDIS_CLUSTER_HASH_SLOTS
        for (first, last, *_), owner in zip(ranges, owners, strict=True):
            by_slot[first : last + 1] = [owner] * (last + 1 - first)
        epoch = re.search(rb"cluster_current_epoch:(\d+)", state)
        return _View(int(epoch[1]) if epoch else 0, frozenset(owners), by_slot)

    def _node(self, described: list[Any], asked: str) -> Server:
        # A node that does not know its own address leaves it out; it is the one that was asked.
        host = (described[0] or b"").decode() or asked
        return self._server(None, sharded=True, host=host, port=int(described[1]))

    def _server(self, path: str | None, *, sharded: bool, **place: object) -> Server:
        options = {**self._options, **place}
        name = path or f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"
        return Server(name, sharded, options)


def _options(url: str, timeout: float) -> dict[str, Any]:
    try:
        asked = dict(parse_url(url))
    except ValueError:
        # The error may quote a part of the password, so it is not shown as the cause either.
        raise UnusableBroker(
            f"{without_secrets(url)!r} is not the address of a broker; give one such as redis://:password@127.0.0.1:6379"
        ) from None
    asked.pop("max_connections", None)
    return {"socket_connect_timeout": timeout, **asked, **_OURS}


async def _answer(connection: AbstractConnection, *words: str) -> Any:
    await connection.send_command(*words)
    return await connection.read_response()
