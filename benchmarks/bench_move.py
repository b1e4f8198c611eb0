"""Moving a site from a folder to PostgreSQL and back: rows per second of each part, and how long it takes.

python -m benchmarks.bench_move [messages]
"""

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from uuid import uuid4

from benchmarks import harness
from flowdock.server.actions import indexing, sending
from flowdock.server.app import open_store
from flowdock.server.domain.actors import Person
from flowdock.server.settings import Settings
from flowdock.server.store.moving.end import End
from flowdock.server.store.moving.move import moved
from flowdock.server.store.moving.postgres import PostgresEnd
from flowdock.server.store.moving.sqlite import SqliteEnd
from flowdock.server.store.moving.steps import Step
from flowdock.server.store.transaction import Transaction
from tests.services.postgres import Postgres

BATCH = 1000
VOCABULARY = 20_000
PARTS = {
    "copying events": "events copied",
    "copying threads": "threads copied",
    "copying idempotency": "uuids copied",
    "indexing messages": "messages indexed",
    "comparing": "rows compared",
}


class Timed:
    """How many rows each part of a move did, and in how many seconds."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = defaultdict(int)
        self.seconds: dict[str, float] = defaultdict(float)
        self._last = time.perf_counter(), Step("copying", "", 0, 0)

    def __call__(self, step: Step) -> None:
        """Hear of a step."""
        now, (then, before) = time.perf_counter(), self._last
        part = step.doing if step.doing == "comparing" else f"{step.doing} {step.what}"
        self.seconds[part] += now - then
        self.rows[part] += step.done - (before.done if (before.doing, before.what) == (step.doing, step.what) else 0)
        self._last = now, step

    def rate(self, part: str) -> str:
        """As text."""
        return f"{self.rows[part] / self.seconds[part]:,.0f} a second"


async def fill(settings: Settings, messages: int) -> None:
    """Say so much, in words of which some are frequent and most are rare; each message begins a thread."""
    chance = random.Random(1)
    words = [f"w{number:x}" for number in range(VOCABULARY)]

    def say(tx: Transaction) -> None:
        for _ in range(BATCH):
            content = " ".join(words[int(VOCABULARY * chance.random() ** 3)] for _ in range(12))
            tags = [f"tag{chance.randint(1, 50)}"] if chance.random() < 0.2 else []
            sending.send_to_flow(
                tx, Person(1), org="acme", flow="main", event="message", content=content, tags=tags, uuid=uuid4().hex
            )

    store = open_store(settings)
    try:
        for _ in range(messages // BATCH):
            await store.write(say)
    finally:
        store.close()


def measured(source: End, target: End) -> tuple[Timed, float]:
    """A move."""
    timed = Timed()
    began = time.perf_counter()
    with moved(source, target, index=indexing.advance, told=timed):
        pass
    return timed, time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    with tempfile.TemporaryDirectory() as made, Postgres(durable=True) as postgres:
        here = Settings(data=Path(made) / "site", public_url="", durable=False)
        back = Settings(data=Path(made) / "back", public_url="")
        subprocess.run([sys.executable, "-c", harness.SERVER, str(here.data), "0", "", ""], check=True)
        asyncio.run(fill(here, messages))
        back.prepare()
        big = PostgresEnd(postgres.create("site"), "PostgreSQL")
        there, there_seconds = measured(SqliteEnd(here.database, here), big)
        again, again_seconds = measured(big, SqliteEnd(back.database, back))
    rows = [(text, there.rate(part), again.rate(part)) for part, text in PARTS.items()]
    rows.append(("all of it", f"{there_seconds:.0f} s", f"{again_seconds:.0f} s"))
    harness.table(f"A site of {messages:,} messages", rows, columns=("", "into PostgreSQL", "into a folder"))


if __name__ == "__main__":
    main()
