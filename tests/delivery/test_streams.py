"""Twenty streams through half an hour of a bad network, in a moment: every id once, in order.

Time runs 200 times as fast: a keep-alive every 0.1 seconds instead of 20, a stream is dead after 0.45 seconds without
one instead of 90, and waits for at most 0.15 seconds instead of 30. So nine seconds here are half an hour there.
"""

import asyncio
import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import flowdock
from flowdock.client.patience import Patience
from flowdock.testing import Server
from flowdock.testing.proxy import Plan, Proxy
from tests.client.peer import eventually

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SEED = int(os.environ.get("FLOWDOCK_TEST_SEED", "3569"))
STORM_SECONDS = 9
HURRIED = Patience(first_wait=0.00125, longest_wait=0.15, silence=0.45, tries=100, first_tries=100)
LAST = "that was all"
Open: TypeAlias = Callable[[Any], Any]
"""Opens a stream with a client of either flavour."""


class Listening:
    """One stream, and by place the ids that it brought."""

    def __init__(self, open_stream: Open, places: dict[str, str]) -> None:
        self.open_stream = open_stream
        self.heard: dict[str, list[int]] = {place: [] for place in places.values()}
        self.is_open = threading.Event()
        self._places = places
        self._left = set(self.heard)

    def note(self, state: str, _: object) -> None:
        if state == "open":
            self.is_open.set()

    def hear(self, event: Any) -> bool:
        """Note an event; true after the last of all places."""
        place = self._places.get(str(event.get("flow") or "private"))
        if place is not None and isinstance(event.get("id"), int):
            self.heard[place].append(event["id"])
            if event["content"] == LAST:
                self._left.discard(place)
        return not self._left

    def read(self, client: flowdock.Client) -> None:
        for event in self.open_stream(client)(on_state=self.note):
            if self.hear(event):
                return

    async def read_async(self, client: flowdock.AsyncClient) -> None:
        async for event in self.open_stream(client)(on_state=self.note):
            if self.hear(event):
                return


class Company:
    """Three flows and a conversation of alice's, in which bob listens."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.alice = flowdock.connect(token=server.user.token, api_url=server.url, timeout=5, deadline=60)
        self.alice._transport.patience = HURRIED
        self.flows: dict[str, flowdock.Flow] = {}
        self.names: dict[str, str] = {}
        for number in range(3):
            made = self.alice.create_flow(server.org, f"Storm {number}")
            flow = self.alice(org=server.org, flow=made["parameterized_name"])
            flow.add_user(server.second_user.id)
            self.flows[flow.flow], self.names[made["id"]] = flow, flow.flow

    @property
    def places(self) -> dict[str, Any]:
        """Where alice speaks."""
        return {**self.flows, "private": self.alice(uid=self.server.second_user.id)}

    def listenings(self) -> list[Listening]:
        """Ten streams: of each kind some."""
        org, alice = self.server.org, self.server.user.id
        one, other, third = self.flows
        in_private = {"private": "private"}

        def of(*flows: str) -> dict[str, str]:
            return {key: name for key, name in self.names.items() if name in flows}

        def alone(flow: str) -> Listening:
            return Listening(lambda client: client(org=org, flow=flow).events, of(flow))

        def several(flows: list[str] | None, *, private: bool, brings: dict[str, str]) -> Listening:
            names = None if flows is None else [f"{org}/{flow}" for flow in flows]
            return Listening(
                lambda client: lambda on_state: client.events(flows=names, private=private, on_state=on_state), brings
            )

        return [
            *(alone(flow) for flow in (one, one, other, third)),
            several([one, other], private=False, brings=of(one, other)),
            several([third], private=True, brings=of(third) | in_private),
            several(None, private=False, brings=self.names),
            several(None, private=True, brings=self.names | in_private),
            *(Listening(lambda client: client(uid=alice).events, in_private) for _ in range(2)),
        ]

    def speak(self, stop: threading.Event) -> int:
        """Say and edit things everywhere until it is time to stop; gives how many there were."""
        number = 0
        while not stop.wait(0.01):
            for place in self.places.values():
                number += 1
                said = place.send(f"message {number}")
                if number % 5 == 0:
                    place.edit(said["id"], f"message {number}, corrected")
        return number


def storm(server: Server, proxy: Proxy, seconds: float) -> None:
    """Whatever a network and a server can do, one after the other."""
    chance = random.Random(SEED)
    end = time.monotonic() + seconds
    proxy.plan = Plan(SEED, share=0.5, within=20_000, longest=0.6)
    while time.monotonic() < end:
        time.sleep(chance.uniform(0.05, 0.4))
        match chance.choice(["cut", "sleep", "refuse", "restart", "quiet"]):
            case "cut":
                proxy.cut()
            case "sleep":
                proxy.pause()
                time.sleep(chance.uniform(0.1, 0.7))
                proxy.resume()
            case "refuse":
                proxy.refuse()
                proxy.cut()
                time.sleep(chance.uniform(0, 0.5))
                proxy.accept()
            case "restart":
                server.stop()
                time.sleep(chance.uniform(0, 0.3))
                server.start()
    proxy.plan = None


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with Server(tmp_path, keep_alive_seconds=0.1) as running:
        one = Company(running)
        with one.alice:
            yield one


@pytest.mark.slow
def test_twenty_streams_bring_every_id_once_in_order_through_half_an_hour_of_faults(company: Company) -> None:
    server, stop = company.server, threading.Event()
    sync, awaited = company.listenings(), company.listenings()
    token = server.second_user.token

    async def read_all(url: str) -> None:
        async with flowdock.connect_async(token=token, api_url=url, timeout=1, deadline=60) as client:
            client._transport.patience = HURRIED
            await asyncio.gather(*(listening.read_async(client) for listening in awaited))

    with (
        Proxy(server.url) as proxy,
        flowdock.connect(token=token, api_url=proxy.url, timeout=1, deadline=60) as client,
        ThreadPoolExecutor(12) as threads,
    ):
        client._transport.patience = HURRIED
        reading: list[Future[None]] = [threads.submit(listening.read, client) for listening in sync]
        reading.append(threads.submit(asyncio.run, read_all(proxy.url)))
        eventually(lambda: all(listening.is_open.is_set() for listening in sync + awaited), seconds=10)
        begun = {name: place.send("now it begins")["id"] for name, place in company.places.items()}
        speaking = threads.submit(company.speak, stop)
        storm(server, proxy, STORM_SECONDS)
        stop.set()
        number = speaking.result(30)
        ended = {name: place.send(LAST)["id"] for name, place in company.places.items()}
        for one in reading:
            one.result(30)

    assert number > 50, "hardly anything was said"
    assert proxy.requests > 60, "hardly any stream was ever lost"
    for at, listening in enumerate(sync + awaited):
        for name, ids in listening.heard.items():
            heard = [number for number in ids if begun[name] <= number <= ended[name]]
            assert heard == list(range(begun[name], ended[name] + 1)), f"stream {at} of {name}, {proxy}"
