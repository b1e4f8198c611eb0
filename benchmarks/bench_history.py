"""Reading: the last 30 of 100,000 messages from 8 connections.

python -m benchmarks.bench_history [messages]
"""

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import uvloop

from benchmarks import harness
from flowdock.server.actions import sending
from flowdock.server.app import open_store
from flowdock.server.domain.actors import Person
from flowdock.server.settings import Settings

BATCH = 1000


async def fill(folder: Path, messages: int) -> None:
    """Send so many messages, without HTTP."""
    store = open_store(Settings(data=folder, public_url="http://127.0.0.1", durable=False))
    author, body = Person(1), json.loads(harness.BODY)
    try:
        for _ in range(messages // BATCH):
            await store.write(
                lambda tx: [sending.send_to_flow(tx, author, org="acme", flow="main", **body) for _ in range(BATCH)]
            )
    finally:
        store.close()


def main() -> None:
    """Measure and print."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rows = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        subprocess.run([sys.executable, "-c", harness.SERVER, made, "0"], check=True)
        asyncio.run(fill(folder, messages))
        with harness.served(folder) as server:
            for label, path in (
                (f"last 30 of {messages:,}", "/flows/acme/main/messages"),
                ("one message", "/flows/acme/main/messages/1000"),
                ("search, one word", "/flows/acme/main/messages?search=release"),
                ("who am I", "/user"),
            ):
                content = harness.request("GET", path, server.token)
                rates = sorted(
                    (
                        uvloop.run(harness.hammer(server.port, content, connections=8, seconds=2, expected=b"200"))
                        for _ in range(3)
                    ),
                    key=lambda rate: rate.per_second,
                )
                rows.append(
                    (
                        label,
                        f"{rates[1].per_second:,.0f} [{rates[0].per_second:,.0f} to {rates[2].per_second:,.0f}]",
                        f"{rates[1].p50_ms:.2f} / {rates[1].p99_ms:.2f}",
                    )
                )
    harness.table("Reads per second, 8 connections", rows, columns=("what", "per second", "p50 / p99 ms"))


if __name__ == "__main__":
    main()
