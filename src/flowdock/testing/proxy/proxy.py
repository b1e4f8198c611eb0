"""The proxy itself: where it listens, and what it is told."""

import asyncio
import threading
from asyncio import StreamReader, StreamWriter
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from flowdock.testing.proxy.connection import Connection, End
from flowdock.testing.proxy.faults import Fault
from flowdock.testing.proxy.listener import Listener
from flowdock.testing.proxy.plan import Plan
from flowdock.testing.proxy.traffic import Traffic

PATIENCE_SECONDS = 30
SETTLING_SECONDS = 0.005
"""So long the loop takes at most to begin what it has accepted, and to let go of what was ended."""


class Proxy:
    """Passes on what comes for the server at `url`, but for the faults that it is given.

    It runs in a thread of its own, for synchronous and asynchronous programs alike, from `with` or `start` on. Every
    method may be called from any thread.

    Example:
        with Proxy(server.url) as proxy:
            flow = flowdock.connect(token=TOKEN, org="acme", flow="main", api_url=proxy.url)
            proxy.next(faults.cut(request=10), faults.drop_answer())
            flow.send("Hello")
            print(proxy.faults)
    """

    def __init__(self, url: str, *, plan: Plan | None = None) -> None:
        self._parts = urlsplit(url)
        self._listener = Listener(self._connected)
        self._traffic = Traffic(plan, refuse_for=self._listener.refuse_for)
        self._connections: set[asyncio.Task[None]] = set()
        self._ends: set[End] = set()
        self._loop: asyncio.AbstractEventLoop
        self._stopped: asyncio.Event
        self._thread: threading.Thread | None = None
        self.connections = 0
        """How many were made to it."""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Proxy {self.url} before {self._parts.netloc}, {self.plan}>"

    @property
    def url(self) -> str:
        """The address to give to a client in place of the server's."""
        return urlunsplit(self._parts._replace(netloc=f"127.0.0.1:{self._listener.port}"))

    @property
    def plan(self) -> Plan | None:
        """What goes wrong by chance with requests for which `next` has nothing; it may be set at any time."""
        return self._traffic.plan

    @plan.setter
    def plan(self, plan: Plan | None) -> None:
        self._traffic.plan = plan

    @property
    def faults(self) -> Counter[str]:
        """How often each kind of fault has happened."""
        return self._traffic.faults

    @property
    def requests(self) -> int:
        """How many have begun."""
        return self._traffic.requests

    @property
    def open_connections(self) -> int:
        """How many there are now."""
        return len(self._connections)

    def start(self) -> None:
        """Listen, on a free port of this machine."""
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(ready)), name="flowdock-proxy", daemon=True
        )
        self._thread.start()
        if not ready.wait(PATIENCE_SECONDS):
            raise TimeoutError(f"no proxy before {self._parts.netloc} after {PATIENCE_SECONDS} s")

    def stop(self) -> None:
        """End it and every connection."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join()
            self._thread = None

    def next(self, *faults: Fault | None) -> None:
        """What goes wrong with the next requests, one each, as they begin; with None nothing does."""
        self._traffic.next.extend(faults)

    def cut(self) -> None:
        """Reset every connection that is open."""
        self._do(self._cut)

    def pause(self) -> None:
        """Pass on nothing until `resume`, as when a laptop sleeps; nobody is told, and connections can be made."""
        self._do(self._traffic.flowing.clear)

    def resume(self) -> None:
        """Pass on again, beginning with what has come in the meantime."""
        self._do(self._traffic.flowing.set)

    def refuse(self) -> None:
        """Refuse new connections until `accept`; those that are open stay."""
        self._do(self._listener.refuse)

    def accept(self) -> None:
        """Accept new connections again."""
        self._do(self._listener.accept)

    def _do(self, act: Callable[[], Awaitable[None] | None]) -> None:
        async def done() -> None:
            if (rest := act()) is not None:
                await rest

        asyncio.run_coroutine_threadsafe(done(), self._loop).result(PATIENCE_SECONDS)

    def _cut(self) -> None:
        for end in self._ends:
            end.reset()

    async def _run(self, ready: threading.Event) -> None:
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        await self._listener.open()
        ready.set()
        await self._stopped.wait()
        await self._listener.end()
        await asyncio.sleep(SETTLING_SECONDS)
        tasks = tuple(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._cut()
        await asyncio.sleep(SETTLING_SECONDS)

    def _connected(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connections += 1
        client = End(reader, writer)
        self._ends.add(client)
        task = asyncio.ensure_future(self._serve(client))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, client: End) -> None:
        ends = [client]
        try:
            ends.append(End(*await asyncio.open_connection(self._parts.hostname, self._parts.port or 80)))
            self._ends.add(ends[1])
            await Connection(self._traffic, *ends).run()
        except (OSError, asyncio.CancelledError):
            # To a server that is away connections were refused; that much later only a reset can say so.
            for end in ends:
                end.reset()
        finally:
            self._ends.difference_update(ends)
