"""Processes that share a broker, as far as a broker knows: each has one, and notes what it hears."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from functools import wraps
from typing import ParamSpec, Self
from urllib.parse import urlsplit

import uvloop

from flowdock.server.hub.redis.broker import RedisBroker

PATIENCE_SECONDS = 20
P = ParamSpec("P")


def on_a_loop(test: Callable[P, Coroutine[object, object, None]]) -> Callable[P, None]:
    """A test that is a coroutine, for pytest, on the loop that servers have."""

    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        uvloop.run(test(*args, **kwargs))

    return run


async def until(done: Callable[[], bool]) -> None:
    """Return once something is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {PATIENCE_SECONDS} s for what never came")
        await asyncio.sleep(0.002)


class Neighbour:
    """A process; its lists have what its broker said, in order."""

    def __init__(self, broker: RedisBroker) -> None:
        self.broker = broker
        self.said: list[str] = []
        """By its first word: `deaf`, `listening`, `reached`, `whispered`, `credentials`."""
        self.numbers: list[tuple[int, int]] = []
        self.whispers: list[tuple[int, bytes]] = []
        self.listens_to: list[int] = []
        """Each log as often as it was told that it can be heard."""
        self.heard_now: set[int] = set()
        """What a process may rely on: named by `listening` since the last `deaf`."""

    def reached(self, log_id: int, number: int) -> None:
        self.said.append("reached")
        self.numbers.append((log_id, number))

    def whispered(self, log_id: int, frame: bytes) -> None:
        self.said.append("whispered")
        self.whispers.append((log_id, frame))

    def listening(self, log_ids: Sequence[int]) -> None:
        self.said.append("listening")
        self.listens_to += log_ids
        self.heard_now.update(log_ids)

    def deaf(self) -> None:
        self.said.append("deaf")
        self.heard_now.clear()

    def credentials_changed(self) -> None:
        self.said.append("credentials")

    async def follows(self, *log_ids: int) -> None:
        """Follow logs, and wait until they can be heard."""
        for log_id in log_ids:
            self.broker.follow(log_id)
        await until(lambda: self.broker.hears and self.heard_now.issuperset(log_ids))


@asynccontextmanager
async def living(url: str, *, silence_seconds: float = 5) -> AsyncGenerator[Neighbour]:
    """A process that runs until the end of the block; then it ends in good order."""
    neighbour = Neighbour(RedisBroker(url, silence_seconds=silence_seconds))
    async with running(neighbour):
        await until(lambda: neighbour.broker.hears)
        yield neighbour


@asynccontextmanager
async def running(neighbour: Neighbour) -> AsyncGenerator[None]:
    """The same, of which nobody knows whether it can reach its broker."""
    work = asyncio.create_task(neighbour.broker.run(neighbour))
    try:
        yield
    finally:
        work.cancel()
        ended, _ = await asyncio.wait({work}, timeout=PATIENCE_SECONDS)
        assert ended
        with suppress(asyncio.CancelledError):
            work.result()


class Cable:
    """The way from one process to the broker; it can be cut and mended."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url)
        self._ends: set[asyncio.StreamWriter] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._is_cut = False
        self._server: asyncio.Server

    @property
    def url(self) -> str:
        user, at, _ = self._address.netloc.rpartition("@")
        port: int = self._server.sockets[0].getsockname()[1]
        return self._address._replace(netloc=f"{user}{at}127.0.0.1:{port}").geturl()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        await asyncio.gather(*self._work)

    def cut(self) -> None:
        """Let nothing through."""
        self._is_cut = True
        for end in self._ends:
            end.close()

    def is_cut(self) -> bool:
        """Whether nothing goes through."""
        return self._is_cut

    def mend(self) -> None:
        """Let connections through that are made from now on."""
        self._is_cut = False

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._pass_on(reader, writer))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut():
            writer.close()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection(self._address.hostname, self._address.port)
        except OSError:
            writer.close()
            return
        self._ends |= {writer, there_writer}
        if self.is_cut():
            self.cut()
        await asyncio.gather(_pump(reader, there_writer), _pump(there_reader, writer))
        self._ends -= {writer, there_writer}


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while content := await source.read(65536):
            sink.write(content)
            await sink.drain()
    sink.close()
