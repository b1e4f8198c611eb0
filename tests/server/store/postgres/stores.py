"""Several stores on one database, as several processes have them, on one event loop."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import psycopg

from flowdock.server.actions import founding, sending, streaming
from flowdock.server.actions.founding import Founded
from flowdock.server.app import open_store
from flowdock.server.domain.actors import Person
from flowdock.server.http.searching import searched
from flowdock.server.settings import Settings
from flowdock.server.store.groups import Committed
from flowdock.server.store.postgres.store import PostgresStore
from flowdock.server.store.transaction import Transaction
from tests.server.stage import PEOPLE, PLACE, Write, plain
from tests.services.processes import until

Result = TypeVar("Result")

SECONDS = 20
"""After which a test gives up waiting."""


class Stores:
    """Two stores, or more; `alice`, `bob` and `carol` are in the flow `acme/main`, whose log is `flow_log`."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.told: list[Committed] = []
        """What any of them announced."""
        self.all: list[PostgresStore] = []
        self._folder = folder
        self._runner = asyncio.Runner()
        self.open()
        self.open()
        self.founded: Founded = self.write(lambda tx: founding.found(tx, PEOPLE))
        self.alice, self.bob, self.carol = (Person(user_id) for user_id in self.founded.user_ids)
        [self.flow_log] = self.read(lambda tx: tx.rows("SELECT log_id FROM flows"))[0]
        self.told.clear()

    def open(self, url: str | None = None) -> PostgresStore:
        """One store more; at the address of the database unless another is given."""

        async def opened() -> PostgresStore:
            settings = Settings(
                data=self._folder, public_url="http://flowdock.example", database_url=url or self.url, durable=False
            )
            store = open_store(settings, self.told.append)
            assert isinstance(store, PostgresStore)
            return store

        self.all.append(self._runner.run(opened()))
        return self.all[-1]

    def close(self) -> None:
        """Close what is open."""
        for store in self.all:
            store.close()
        self._runner.close()

    def reopen(self) -> None:
        """Close the stores and open others in their place, with connections that are new."""
        before, self.all = self.all, []
        for store in before:
            store.close()
            self.open()

    def run(self, work: Callable[[], Awaitable[Result]]) -> Result:
        """The result of some work on the event loop."""

        async def working() -> Result:
            return await work()

        return self._runner.run(working())

    def write(self, write: Write, *, at: int = 0) -> Any:
        """The result of a write on one of the stores."""
        return self.run(lambda: self.all[at].write(write, about=PLACE["flow"]))

    def read(self, read: Write, *, at: int = 0) -> Any:
        """The result of a read on one of the stores."""
        return self.run(lambda: self.all[at].read(read))

    def search(self, read: Write, *, at: int = 0) -> Any:
        """The result of a search on one of the stores."""
        return plain(self.run(lambda: searched(self.all[at], read)))

    def at_once(self, *writes: Write) -> list[Any]:
        """What these writes, each on the next store, gave back or raised."""

        async def together() -> list[Any]:
            asked = [self.all[at % len(self.all)].write(write) for at, write in enumerate(writes)]
            return await asyncio.gather(*asked, return_exceptions=True)

        return self.run(together)

    def overlapping(self, first: Write, second: Write) -> tuple[Any, Any]:
        """What two writes gave back or raised, of which the first commits only when the second waits for it."""
        with self.held(first) as outcome:
            waiting = self.start(second, at=1)
            until(self.somebody_waits, "the second write waits for the first")
        return outcome(), self.outcome(waiting)

    @contextmanager
    def held(self, write: Write, *, at: int = 0) -> Iterator[Callable[[], Any]]:
        """A write that has done everything but commit, which it does afterwards; what tells its outcome then."""
        did, commit = threading.Event(), threading.Event()

        def hold(tx: Transaction) -> Any:
            result = write(tx)
            tx.one("SELECT 1")  # what was sent ahead has arrived by now
            did.set()
            assert commit.wait(SECONDS)
            tx.one("SELECT 1")  # so that a connection that was lost meanwhile shows here, and not at the commit
            return result

        holding = self.start(hold, at=at)
        try:
            assert did.wait(SECONDS)
            yield lambda: self.outcome(holding)
        finally:
            commit.set()

    def start(self, write: Write, *, at: int = 0) -> "asyncio.Future[Any]":
        """A write on its way."""

        async def started() -> "asyncio.Future[Any]":
            waiting = asyncio.ensure_future(self.all[at].write(write, about=PLACE["flow"]))
            await asyncio.sleep(0)
            return waiting

        return self._runner.run(started())

    def outcome(self, waiting: "asyncio.Future[Any]") -> Any:
        """What a write gave back or raised."""

        async def gathered() -> Any:
            [outcome] = await asyncio.wait_for(asyncio.gather(waiting, return_exceptions=True), SECONDS)
            return outcome

        return self._runner.run(gathered())

    def somebody_waits(self) -> bool:
        """Whether a transaction waits for another one's lock."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            query = (
                "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' LIMIT 1"
            )
            return connection.execute(query).fetchone() is not None

    def say(self, content: str = "hello", *, by: Person | None = None, **more: Any) -> Write:
        """A write that sends a message to the flow."""
        return lambda tx: plain(
            sending.send_to_flow(tx, by or self.alice, **PLACE, event="message", content=content, **more)
        )

    def numbers(self) -> list[int]:
        """The numbers of everything that happened in the flow."""
        return [one.number for one in self.read(lambda tx: streaming.replay(tx, self.flow_log, 0, limit=10_000))]

    def contents(self) -> list[Any]:
        """What people said in the flow, in order."""
        told = self.read(lambda tx: streaming.replay(tx, self.flow_log, 0, limit=10_000))
        events = [msgspec.json.decode(one.frame) for one in told]
        return [event["content"] for event in events if event["event"] == "message" and event["user"] != "0"]
