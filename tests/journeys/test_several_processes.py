"""Several processes on one database behave as one, whatever of all that is killed under load."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flowdock.server.actions import setting_up
from flowdock.server.app import open_store
from flowdock.server.settings import Settings
from flowdock.server.store import logs
from flowdock.server.store.transaction import Transaction
from tests.journeys.crowd import Crowd, Reader, Writer
from tests.journeys.process import PUBLIC_URL, Process
from tests.journeys.talking import ask, wait_until
from tests.services.postgres import Postgres
from tests.services.redis import Redis
from tests.services.service import Service

NICKS = ("alice", "bob", "carol")


@dataclass(frozen=True)
class Site:
    """What is in the database: everybody is in every flow."""

    flows: dict[str, str]
    """The address of each flow by its id."""
    tokens: tuple[str, ...]
    user_ids: tuple[int, ...]
    begins: dict[str, int]
    """How many events there are in each flow at the beginning."""


def filled(folder: Path, database: str, *, flows: int) -> Site:
    """Make people and flows."""

    def fill(tx: Transaction) -> Site:
        org = setting_up.create_organization(tx, "Acme")
        ids = [
            setting_up.create_user(
                tx, nick=nick, email=f"{nick}@example.com", name="", password_hash=None, org=org, admin=False
            )
            for nick in NICKS
        ]
        made, begins = {}, {}
        for number in range(flows):
            flow_id = setting_up.create_flow(tx, org=org, name=f"f{number}", creator=ids[0])
            for user_id in ids[1:]:
                setting_up.add_to_flow(tx, org=org, flow=f"f{number}", user_id=user_id, by=ids[0])
            made[flow_id] = f"/flows/{org}/f{number}"
            [log_id] = tx.one("SELECT log_id FROM flows WHERE id = ?", (flow_id,)) or ()
            begins[flow_id] = logs.head(tx, log_id).last_number
        tokens = tuple(setting_up.create_token(tx, user_id=user_id, label="x") for user_id in ids)
        return Site(made, tokens, tuple(ids), begins)

    async def perform() -> Site:
        store = open_store(Settings(data=folder / "filling", public_url=PUBLIC_URL, database_url=database))
        try:
            return await store.write(fill)
        finally:
            store.close()

    return asyncio.run(perform())


def readers_of(site: Site, ports: Sequence[int], *, chance: random.Random) -> list[Reader]:
    """Readers of everything, of some flows, and of one."""
    names = [path.removeprefix("/flows/") for path in site.flows.values()]
    paths = [f"/stream/flows?filter={','.join(names)}&user=1", f"/stream/flows?filter={','.join(names[::-1])}&user=1"]
    paths += [f"/stream/flows?filter={','.join(names[at::10])}" for at in range(10)]
    paths += [f"/stream/flows/{name}" for name in chance.sample(names, 8)]
    return [
        Reader(site.tokens[at % 2], path, ports, seed=at, moves_after=2000 if at < 2 else 300)
        for at, path in enumerate(paths)
    ]


def writers_of(site: Site, ports: Sequence[int]) -> list[Writer]:
    """Writers in all flows, and two people who talk to each other."""
    alice, bob, _ = site.user_ids
    in_flows = [Writer(f"w{at}", site.tokens[at % 3], list(site.flows.values()), ports, seed=at) for at in range(4)]
    return [
        *in_flows,
        Writer("alice", site.tokens[0], [f"/private/{bob}"], ports, seed=4),
        Writer("bob", site.tokens[1], [f"/private/{alice}"], ports, seed=5),
    ]


class Troubles:
    """What happens to a site, in an order that chance decides; always while people go on talking."""

    def __init__(self, crowd: Crowd, chance: random.Random) -> None:
        self._crowd = crowd
        self._chance = chance

    def befall(self, *troubles: Callable[[], None]) -> None:
        """Let all of this happen."""
        for trouble in self._chance.sample(troubles, len(troubles)):
            self.talk_on()
            trouble()

    def talk_on(self) -> None:
        """Return when some more was said."""
        enough = self._crowd.said + self._chance.randrange(5, 60)
        wait_until(lambda: self._crowd.has_said(enough))

    def kill(self, process: Process) -> Callable[[], None]:
        """A process dies, and is started again while the others serve."""

        def trouble() -> None:
            process.kill()
            process.begin()
            self.talk_on()
            process.wait()

        return trouble

    def freeze(self, process: Process) -> Callable[[], None]:
        """A process stands still, maybe in the middle of a write, and then goes on as if nothing had been."""
        return lambda: process.freeze(seconds=self._chance.choice([0.5, 2]))

    def lose_everything(self, processes: Sequence[Process], redis: Redis, postgres: Postgres) -> Callable[[], None]:
        """As when the power fails and comes back."""

        def trouble() -> None:
            for process in processes:
                process.kill()
            services: tuple[Service, ...] = (postgres, redis)
            for service in services:
                service.kill()
                service.start()
            for process in processes:
                process.begin()
            for process in processes:
                process.wait()

        return trouble

    def lose_broker(self, redis: Redis) -> Callable[[], None]:
        """The broker dies, and comes back with nothing in it."""

        def trouble() -> None:
            redis.kill()
            self.talk_on()
            redis.start()

        return trouble

    def lose_database(self, postgres: Postgres) -> Callable[[], None]:
        """The database dies, and comes back with all that it acknowledged."""

        def trouble() -> None:
            postgres.kill()
            time.sleep(self._chance.choice([0, 0.1, 1]))
            postgres.start()

        return trouble


@pytest.mark.crash
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("count, flows", [(2, 200), (4, 20)])
def test_every_reader_sees_every_event_once_whatever_is_killed(
    own_postgres: Postgres, own_redis: Redis, tmp_path: Path, count: int, flows: int
) -> None:
    chance = random.Random(3569)
    database = own_postgres.create("acme")
    site = filled(tmp_path, database, flows=flows)
    with ExitStack() as running:
        processes = [Process(tmp_path, database=database, broker=own_redis.url) for _ in range(count)]
        for process in processes:
            running.enter_context(process)
        ports = [process.port for process in processes]
        crowd = running.enter_context(Crowd(readers_of(site, ports, chance=chance), writers_of(site, ports)))
        troubles = Troubles(crowd, chance)
        troubles.befall(
            *[troubles.kill(process) for process in processes] * (4 // count),
            *[troubles.lose_broker(own_redis)] * 2,
            *[troubles.lose_database(own_postgres)] * 2,
            *[troubles.freeze(process) for process in processes[:2]],
            troubles.lose_everything(processes, own_redis, own_postgres),
        )
        crowd.fall_silent()
        ends = last_words(site, ports)
        wait_until(lambda: crowd.have_heard(ends))
        everything_is_there_once(crowd.writers, ports)

    for reader in crowd.readers:
        heard_everything_once(reader, site, ends)


def last_words(site: Site, ports: Sequence[int]) -> dict[str, int]:
    """The number of the last event of each flow: something that is said now."""
    said = {"event": "message", "content": "the last"}
    return {
        flow_id: ask(ports[at % len(ports)], site.tokens[0], "POST", f"{path}/messages", said)["id"]
        for at, (flow_id, path) in enumerate(site.flows.items())
    }


def everything_is_there_once(writers: Sequence[Writer], ports: Sequence[int]) -> None:
    """What was acknowledged is there as it was last edited, nothing is there twice, and all processes agree on it."""
    for writer in writers:
        for place, acknowledged in writer.acknowledged.items():
            found, *others = [listed(port, writer.token, f"{place}/messages") for port in ports[:2]]
            assert others == [found] * len(others)
            uuids = [message["uuid"] for message in found]
            assert len(uuids) == len(set(uuids)), f"a message is there twice in {place}"
            by_uuid = {message["uuid"]: message for message in found}
            assert {uuid: by_uuid[uuid]["id"] for uuid in acknowledged} == acknowledged
            edited = {uuid: content for (where, uuid), content in writer.edited.items() if where == place}
            assert {uuid: by_uuid[uuid]["content"] for uuid in edited} == edited
            moments = [message["sent"] for message in found]
            assert moments == sorted(moments)


def listed(port: int, token: str, path: str) -> list[dict[str, Any]]:
    """All messages of a place, as one of the processes shows them."""
    found: list[dict[str, Any]] = []
    while page := ask(port, token, "GET", f"{path}?limit=100&sort=asc&since_id={found[-1]['id'] if found else 0}"):
        found += page
    return found


def heard_everything_once(reader: Reader, site: Site, ends: dict[str, int]) -> None:
    """In order, with no number left out, from the beginning of what was said to its end."""
    assert reader.connections > 1
    flows = {place: numbers for place, numbers in reader.heard.items() if place in ends}
    assert flows == {place: list(range(site.begins[place] + 1, ends[place] + 1)) for place in flows}
    in_private = {place: numbers for place, numbers in reader.heard.items() if place not in ends}
    assert in_private == {place: list(range(1, len(numbers) + 1)) for place, numbers in in_private.items()}
