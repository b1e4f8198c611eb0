"""Redis, or Valkey, for tests; it remembers nothing across a restart."""

from pathlib import Path
from typing import ClassVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.services.machine import HOST, free_port, program
from tests.services.processes import until
from tests.services.service import Service

_LAST_SLOT = 16_383


class RunningRedis:
    """A Redis that somebody else started."""

    def __init__(self, url: str) -> None:
        self.url = url

    def flush(self) -> None:
        """Forget every key of the database that the URL names."""
        self._ask("FLUSHDB")

    def _ask(self, *words: str | int) -> str:
        retry = Retry(NoBackoff(), 0)
        with redis.Redis.from_url(self.url, retry=retry, decode_responses=True) as connection:
            return str(connection.execute_command(*words))


class Redis(Service, RunningRedis):
    """A Redis of our own; with `cluster` a cluster of one node that has all the slots (Redis 7 or newer)."""

    name: ClassVar[str] = "redis"

    def __init__(self, folder: Path | None = None, *, cluster: bool = False) -> None:
        Service.__init__(self, folder)
        RunningRedis.__init__(self, f"redis://{HOST}:{self.port}")
        self._bus_port = free_port() if cluster else None

    def command(self) -> list[str]:
        binary = program("redis-server", "valkey-server", package="redis-server")
        options = ["--port", str(self.port), "--bind", HOST, "--save", "", "--appendonly", "no"]
        if self._bus_port is not None:
            options += ["--cluster-enabled", "yes", "--cluster-port", str(self._bus_port)]
            options += ["--cluster-announce-ip", HOST]
        return [binary, *options]

    def answers(self) -> bool:
        try:
            self._ask("PING")
        except redis.ConnectionError:
            return False
        return True

    def settle(self) -> None:
        if self._bus_port is not None:
            if "cluster_slots_assigned:0" in self._cluster():
                self._ask("CLUSTER", "ADDSLOTSRANGE", 0, _LAST_SLOT)
            until(lambda: "cluster_state:ok" in self._cluster(), "the cluster has all its slots")

    def _cluster(self) -> str:
        return self._ask("CLUSTER", "INFO")
