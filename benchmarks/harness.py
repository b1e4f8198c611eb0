"""What every benchmark here stands on: a server process of its own, a raw load generator, a table, the machine.

The server is pinned to one core and the generator to the other where there are two; the generator writes HTTP by hand,
so that what is measured is the server.
"""

import asyncio
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER = """
import asyncio, json, sys
from pathlib import Path
from flowdock.server import running
from flowdock.server.actions import founding
from flowdock.server.actions.founding import Newcomer
from flowdock.server.app import create_app, open_store
from flowdock.server.settings import Settings

folder, port = Path(sys.argv[1]), int(sys.argv[2])
database, broker = (argument or None for argument in [*sys.argv[3:], "", ""][:2])
settings = Settings(data=folder, public_url=f"http://127.0.0.1:{port}", database_url=database, broker_url=broker)
people = tuple(Newcomer(nick, nick.title(), f"{nick}@example.com", None) for nick in ("alice", "bob", "carol"))

async def found():
    store = open_store(settings)
    try:
        made = await store.write(lambda tx: founding.found(tx, people))
    finally:
        store.close()
    (folder / "bench.json").write_text(json.dumps({"tokens": made.tokens, "flow_token": made.flow_token}))

if not (folder / "bench.json").exists():
    settings.prepare()
    asyncio.run(found())
    sys.exit()
server = running.Server(create_app(settings))
server.on_ready = lambda: print("ready", flush=True)
server.run(sockets=[running.listen("127.0.0.1", port)])
"""

BODY = json.dumps(
    {
        "event": "message",
        "content": "The build of the main branch has passed everywhere, so the release may go out today",
    }
).encode()
"""A sentence; as stored, with its thread, it makes a message of about 700 bytes."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server under measurement."""

    port: int
    pid: int
    token: str
    second_token: str
    folder: Path

    def rss_mib(self) -> float:
        """Resident memory of the server's process."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu_seconds(self) -> float:
        """Processor time the server has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(folder: Path | None = None, *, database: str = "", broker: str = "") -> Iterator[Running]:
    """A fresh server with an organization, a flow and people, on durable storage: its own, or a PostgreSQL database."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("FLOWDOCK_BENCH_FOLDER")) as made:
        place = folder or Path(made)
        port = free_port()
        arguments = [sys.executable, "-c", SERVER, str(place), str(port), database, broker]
        if not (place / "bench.json").exists():
            subprocess.run(arguments, check=True)
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
        pin(process.pid, 0)
        pin(0, 1)
        try:
            assert process.stdout is not None
            process.stdout.readline()
            kept = json.loads((place / "bench.json").read_text())
            yield Running(port, process.pid, kept["tokens"][0], kept["tokens"][1], place)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def pin(pid: int, core: int) -> None:
    """Keep a process on one core, when there are several."""
    if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(pid, {core})


def free_port() -> int:
    """A port nobody listens on."""
    import socket  # noqa: PLC0415

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, seconds: float = 20) -> None:
    """Until somebody listens on the port."""
    import socket  # noqa: PLC0415

    until = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """The bytes of a request."""
    from base64 import b64encode  # noqa: PLC0415

    basic = b64encode(f"{token}:".encode()).decode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {basic}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def ask(port: int, method: str, path: str, token: str, body: bytes = b"") -> bytes:
    """The body of one answer."""
    import http.client  # noqa: PLC0415
    from base64 import b64encode  # noqa: PLC0415

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        basic = b64encode(f"{token}:".encode()).decode()
        connection.request(
            method, path, body or None, {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        )
        response = connection.getresponse()
        content = response.read()
    finally:
        connection.close()
    if response.status >= 300:
        raise RuntimeError(content[:300])
    return content


class Connection(asyncio.Protocol):
    """One keep-alive connection: sends the same request again as soon as it is answered, until told to stop."""

    def __init__(self, content: bytes, expected: bytes) -> None:
        self.latencies: list[float] = []
        self.running = True
        self.failed: bytes | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._content = content
        self._expected = b"HTTP/1.1 " + expected
        self._buffer = b""
        self._sent = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._send()

    def data_received(self, data: bytes) -> None:
        """Count an answer, send the next."""
        self._buffer += data
        head_end = self._buffer.find(b"\r\n\r\n")
        if head_end < 0:
            return
        at = self._buffer.find(b"content-length: ") + 16
        length = int(self._buffer[at : self._buffer.find(b"\r", at)])
        if len(self._buffer) < head_end + 4 + length:
            return
        if not self._buffer.startswith(self._expected):
            self.failed, self.running = self._buffer, False
        self.latencies.append(time.perf_counter() - self._sent)
        self._buffer = b""
        if self.running:
            self._send()
        else:
            self._transport.close()
            self.done.set_result(None)

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._content)


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests per second and latencies in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def hammer(port: int, content: bytes, *, connections: int, seconds: float, expected: bytes = b"201") -> Rate:
    """Send one request over and over on so many connections."""
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    made = [
        (await loop.create_connection(lambda: Connection(content, expected), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.sleep(seconds)
    for one in made:
        one.running = False
    await asyncio.gather(*(one.done for one in made))
    elapsed = time.perf_counter() - begun
    failed = [one.failed for one in made if one.failed]
    if failed:
        raise RuntimeError(failed[0][:300])
    latencies = sorted(latency * 1000 for one in made for latency in one.latencies)
    return Rate(len(latencies) / elapsed, statistics.median(latencies), latencies[int(len(latencies) * 0.99)])


def repeat(measure: Callable[[], Awaitable[float]], *, times: int = 3) -> tuple[float, float, float]:
    """Median, smallest and largest of several runs."""
    import uvloop  # noqa: PLC0415

    async def one() -> float:
        return await measure()

    values = sorted(uvloop.run(one()) for _ in range(times))
    return statistics.median(values), values[0], values[-1]


def table(title: str, rows: Sequence[tuple[str, str, str]], *, columns: tuple[str, str, str]) -> None:
    """Print what was measured as a Markdown table, with the machine."""
    print(f"\n## {title}\n\n{machine()}\n")
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def machine() -> str:
    """One line about where this ran."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else ():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    return f"{os.cpu_count()} x {model}, Python {platform.python_version()}, {platform.system()} {platform.release()}"
