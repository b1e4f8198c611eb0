"""How every test runs: the profiles of hypothesis, and the services that some of them need.

On a developer's machine each run tries new examples; in CI the examples are the same every time, so that a red run is
red because of the change it tests. Time limits are pytest-timeout's, because two busy cores make single examples slow.

A service starts when the first test asks for it and serves all tests of this process, so nobody may stop it; those
named `own_…` belong to one test, which may. Where a program is not installed its tests skip and say what to install.
$FLOWDOCK_TEST_POSTGRES and $FLOWDOCK_TEST_REDIS are the URLs of servers to use in place of the shared ones.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Protocol, TypeVar

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from flowdock.server import passwords
from tests.services.machine import Missing
from tests.services.objects import ObjectStore
from tests.services.pgbouncer import PgBouncer
from tests.services.postgres import Databases, Postgres
from tests.services.redis import Redis, RunningRedis
from tests.services.service import Service

settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("exploring", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "exploring")

S = TypeVar("S", bound=Service)


class FreshDatabase(Protocol):
    """Makes databases that are dropped after the test."""

    def __call__(self, *, template: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of a database of this name."""


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Servers of this process do not hash passwords as slowly as those that thieves are to suffer from.

    `tests/server/test_passwords.py` looks at what ships.
    """
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "_NOBODY", hasher.hash("nobody's"))
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """The databases of a PostgreSQL that all tests share."""
    if given := os.environ.get("FLOWDOCK_TEST_POSTGRES"):
        databases = Databases(given)
        yield databases
        databases.drop_made()
    else:
        with _started(Postgres()) as own:
            yield own


@pytest.fixture
def fresh_database(postgres: Databases) -> Iterator[FreshDatabase]:
    made = []

    def make(*, template: str | None = None) -> str:
        made.append(postgres.create_unnamed(template=template))
        return postgres.url(made[-1])

    yield make
    for name in made:
        postgres.drop(name)


@pytest.fixture(scope="session")
def redis() -> Iterator[RunningRedis]:
    """A Redis that all tests share; see `fresh_redis`."""
    if given := os.environ.get("FLOWDOCK_TEST_REDIS"):
        yield RunningRedis(given)
    else:
        with _started(Redis()) as own:
            yield own


@pytest.fixture
def fresh_redis(redis: RunningRedis) -> str:
    """The URL of a Redis without keys."""
    redis.flush()
    return redis.url


@pytest.fixture(scope="session")
def redis_cluster() -> Iterator[Redis]:
    """A cluster of one node that all tests share."""
    with _started(Redis(cluster=True)) as own:
        yield own


@pytest.fixture(scope="session")
def objects() -> Iterator[ObjectStore]:
    """An object store that all tests share; each makes a bucket with a name of its own."""
    with _started(ObjectStore()) as own:
        yield own


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    with _started(Postgres()) as own:
        yield own


@pytest.fixture
def own_redis() -> Iterator[Redis]:
    with _started(Redis()) as own:
        yield own


@pytest.fixture
def own_pgbouncer(own_postgres: Postgres) -> Iterator[PgBouncer]:
    """pgbouncer before `own_postgres`."""
    with _started(PgBouncer(own_postgres)) as own:
        yield own


@contextmanager
def _started(service: S) -> Iterator[S]:
    with closing(service):
        try:
            service.start()
        except Missing as missing:
            pytest.skip(str(missing))
        yield service
