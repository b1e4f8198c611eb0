"""Counters and marks that expire, for all processes that share a Redis, a Valkey or a cluster of them."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import MovedError, RedisError

from flowdock.server.hub.expiring import ExpiringInMemory
from flowdock.server.hub.redis.connecting import told
from flowdock.server.hub.redis.servers import Server, Servers

ANSWER_SECONDS = 0.25
"""Somebody waits for an answer of which this is a small part."""

AWAY_SECONDS = 1.0
"""How long a Redis that did not answer is not asked again."""

_INCREASE = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return count
"""

log = logging.getLogger("flowdock.hub")


class ExpiringInRedis:
    """The counters of all processes; each counts for itself while Redis does not answer.

    Names leave the process as digests. In a server or cluster they begin with `flowdock:expiring:`.
    """

    def __init__(self, url: str, *, site: str = "") -> None:
        """Not connected yet.

        Raises:
            UnusableBroker: nothing can be at this address.
        """
        self._servers = Servers(url, timeout=ANSWER_SECONDS)
        self._site = site
        self._clients: dict[Server, Redis] = {}
        self._alone = ExpiringInMemory()
        self._must_look = True
        self._looking = asyncio.Lock()
        self._is_away = False
        self._away_until = 0.0

    async def increase(self, name: str, *, seconds: int) -> int:
        """How often that was within `seconds` from the first."""
        key = self._key(name)
        count = await self._ask(key, lambda redis: redis.eval(_INCREASE, 1, key, seconds))
        return await self._alone.increase(name, seconds=seconds) if count is None else int(count)

    async def count(self, name: str) -> int:
        """Where a counter stands."""
        key = self._key(name)
        count = await self._ask(key, lambda redis: redis.get(key), default=0)
        return await self._alone.count(name) if count is None else int(count)

    async def first(self, name: str, *, seconds: int) -> bool:
        """Whether nobody did this before."""
        key = self._key(name)
        done = await self._ask(key, lambda redis: redis.set(key, 1, nx=True, ex=seconds), default=False)
        return await self._alone.first(name, seconds=seconds) if done is None else bool(done)

    async def close(self) -> None:
        """Give back the connections."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def _ask(self, key: bytes, command: Callable[[Redis], Awaitable[Any]], *, default: object = None) -> Any:
        """The answer of the server that has the key, `default` for an empty one; None when there is no answer."""
        now = asyncio.get_running_loop().time
        if now() < self._away_until:
            return None
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                answer = await self._ask_owner(key, command)
        except (RedisError, OSError) as error:
            if not self._is_away:
                log.warning("Redis does not help to count; until it does, each process counts alone: %s", told(error))
            self._is_away = self._must_look = True
            self._away_until = now() + AWAY_SECONDS
            return None
        self._is_away = False
        return default if answer is None else answer

    async def _ask_owner(self, key: bytes, command: Callable[[Redis], Awaitable[Any]]) -> Any:
        async with self._looking:
            if self._must_look:
                await self._servers.look()
                self._must_look = False
        try:
            return await command(self._client(key))
        except MovedError:
            await self._servers.look()
            return await command(self._client(key))

    def _client(self, key: bytes) -> Redis:
        server = self._servers.having(key)
        client = self._clients.get(server)
        if client is None:
            client = self._clients[server] = server.client()
        return client

    def _key(self, name: str) -> bytes:
        digest = hashlib.blake2b(f"{self._site} {name}".encode(), digest_size=16)
        return b"flowdock:expiring:" + digest.hexdigest().encode()
