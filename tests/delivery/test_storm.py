"""Many senders through a network in which much goes wrong, and a server that is started anew: each message once."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import flowdock
from flowdock.client.patience import Patience
from flowdock.testing import Server
from flowdock.testing.proxy import Plan, Proxy

# A server that stops forgets a connection that it accepted at that very moment; its process would end there.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SENDERS = 32
PATIENT = Patience(tries=60, first_tries=60, first_wait=0.001, longest_wait=0.05)
TIMEOUT, DEADLINE = 1, 60
"""In seconds: of one try, and of all of them."""


def plan(seed: int) -> Plan:
    return Plan(seed, share=0.2, within=1500, longest=0.05)


def stored(server: Server) -> list[str]:
    with flowdock.connect(token=server.user.token, org=server.org, flow=server.flow, api_url=server.url) as flow:
        texts: list[str] = []
        number = 0
        while page := flow.list(since_id=number, sort="asc", limit=100):
            texts += [
                message["content"]
                for message in page
                if message["event"] == "message" and message["content"].startswith("message ")
            ]
            number = page[-1]["id"]
        return texts


def restart(server: Server, proxy: Proxy, *, after: list[int], stop: threading.Event) -> None:
    """Start the server anew whenever so many requests were made."""
    for requests in after:
        while proxy.requests < requests and not stop.wait(0.01):
            pass
        if not stop.is_set():
            server.stop()
            server.start()


@pytest.fixture
def stormy(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Server, Proxy]]:
    """A server that is started anew three times while requests come, and the way to it."""
    stop = threading.Event()
    seed, after, engine = request.param
    database = request.getfixturevalue("fresh_database")() if engine == "postgresql" else None
    with Server(tmp_path, database=database) as server, Proxy(server.url, plan=plan(seed)) as proxy:
        restarts = threading.Thread(target=restart, args=(server, proxy), kwargs={"after": after, "stop": stop})
        restarts.start()
        try:
            yield server, proxy
        finally:
            stop.set()
            restarts.join()


@pytest.mark.slow
@pytest.mark.parametrize("stormy", [(3569, [2000, 5000, 9000], "sqlite")], indirect=True, ids=["sqlite"])
def test_ten_thousand_messages_of_asynchronous_senders_are_there_once(stormy: tuple[Server, Proxy]) -> None:
    server, proxy = stormy
    texts = [f"message {number}" for number in range(10_000)]
    left = iter(texts)

    async def send_all() -> None:
        client = flowdock.connect_async(token=server.user.token, api_url=proxy.url, timeout=TIMEOUT, deadline=DEADLINE)
        flow = client(org=server.org, flow=server.flow)
        client._transport.patience = PATIENT

        async def send_some() -> None:
            for text in left:
                assert (await flow.send(text))["content"] == text

        async with client:
            await asyncio.gather(*(send_some() for _ in range(SENDERS)))

    asyncio.run(send_all())

    assert sorted(stored(server)) == sorted(texts), proxy
    assert sum(proxy.faults.values()) > 1500


@pytest.mark.parametrize(
    "stormy",
    [(3570, [300, 700, 1000], engine) for engine in ("sqlite", "postgresql")],
    indirect=True,
    ids=["sqlite", "postgresql"],
)
def test_a_thousand_messages_of_threads_are_there_once(stormy: tuple[Server, Proxy]) -> None:
    server, proxy = stormy
    texts = [f"message {number}" for number in range(1000)]

    with flowdock.connect(token=server.user.token, api_url=proxy.url, timeout=TIMEOUT, deadline=DEADLINE) as client:
        flow = client(org=server.org, flow=server.flow)
        client._transport.patience = PATIENT
        with ThreadPoolExecutor(8) as senders:
            answers = list(senders.map(flow.send, texts))

    assert [answer["content"] for answer in answers] == texts
    assert sorted(stored(server)) == sorted(texts), proxy
    assert sum(proxy.faults.values()) > 150
