"""A real store with people and a flow in it, on which actions are performed as the server performs them."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flowdock.server.actions import founding, reading, sending
from flowdock.server.actions.answers import Encoded, Linked
from flowdock.server.actions.founding import Founded, Newcomer
from flowdock.server.app import open_store
from flowdock.server.domain.actors import Actor, Integration, Person
from flowdock.server.http.searching import searched
from flowdock.server.hub.hub import Heard, Hub
from flowdock.server.settings import Settings
from flowdock.server.store.sqlite.store import SqliteStore
from flowdock.server.store.store import REAL, Store
from flowdock.server.store.transaction import Transaction

Write = Callable[[Transaction], Any]

PEOPLE = tuple(Newcomer(nick, nick.title(), f"{nick}@example.com", None) for nick in ("alice", "bob", "carol"))
PLACE: dict[str, Any] = {"org": "acme", "flow": "main"}


ON_SQLITE = pytest.mark.parametrize("stage", ["sqlite"], indirect=True)
"""For what only the embedded database has: a file, one writer."""


class Told(NamedTuple):
    """An event as it was announced; its number is 0 when it was only whispered."""

    log_id: int
    number: int
    event: dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What an action gave back, and what was announced meanwhile."""

    result: Any
    told: list[Told]

    @property
    def kinds(self) -> list[str]:
        return [one.event["event"] for one in self.told]


class Listening(Hub):
    """A hub that also remembers what it was told. Nobody reads here."""

    def __init__(self) -> None:
        super().__init__(_nothing)
        self.heard: list[Told] = []

    def announce(self, appended: Iterable[Heard]) -> None:
        news = list(appended)
        self.heard += [Told(one.log_id, one.number, json.loads(one.frame)) for one in news]
        super().announce(news)


async def _nothing(log_id: int, number: int) -> list[Heard]:
    raise AssertionError((log_id, number))


class Stage:
    """`alice` administers, `bob` and `carol` are in the flow `acme/main`, `source` is an integration of it.

    With `founded`, folder and database are copies of those of a stage that had founded this.
    """

    def __init__(self, folder: Path, database_url: str | None = None, *, founded: Founded | None = None) -> None:
        self.folder = folder
        self._database_url = database_url
        self.hub = Listening()
        self.clock: Callable[[], int] = REAL.clock
        """Tells every transaction what moment it is, in milliseconds since 1970; a test may set another."""
        self._runner = asyncio.Runner()
        self._start()
        founded = founded or self.write(lambda tx: founding.found(tx, PEOPLE))
        self.founded = founded
        self.alice, self.bob, self.carol = (Person(user_id) for user_id in founded.user_ids)
        self.tokens, self.flow_token, self.flow_id = founded.tokens, founded.flow_token, founded.flow_id
        self.flow_log = self.row("SELECT log_id FROM flows")[0]
        self.source = Integration(self.row("SELECT id FROM sources")[0], self.flow_log)
        self.hub.heard.clear()

    def _start(self) -> None:
        async def opened() -> Store:
            settings = Settings(
                data=self.folder,
                public_url="http://flowdock.example",
                database_url=self._database_url,
                durable=False,
            )
            chance = replace(REAL, clock=self._moment)
            return open_store(settings, lambda group: self.hub.announce(group.appended), chance=chance)

        self.store = self._runner.run(opened())

    def _moment(self) -> int:
        return self.clock()

    @property
    def sqlite(self) -> SqliteStore:
        """The store, in a test that is about this one."""
        assert isinstance(self.store, SqliteStore)
        return self.store

    def close(self) -> None:
        self.store.close()
        self._runner.close()

    def restart(self) -> None:
        """Close the store and open it again."""
        self.store.close()
        self._start()

    def write(self, write: Write) -> Any:
        return self._runner.run(self.store.write(write))

    def read(self, read: Write) -> Any:
        return self._runner.run(self.store.read(read))

    def together(self, *writes: Write) -> list[Any]:
        """What each of these writes, which all wait when the writer becomes free, gave back or raised."""

        async def gathered() -> list[Any]:
            busy, release = threading.Event(), threading.Event()

            def occupy(_: Transaction) -> None:
                busy.set()
                assert release.wait(10)

            occupying = asyncio.ensure_future(self.store.write(occupy, about=PLACE["flow"]))
            await asyncio.to_thread(busy.wait, 10)
            waiting = [asyncio.ensure_future(self.store.write(write, about=PLACE["flow"])) for write in writes]
            await asyncio.sleep(0)
            release.set()
            await occupying
            return await asyncio.gather(*waiting, return_exceptions=True)

        return self._runner.run(gathered())

    def act(self, actor: Actor, action: Callable[..., Any], **arguments: Any) -> Done:
        """Perform an action that writes."""
        before = len(self.hub.heard)
        result = self.write(lambda tx: action(tx, actor, **arguments))
        return Done(plain(result), self.hub.heard[before:])

    def ask(self, actor: Actor, action: Callable[..., Any], **arguments: Any) -> Any:
        """The answer of an action that reads; a search brings the index up to date first, as the server does."""

        return plain(self._runner.run(searched(self.store, lambda tx: action(tx, actor, **arguments))))

    def send(self, content: str = "hello", *, by: Person | None = None, **more: Any) -> dict[str, Any]:
        """The message that is sent to the flow."""
        done = self.act(by or self.alice, sending.send_to_flow, **PLACE, event="message", content=content, **more)
        message: dict[str, Any] = done.result
        return message

    def show(self, id: int) -> dict[str, Any]:
        """A message of the flow."""
        message: dict[str, Any] = self.ask(self.alice, reading.show_message, **PLACE, id=id)
        return message

    def found(self, **conditions: Any) -> list[int]:
        """Ids of the messages of the flow that a list shows."""
        return [one["id"] for one in self.ask(self.alice, reading.list_messages, **PLACE, **conditions)]

    def row(self, sql: str, *values: Any) -> tuple[Any, ...]:
        """One row of the database."""
        row = self.read(lambda tx: tx.one(sql, values))
        assert isinstance(row, tuple)
        return row


def plain(result: Any) -> Any:
    """What an action gave back as plain JSON, where it is JSON."""
    if isinstance(result, Encoded):
        return json.loads(result.body)
    return result.content if isinstance(result, Linked) else result
