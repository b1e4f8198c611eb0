"""Which servers there are at an address: one, or the nodes of a cluster, and which of them has what.

A cluster spreads keys and sharded channels over 16384 slots, each of which belongs to one node.
Source: Redis Cluster specification, "Key distribution model"; the command CLUSTER SLOTS.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import RedisError

from flowdock.server.hub.broker import UnusableBroker
from flowdock.server.hub.redis.addresses import without_secrets

CONNECTIONS = 16
"""Of one client; whoever needs another waits."""

_OURS = {"protocol": 2, "decode_responses": False, "health_check_interval": 0, "client_name": "flowdock"}
"""What must be as our code expects it, whatever the address says. The older protocol is spoken by every server."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server. `name` is its address for people: it holds no secrets, and two with the same name are the same."""

    name: str
    sharded: bool
    """Whether it is a node of a cluster, with channels of its own; those of a single server are for all."""
    options: Mapping[str, Any] = field(compare=False, repr=False)

    def connection(self) -> AbstractConnection:
        """A connection that is not connected yet; whoever asked disconnects it."""
        options = {**self.options}
        made: AbstractConnection = options.pop("connection_class", Connection)(**options)
        return made

    def client(self) -> Redis:
        """A client that has a few connections for many who ask; whoever asked closes it."""
        return Redis.from_pool(BlockingConnectionPool(max_connections=CONNECTIONS, **self.options))


class Servers:
    """The servers at an address; `look` finds out, and has to come first.

    `timeout` is how long to wait, in seconds, for a connection, and then for each answer.
    """

    def __init__(self, url: str, *, timeout: float) -> None:
        """Not connected yet.

        Raises:
            UnusableBroker: nothing can be at this address.
        """
        self._options = _options(url, timeout)
        self._first = self._server(self._options.get("path"), sharded=False)
        self._by_slot: list[Server] = []
        try:
            self._first.connection()
        except (TypeError, ValueError, RedisError) as error:
            raise UnusableBroker(f"the broker {without_secrets(url)!r} has an option that is unknown or wrong") from error

    @property
    def clustered(self) -> bool:
        """Whether they are the nodes of a cluster."""
        return bool(self._by_slot)

    @property
    def database(self) -> int:
        """The number of the database, which is the last part of the address."""
        return int(self._options.get("db", 0))

    @property
    def all(self) -> set[Server]:
        """All of them that have something."""
        return set(self._by_slot) if self.clustered else {self._first}

    def having(self, name: bytes) -> Server:
        """The server that has this key or channel."""
        return self._by_slot[key_slot(name)] if self.clustered else self._first

    async def look(self) -> None:
        """Find out which servers there are and what they have; the first one that answers is believed.

        Raises:
            RedisError, OSError: nobody answered.
        """
        known = list(self.all)
        # One that lost touch with the others goes on telling what it knew: it must not always be the same one.
        random.shuffle(known)
        failure: Exception | None = None
        for server in dict.fromkeys([*known, self._first]):
            try:
                self._by_slot = await self._owners_known_to(server)
            except (RedisError, OSError) as error:
                failure = error
            else:
                return
        assert failure is not None
        raise failure

    async def _owners_known_to(self, server: Server) -> list[Server]:
        """Who has which slot; nothing for a server that is no part of a cluster."""
        connection = server.connection()
        try:
            await connection.connect()
            if b"cluster_enabled:1" not in await _answer(connection, "INFO", "cluster"):
                return []
            slots = await _answer(connection, "CLUSTER", "SLOTS")
            return self._owners(slots, asked=str(server.options.get("host", "localhost")))
        finally:
            await connection.disconnect(nowait=True)

    def _owners(self, ranges: list[list[Any]], *, asked: str) -> list[Server]:
        # A slot that nobody has is given to some node, which will say so.
        if not ranges:
            raise RedisError("no node of the cluster has any slots")
        servers = [self._node(one[2], asked) for one in ranges]
        owners = [servers[0]] * REDIS_CLUSTER_HASH_SLOTS
        for one, server in zip(ranges, servers, strict=True):
            first, last = one[:2]
            owners[first : last + 1] = [server] * (last + 1 - first)
        return owners

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
    except ValueError as error:
        # The error may quote a part of the password.
        raise UnusableBroker(
            f"{without_secrets(url)!r} is not the address of a broker; give one such as redis://:password@127.0.0.1:6379"
        ) from error
    asked.pop("max_connections", None)
    return {"socket_timeout": timeout, "socket_connect_timeout": timeout, **asked, **_OURS}


async def _answer(connection: AbstractConnection, *words: str) -> Any:
    await connection.send_command(*words)
    return await connection.read_response()
