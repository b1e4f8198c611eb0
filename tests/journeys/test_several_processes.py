"""Several processes on one database behave as one, whichever of them, of Redis and of PostgreSQL dies meanwhile."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.journeys.process import Process
from tests.journeys.talking import LOST, Reader, ask, wait_until
from tests.services.postgres import Postgres
from tests.services.redis import Redis

FLOWS = 200
STREAMS = 4
"""So many streams follow a part of the flows each; there is one set of them for each process to begin with."""
WRITERS = 6
TROUBLES = 12
PROGRESS = 40
"""So many messages are acknowledged between one trouble and the next."""

Place = tuple[str, str]
"""A flow as streams name it, and as addresses do."""


class Roamer(threading.Thread):
    """Says something in any flow through any process, and says it again until it is acknowledged."""

    def __init__(self, ports: list[int], token: str, places: list[Place], *, name: str, stop: threading.Event) -> None:
        super().__init__(name=name, daemon=True)
        self.acknowledged: dict[str, tuple[str, int]] = {}
        """Flow and id of each message by its uuid."""
        self._ports, self._token, self._places, self._stopping = ports, token, places, stop
        self._random = random.Random(name)

    def run(self) -> None:
        """Go on until told to stop, but leave no message unacknowledged."""
        number = 0
        while not self._stopping.is_set():
            number += 1
            flow_id, flow = self._random.choice(self._places)
            uuid = f"{self.name}-{number}"
            said = {"event": "message", "content": f"message {uuid}", "uuid": uuid}
            # By its names or by its id: the two have to be one flow to whoever orders writes.
            by_id = self._random.random() < 0.3
            path = "/messages" if by_id else f"/flows/acme/{flow}/messages"
            while uuid not in self.acknowledged:
                with suppress(*LOST):
                    sent = said | ({"flow": flow_id} if by_id else {})
                    answer = ask(self._random.choice(self._ports), self._token, "POST", path, sent)
                    self.acknowledged[uuid] = (flow_id, answer["id"])


class Wanderer(Reader):
    """Reads a stream from one process, and goes on with the next one whenever it is cut off."""

    def __init__(self, ports: list[int], token: str, path: str) -> None:
        super().__init__(ports[0], token, path)
        self._ports = ports

    def _read(self) -> None:
        self._ports = [*self._ports[1:], self._ports[0]]
        self._port = self._ports[0]
        super()._read()

    def by_flow(self) -> dict[str, list[dict[str, Any]]]:
        """What was stored, as it came."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for event in list(self.events):
            found[event["flow"]].append(event)
        return found


@pytest.fixture
def site(own_postgres: Postgres, own_redis: Redis, tmp_path: Path) -> Iterator[tuple[list[Process], str, list[Place]]]:
    """Two processes, somebody's token, and the flows they are in."""
    url = own_postgres.create("site")
    with Server(tmp_path, database=url) as server:
        creator, token = server.user.id, server.user.token
        names = [f"flow{number}" for number in range(FLOWS)]

        def create(tx: Transaction) -> list[str]:
            return [setting_up.create_flow(tx, org=server.org, name=name, creator=creator) for name in names]

        places = list(zip(server.do(create), names, strict=True))
    with ExitStack() as stack:
        processes = [stack.enter_context(Process(tmp_path, database=url, broker=own_redis.url)) for _ in range(2)]
        yield processes, token, places


@pytest.mark.crash
@pytest.mark.slow
def test_whatever_dies_every_reader_sees_every_acknowledged_event_once_in_order(
    site: tuple[list[Process], str, list[Place]], own_postgres: Postgres, own_redis: Redis
) -> None:
    processes, token, places = site
    ports, stop, chance = [process.port for process in processes], threading.Event(), random.Random(3569)
    parts = [places[at::STREAMS] for at in range(STREAMS)]
    readers = [
        Wanderer(order, token, "/stream/flows?filter=" + ",".join(flow_id for flow_id, _ in part))
        for part in parts
        for order in (ports, ports[::-1])
    ]
    for reader in readers:
        reader.start()
        assert reader.following.wait(60)
    writers = [Roamer(ports, token, places, name=f"w{at}", stop=stop) for at in range(WRITERS)]
    for writer in writers:
        writer.start()

    troubles = [processes[0].restart, processes[1].restart, restarting(own_redis), restarting(own_postgres)]
    for at in range(TROUBLES):
        before = said_by(writers)
        wait_until(lambda: said_by(writers) >= before + PROGRESS)  # noqa: B023
        chance.choice(readers).cut()
        troubles[at % len(troubles)]()
    stop.set()
    for writer in writers:
        writer.join(60)
        assert not writer.is_alive()

    last: dict[str, int] = defaultdict(int)
    said: dict[str, dict[str, int]] = defaultdict(dict)
    for writer in writers:
        for uuid, (flow_id, number) in writer.acknowledged.items():
            last[flow_id], said[flow_id][uuid] = max(last[flow_id], number), number
    for at, reader in enumerate(readers):
        part = [flow_id for flow_id, _ in parts[at // 2]]
        wait_until(lambda: has_all(reader, part, last))  # noqa: B023
        reader.stop()
        assert reader.connections > 2
        for flow_id, events in reader.by_flow().items():
            ids = [event["id"] for event in events]
            assert ids == list(range(ids[0], ids[0] + len(ids)))
            heard = {event["uuid"]: event["id"] for event in events if event["event"] == "message"}
            assert heard == said[flow_id]
    for _, flow in chance.sample(places, 20):
        pages = [ask(port, token, "GET", f"/flows/acme/{flow}/messages?limit=100") for port in ports]
        assert pages[0] == pages[1]


def restarting(service: Postgres | Redis) -> Callable[[], None]:
    """Kills a service in the middle of its work, and starts it again."""

    def restart() -> None:
        service.kill()
        service.start()

    return restart


def said_by(writers: list[Roamer]) -> int:
    """How many messages were acknowledged."""
    return sum(len(writer.acknowledged) for writer in writers)


def has_all(reader: Wanderer, part: list[str], last: dict[str, int]) -> bool:
    """Whether a reader has come to the last acknowledged message of each of its flows."""
    seen = {flow_id: events[-1]["id"] for flow_id, events in reader.by_flow().items()}
    return all(seen.get(flow_id, 0) >= last[flow_id] for flow_id in part if flow_id in last)
