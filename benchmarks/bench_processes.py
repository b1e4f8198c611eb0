"""Several processes on one PostgreSQL with Redis, beside the embedded default: sends, readers, a Redis that goes away.

python -m benchmarks.bench_processes [seconds] [readers]
"""

import asyncio
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks import harness
from benchmarks.bench_sends import measured
from benchmarks.bench_streams import Heard, Listener, Sender
from tests.services.postgres import Postgres
from tests.services.redis import Redis

WORKERS = (1, 2, 4)
ROUNDS = 30
FLOWS = 16


@dataclass(frozen=True, slots=True)
class Site:
    """A database with people and flows, and the broker of its processes."""

    folder: Path
    database: str
    broker: Redis
    tokens: list[str]

    @contextmanager
    def served(self, *, workers: int = 1) -> Iterator[int]:
        """The port of `flowdock serve` with so many processes; nothing is pinned, as PostgreSQL needs its share."""
        port = harness.free_port()
        options = ["--data", str(self.folder), "--port", str(port), "--workers", str(workers)]
        places = ["--database", self.database, "--broker", self.broker.url]
        process = subprocess.Popen(
            [sys.executable, "-m", "flowdock", "serve", *options, *places], stdout=subprocess.PIPE, text=True
        )
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@contextmanager
def founded() -> Iterator[Site]:
    """A site on services of its own, on durable storage."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(Postgres(durable=True, settings={"shared_buffers": "1GB"}))
        broker = stack.enter_context(Redis())
        postgres.create("site")
        url = postgres.url("site")
        subprocess.run([sys.executable, "-c", harness.SERVER, str(folder), "0", url, broker.url], check=True)
        options = ["--data", str(folder), "--database", url]
        for number in range(FLOWS):
            command = [sys.executable, "-m", "flowdock", "admin", "create-flow", "acme", f"flow{number}"]
            subprocess.run([*command, "--by", "alice", *options], check=True, stdout=subprocess.DEVNULL)
        yield Site(folder, url, broker, json.loads((folder / "bench.json").read_text())["tokens"])


def sends(site: Site, seconds: float) -> list[tuple[str, str, str]]:
    """Rows: the embedded default, then so many workers; the last column is 32 connections to 16 flows."""
    rows = []
    with harness.served() as server:
        os.sched_setaffinity(server.pid, range(os.cpu_count() or 1))
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
        content = harness.request("POST", "/flows/acme/main/messages", server.token, harness.BODY)
        rows.append(("SQLite, 1 process", *measured(server.port, content, seconds)))
    for workers in WORKERS:
        with site.served(workers=workers) as port:
            content = harness.request("POST", "/flows/acme/main/messages", site.tokens[0], harness.BODY)
            rows.append((f"PostgreSQL, {workers} worker(s), one flow", *measured(port, content, seconds)))
            rate = uvloop.run(to_many_flows(port, site.tokens[0], seconds))
            rows.append((f"PostgreSQL, {workers} worker(s), {FLOWS} flows", "", rate))
    return rows  # type: ignore[return-value]


async def to_many_flows(port: int, token: str, seconds: float) -> str:
    """32 connections, two to each flow."""
    hammering = [
        harness.hammer(
            port,
            harness.request("POST", f"/flows/acme/flow{number}/messages", token, harness.BODY),
            connections=2,
            seconds=seconds,
        )
        for number in range(FLOWS)
    ]
    rates = await asyncio.gather(*hammering)
    p50, p99 = statistics.median(rate.p50_ms for rate in rates), max(rate.p99_ms for rate in rates)
    return f"{sum(rate.per_second for rate in rates):,.0f}, p50 {p50:.2f} ms, p99 {p99:.1f} ms"


async def readers(ports: list[int], site: Site, count: int) -> list[str]:
    """Milliseconds from sending through the first process until the last reader of each process has it."""
    loop = asyncio.get_running_loop()
    content = harness.request("GET", "/stream/flows/acme/main", site.tokens[1]).replace(
        b"\r\n\r\n", b"\r\nAccept: text/event-stream\r\n\r\n"
    )
    all_heard = []
    for port in ports:
        heard = Heard()
        all_heard.append(heard)
        for _ in range(count):
            _, listener = await loop.create_connection(lambda heard=heard: Listener(content, heard), "127.0.0.1", port)  # type: ignore[misc]
            await listener.ready
    await asyncio.sleep(1)
    _, sender = await loop.create_connection(Sender, "127.0.0.1", ports[0])
    said = harness.request("POST", "/flows/acme/main/messages", site.tokens[0], harness.BODY)
    times: list[list[float]] = [[] for _ in ports]
    for _ in range(ROUNDS):
        for heard in all_heard:
            heard.expect(count)
        begun = time.perf_counter()
        sender.transport.write(said)
        for at, moment in enumerate(await asyncio.gather(*(heard.all for heard in all_heard))):
            times[at].append((moment - begun) * 1000)
        await asyncio.sleep(0.05)
    return [f"{statistics.median(one):.1f} ms [{min(one):.1f} to {max(one):.1f}]" for one in times]


async def without_redis(ports: list[int], site: Site) -> list[tuple[str, str, str]]:
    """How late the second process is while Redis is away, and how soon after its return it is in time again."""
    loop, heard = asyncio.get_running_loop(), Heard()
    content = harness.request("GET", "/stream/flows/acme/main", site.tokens[1]).replace(
        b"\r\n\r\n", b"\r\nAccept: text/event-stream\r\n\r\n"
    )
    _, listener = await loop.create_connection(lambda: Listener(content, heard), "127.0.0.1", ports[1])
    await listener.ready
    _, sender = await loop.create_connection(Sender, "127.0.0.1", ports[0])
    said = harness.request("POST", "/flows/acme/main/messages", site.tokens[0], harness.BODY)

    async def delay() -> float:
        heard.expect(1)
        begun = time.perf_counter()
        sender.transport.write(said)
        return (await heard.all - begun) * 1000

    await asyncio.sleep(1)
    before = [await delay() for _ in range(20)]
    await asyncio.to_thread(site.broker.kill)
    away = [await delay() for _ in range(20)]
    await asyncio.to_thread(site.broker.start)
    begun = time.perf_counter()
    while await delay() > 10 * statistics.median(before):
        pass
    again = (time.perf_counter() - begun) * 1000
    return [
        ("one process to the other, Redis there", f"{statistics.median(before):.1f} ms", f"{max(before):.1f} ms"),
        ("the same, Redis away", f"{statistics.median(away):.0f} ms", f"{max(away):.0f} ms"),
        ("Redis back until the other is in time again", f"{again:.0f} ms", ""),
    ]


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard > 0 else soft, hard))
    with founded() as site:
        rows = sends(site, seconds)
        harness.table("Sends per second, several processes", rows, columns=("what", "1 connection", "32 connections"))
        with site.served() as first, site.served() as second:
            here, there = uvloop.run(readers([first, second], site, count))
            late = uvloop.run(without_redis([first, second], site))
    rows = [
        (f"{count:,} readers on the process that was written to", here, ""),
        (f"{count:,} readers on the other", there, ""),
        *late,
    ]
    harness.table("From one process to the other", rows, columns=("what", "median", "largest"))


if __name__ == "__main__":
    main()
