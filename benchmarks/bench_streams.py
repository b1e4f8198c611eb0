"""Streams: how long a message takes to its reader, to the last of many readers, and what an open stream costs.

python -m benchmarks.bench_streams [readers]
"""

import asyncio
import resource
import statistics
import sys
import time

import uvloop

from benchmarks import harness

ROUNDS = 30
LATENCY_ROUNDS = 500


class Listener(asyncio.Protocol):
    """A raw reader of one stream: notes when the last bytes of an event came."""

    def __init__(self, content: bytes, heard: "Heard") -> None:
        self._content = content
        self._heard = heard
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the stream."""
        transport.write(self._content)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Count an event."""
        if not self.ready.done():
            self.ready.set_result(None)
        if b"data: " in data:
            self._heard.count()


class Heard:
    """Counts what all listeners of a round have heard."""

    def __init__(self) -> None:
        self.missing = 0
        self.all: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def expect(self, listeners: int) -> None:
        """Begin a round."""
        self.missing = listeners
        self.all = asyncio.get_running_loop().create_future()

    def count(self) -> None:
        """One listener has it."""
        self.missing -= 1
        if self.missing == 0:
            self.all.set_result(time.perf_counter())


class Sender(asyncio.Protocol):
    """One keep-alive connection that sends when told."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep it."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """The answer is of no interest here."""


async def measured(server: harness.Running, readers: int) -> tuple[list[float], float]:
    """Milliseconds to the last reader of each round, and KiB of the server's memory for each stream."""
    loop = asyncio.get_running_loop()
    heard = Heard()
    stream = harness.request("GET", "/stream/flows/acme/main", server.second_token).replace(
        b"\r\n\r\n", b"\r\nAccept: text/event-stream\r\n\r\n"
    )
    before = server.rss_mib()
    for _ in range(readers):
        _, listener = await loop.create_connection(lambda: Listener(stream, heard), "127.0.0.1", server.port)
        await listener.ready
    memory = (server.rss_mib() - before) * 1024 / readers
    _, sender = await loop.create_connection(Sender, "127.0.0.1", server.port)
    content = harness.request("POST", "/flows/acme/main/messages", server.token, harness.BODY)
    times = []
    for _ in range(ROUNDS if readers > 1 else LATENCY_ROUNDS):
        heard.expect(readers)
        begun = time.perf_counter()
        sender.transport.write(content)
        times.append((await heard.all - begun) * 1000)
        await asyncio.sleep(0.02 if readers > 1 else 0.002)
    return times, memory


def main() -> None:
    """Measure and print."""
    readers = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard > 0 else soft, hard))
    rows = []
    with harness.served() as server:
        idle = server.rss_mib()
        times, _ = uvloop.run(measured(server, 1))
        times.sort()
        p50, p99 = statistics.median(times), times[int(len(times) * 0.99)]
        rows.append(("send to received, 1 reader", f"p50 {p50:.2f} ms", f"p99 {p99:.2f} ms"))
    with harness.served() as server:
        times, memory = uvloop.run(measured(server, readers))
        rows.append(
            (
                f"1 message to {readers:,} readers, the last has it",
                f"{statistics.median(times):.1f} ms",
                f"{min(times):.1f} to {max(times):.1f} ms",
            )
        )
        rows.append(
            (f"memory for each of {readers:,} open streams", f"{memory:.1f} KiB", f"idle server {idle:.0f} MiB")
        )
    harness.table("Streams (server-sent events)", rows, columns=("what", "median", "spread"))


if __name__ == "__main__":
    main()
