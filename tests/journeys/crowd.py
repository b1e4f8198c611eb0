"""Many writers and readers on one thread, who talk to several processes and go to another one when theirs is gone.

What they do on the wire is all there is to them. A writer says again, under the same uuid, what was not acknowledged; a
reader resumes from its cursor.
"""

import asyncio
import json
import random
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from flowdock.protocol.stream import SseDecoder
from tests.journeys.talking import basic

LOST = (OSError, EOFError, ValueError, TimeoutError)
"""What a process that is killed, or cannot answer now, looks like to its clients."""
SECONDS = 15
"""How long an answer is waited for."""
PAUSE_SECONDS = 0.02


class Connection:
    """HTTP by hand, one request after another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, method: str, path: str, headers: dict[str, str], content: object = None) -> tuple[int, Any]:
        """The status of an answer, and its JSON."""
        status, told = await self.begin(method, path, headers, content)
        body = await self._reader.readexactly(int(told.get("content-length", 0)))
        return status, json.loads(body) if body else None

    async def begin(
        self, method: str, path: str, headers: dict[str, str], content: object = None
    ) -> tuple[int, dict[str, str]]:
        """The status of an answer and its headers; the body is still to be read."""
        body = b"" if content is None else json.dumps(content).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: flowdock.example", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers | {"Content-Type": "application/json"}).items()]
        self._writer.write("\r\n".join([*lines, "\r\n"]).encode() + body)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        status, *fields = head.splitlines()
        told = dict(field.lower().split(": ", 1) for field in fields if field)
        return int(status.split()[1]), told

    async def chunk(self) -> bytes:
        """The next piece of a body that has no end; nothing at its end all the same."""
        size = int(await self._reader.readuntil(b"\r\n"), 16)
        return (await self._reader.readexactly(size + 2))[:-2]


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Connection]:
    """A connection to a process."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        with suppress(*LOST):
            await writer.wait_closed()


class Writer:
    """Says something in one place after another, and now and then edits what it said last."""

    def __init__(self, name: str, token: str, places: Sequence[str], ports: Sequence[int], seed: int) -> None:
        self.acknowledged: dict[str, dict[str, int]] = defaultdict(dict)
        """By place: the ids of messages by their uuids."""
        self.edited: dict[tuple[str, str], str] = {}
        """The new content of each message that was edited, by place and uuid."""
        self.token = token
        self.stopping = False
        self._name, self._places, self._ports = name, places, ports
        self._headers = basic(token)
        self._chance = random.Random(seed)

    async def run(self) -> None:
        """Go on until told to stop, but leave nothing unacknowledged."""
        waiting: list[tuple[str, str, str, dict[str, str]]] = []
        number = 0
        while not self.stopping or waiting:
            with suppress(*LOST):
                async with connected(self._chance.choice(self._ports)) as connection:
                    while not self.stopping or waiting:
                        if not waiting:
                            number += 1
                            waiting = self._wanted(number)
                        async with asyncio.timeout(SECONDS):
                            await self._do(connection, *waiting[0])
                        waiting.pop(0)
            await asyncio.sleep(PAUSE_SECONDS)

    def _wanted(self, number: int) -> list[tuple[str, str, str, dict[str, str]]]:
        place, uuid = self._chance.choice(self._places), f"{self._name}-{number}"
        wanted = [("POST", place, "", {"event": "message", "content": f"message {uuid}", "uuid": uuid})]
        if number % 6 == 0:
            wanted.append(("PUT", place, uuid, {"content": f"edited {uuid}"}))
        return wanted

    async def _do(self, connection: Connection, method: str, place: str, uuid: str, content: dict[str, str]) -> None:
        path = f"{place}/messages/{self.acknowledged[place][uuid]}" if uuid else f"{place}/messages"
        status, told = await connection.ask(method, path, self._headers, content)
        if status >= 500:
            raise ConnectionError(status)
        assert status < 300, told
        if uuid:
            self.edited[place, uuid] = content["content"]
        else:
            self.acknowledged[place][content["uuid"]] = told["id"]


class Reader:
    """Follows a stream of server-sent events, now here and now there; each connection goes to another process.

    It goes on by itself after so many events, and whenever it is cut off.
    """

    def __init__(self, token: str, path: str, ports: Sequence[int], seed: int, *, moves_after: int) -> None:
        self.heard: dict[str, list[int]] = defaultdict(list)
        """By place, a flow's id or the two people of a conversation: the numbers of what happened there."""
        self.connections = 0
        self.following = asyncio.Event()
        self._headers, self._path, self._ports = basic(token), path, ports
        self._chance = random.Random(seed)
        self._moves_after = moves_after
        self._cursor = ""

    async def run(self) -> None:
        """Go on until cancelled."""
        at = self._chance.randrange(len(self._ports))
        while True:
            at += 1
            with suppress(*LOST):
                async with connected(self._ports[at % len(self._ports)]) as connection:
                    await self._follow(connection)
            await asyncio.sleep(PAUSE_SECONDS)

    async def _follow(self, connection: Connection) -> None:
        headers = self._headers | {"Accept": "text/event-stream"}
        if self._cursor:
            headers["Last-Event-ID"] = self._cursor
        async with asyncio.timeout(SECONDS):
            status, told = await connection.begin("GET", self._path, headers)
        if status >= 500:
            raise ConnectionError(status)
        assert status == 200, told
        self.connections += 1
        self._cursor = self._cursor or told["flowdock-cursor"]
        self.following.set()
        decoder, left = SseDecoder(), self._chance.randrange(1, 2 * self._moves_after)
        while left > 0 and (chunk := await connection.chunk()):
            for frame in decoder.decode(chunk):
                self._hear(frame.event)
                self._cursor = frame.cursor or self._cursor
                left -= 1

    def _hear(self, event: dict[str, Any]) -> None:
        place = event.get("flow") or "-".join(sorted((str(event.get("user")), str(event.get("to")))))
        self.heard[place].append(event["id"])


class Crowd:
    """All of them, on a thread of their own; whatever goes wrong with one of them is raised by `check`."""

    def __init__(self, readers: Sequence[Reader], writers: Sequence[Writer]) -> None:
        self.readers = readers
        self.writers = writers
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._reading: list[asyncio.Task[None]] = []
        self._writing: list[asyncio.Task[None]] = []

    def __enter__(self) -> Self:
        """Begin to read, and to write once everybody reads."""
        self._thread.start()
        self._do(self._begin())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def said(self) -> int:
        """How many messages were acknowledged so far."""
        return sum(len(ids) for writer in self.writers for ids in list(writer.acknowledged.values()))

    def has_said(self, count: int) -> bool:
        """Whether so many messages were acknowledged."""
        self.check()
        return self.said >= count

    def check(self) -> None:
        """Raise what went wrong so far."""
        for task in [*self._reading, *self._writing]:
            if task.done():
                task.result()

    def fall_silent(self) -> None:
        """Return once everything is acknowledged that was begun."""
        for writer in self.writers:
            writer.stopping = True
        self._do(self._written())
        self.check()

    def have_heard(self, ends: Mapping[str, int]) -> bool:
        """Whether every reader came to the last of these numbers in each of the places that it listens to."""
        self.check()
        return all(
            not numbers or numbers[-1] >= ends.get(place, 0)
            for reader in self.readers
            for place, numbers in list(reader.heard.items())
        )

    async def _begin(self) -> None:
        self._reading = [asyncio.create_task(reader.run()) for reader in self.readers]
        async with asyncio.timeout(SECONDS):
            await asyncio.gather(*(reader.following.wait() for reader in self.readers))
        self._writing = [asyncio.create_task(writer.run()) for writer in self.writers]

    async def _written(self) -> None:
        await asyncio.wait(self._writing, timeout=4 * SECONDS)

    async def _end(self) -> None:
        tasks = [*self._reading, *self._writing]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _do(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10 * SECONDS)
