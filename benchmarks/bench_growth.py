"""What a message costs as history grows: send, list, resume a stream and search, in one flow that holds everything.

python -m benchmarks.bench_growth sqlite|postgresql [largest]        1,000,000 messages unless said otherwise

The history is made by SQL, in the shape the server gives it: each message begins a thread of its own.
"""

import asyncio
import json
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import uvloop

from benchmarks import harness
from benchmarks.bench_streams import Heard, Listener
from tests.services.postgres import Postgres

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
NEEDLES = 30
STEP = 500_000
VOCABULARY = 50_021
SAID = "the build of main has passed everywhere so release may go out today"
SECONDS = 3


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the two databases say differently."""

    series: str
    thread_id: str
    as_bytes: str
    words: str


DIALECTS = {
    "sqlite": Dialect(
        "WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})",
        "'seed' || printf('%023d', n)",
        "CAST({} AS BLOB)",
        "INSERT INTO words (rowid, text) SELECT {key}, '" + SAID + " w' || (n % {vocabulary}) FROM s",
    ),
    "postgresql": Dialect(
        "WITH s AS (SELECT generate_series({first}, {last}) AS n)",
        "'seed' || lpad(n::text, 23, '0')",
        "convert_to({}, 'UTF8')",
        "INSERT INTO words (key, lexemes) SELECT {key}, array_to_tsvector(ARRAY["
        + ", ".join(f"'{{log}}/{word}'" for word in SAID.split())
        + ", '{log}/w' || (n % {vocabulary})]) FROM s",
    ),
}


@dataclass(frozen=True, slots=True)
class Site:
    """A database that grows while no server uses it."""

    name: str
    folder: Path
    url: str
    execute: Callable[[str], list[tuple[object, ...]]]

    def grow(self, template: str, *, log: int, first: int, last: int) -> None:
        """Add the messages from `first` to `last`, with their threads and their words."""
        dialect, key = DIALECTS[self.name], f"({log} * 4294967296 + n)"
        series = dialect.series.format(first=first, last=last)
        text = f"replace(replace('{template}', '@ID@', CAST(n AS TEXT)), '@THREAD@', {dialect.thread_id})"
        moment = time.time_ns() // 1_000_000
        for statement in (
            f"""INSERT INTO events (key, event, author, thread_key, message)
            SELECT {key}, 'message', 1, {key}, {dialect.as_bytes.format(text)} FROM s""",
            f"""INSERT INTO threads (key, id, log_id, title, initial_message, created_at, updated_at, internal_comments)
            SELECT {key}, {dialect.thread_id}, {log}, '{SAID}', n, {moment}, {moment} + n, 1 FROM s""",
            dialect.words.format(key=key, log=log, vocabulary=VOCABULARY),
        ):
            self.execute(f"{series} {statement}")
        self.execute(
            f"UPDATE logs SET last_number = {last}, indexed_number = {last}, last_message_number = {last},"
            f" last_message_at = {moment} WHERE id = {log}"
        )


@contextmanager
def site(name: str) -> Iterator[Site]:
    """An empty one, on a durable database."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        if name == "sqlite":

            def execute(sql: str) -> list[tuple[object, ...]]:
                with closing(sqlite3.connect(folder / "flowdock.sqlite3")) as connection, connection:
                    return connection.execute(sql).fetchall()

            yield Site(name, folder, "", execute)
            return
        with Postgres(durable=True, settings={"max_wal_size": "4GB", "shared_buffers": "1GB"}) as postgres:
            postgres.create("growing")
            with psycopg.connect(postgres.url("growing"), autocommit=True) as connection:

                def execute_there(sql: str) -> list[tuple[object, ...]]:
                    cursor = connection.execute(sql)
                    return cursor.fetchall() if cursor.description else []

                yield Site(name, folder, postgres.url("growing"), execute_there)


def main() -> None:
    """Measure and print."""
    name = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    largest = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    columns: list[list[str]] = []
    with site(name) as grown:
        subprocess.run([sys.executable, "-c", harness.SERVER, str(grown.folder), "0", grown.url, ""], check=True)
        template, log, first = prepared(grown)
        for size in (size for size in SIZES if size <= largest):
            begun = time.perf_counter()
            while first <= size:
                last = min(first + STEP - 1, size)
                grown.grow(template, log=log, first=first, last=last)
                first = last + 1
            if name == "postgresql":
                grown.execute("VACUUM ANALYZE")
                grown.execute("CHECKPOINT")  # or it would be at work while the rest is measured
            print(f"{size:,} messages after {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True)
            with harness.served(grown.folder, database=grown.url) as server:
                measured = uvloop.run(costs(server, size))
            columns.append(measured)
            print(measured, file=sys.stderr, flush=True)
            first = int(str(grown.execute(f"SELECT last_number FROM logs WHERE id = {log}")[0][0])) + 1
    names = (
        "send, p50 of 1 connection",
        "list the last 30",
        "resume in the middle of it, first events",
        "search a rare word",
        "search a word of all",
    )
    print(f"\n## One message among many ({name}), milliseconds\n\n{harness.machine()}\n")
    print("| what | " + " | ".join(f"{size:,}" for size in SIZES if size <= largest) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for at, what in enumerate(names):
        print(f"| {what} | " + " | ".join(column[at] for column in columns) + " |")


def prepared(grown: Site) -> tuple[str, int, int]:
    """A message as the server stores it, with marks for what differs, the flow's log, and the first free number."""
    with harness.served(grown.folder, database=grown.url) as server:
        for number in range(NEEDLES):
            said = json.dumps({"event": "message", "content": f"needle {number}"}).encode()
            harness.ask(server.port, "POST", "/flows/acme/main/messages", server.token, said)
        sent = json.loads(harness.ask(server.port, "POST", "/flows/acme/main/messages", server.token, harness.BODY))
        harness.ask(server.port, "GET", "/flows/acme/main/messages?search=needle", server.token)
    text = json.dumps(sent, separators=(",", ":")).replace("'", "''")
    text = text.replace(f'"id":{sent["id"]}', '"id":@ID@').replace(
        f'"initial_message":{sent["id"]}', '"initial_message":@ID@'
    )
    text = text.replace(str(sent["thread_id"]), "@THREAD@")
    [[log]] = grown.execute("SELECT log_id FROM flows")
    return text, int(str(log)), int(sent["id"]) + 1


async def costs(server: harness.Running, size: int) -> list[str]:
    """Milliseconds of each: the median."""
    flow = "/flows/acme/main/messages"
    cells = []
    for method, path, body, expected in (
        ("POST", flow, harness.BODY, b"201"),
        ("GET", flow, b"", b"200"),
    ):
        content = harness.request(method, path, server.token, body)
        await harness.hammer(server.port, content, connections=1, seconds=1, expected=expected)
        rates = [
            await harness.hammer(server.port, content, connections=1, seconds=SECONDS, expected=expected)
            for _ in range(3)
        ]
        cells.append(f"{statistics.median(rate.p50_ms for rate in rates):.2f}")
    cells.append(f"{statistics.median([await resumed(server, size) for _ in range(50)]):.2f}")
    for word in ("needle", "release"):
        content = harness.request("GET", f"{flow}?search={word}", server.token)
        await harness.hammer(server.port, content, connections=1, seconds=1, expected=b"200")
        rate = await harness.hammer(server.port, content, connections=1, seconds=SECONDS, expected=b"200")
        cells.append(f"{rate.p50_ms:.2f}")
    return cells


async def resumed(server: harness.Running, size: int) -> float:
    """Milliseconds until a stream that is opened in the middle of history has brought what was missed first."""
    heard = Heard()
    head = b"\r\nAccept: text/event-stream\r\nLast-Event-ID: %d\r\n\r\n" % (size // 2)
    content = harness.request("GET", "/stream/flows/acme/main", server.second_token).replace(b"\r\n\r\n", head)
    heard.expect(1)
    begun = time.perf_counter()
    transport, _ = await asyncio.get_running_loop().create_connection(
        lambda: Listener(content, heard), "127.0.0.1", server.port
    )
    done = await heard.all
    transport.close()
    await asyncio.sleep(0.01)
    return (done - begun) * 1000


if __name__ == "__main__":
    main()
