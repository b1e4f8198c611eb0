"""Carrying what is due, on something small: rows of the outbox, which the test's own hands carry."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from flowdock.server.app import open_store
from flowdock.server.couriers.courier import LEASE, Courier
from flowdock.server.settings import Settings
from flowdock.server.store.store import Chance, Store
from flowdock.server.store.transaction import Transaction


class Clock:
    moment = 1_600_000_000_000

    def __call__(self) -> int:
        return self.moment


def put(tx: Transaction, *recipients: str, due: int = 0) -> None:
    tx.execute_each(
        "INSERT INTO outbox (kind, recipient, subject, body, message_id, created_at, next_attempt_at)"
        " VALUES ('test', ?, '', '', '', ?, ?)",
        [(recipient, tx.now, due) for recipient in recipients],
    )


def is_due(tx: Transaction) -> bool:
    return tx.one("SELECT 1 FROM outbox WHERE next_attempt_at <= ?", (tx.now,)) is not None


def take(tx: Transaction, most: int) -> list[str]:
    rows = tx.rows("SELECT id, recipient FROM outbox WHERE next_attempt_at <= ? ORDER BY id LIMIT ?", (tx.now, most))
    for row_id, _ in rows:
        tx.execute("UPDATE outbox SET next_attempt_at = ? WHERE id = ?", (tx.now + LEASE, row_id))
    return [recipient for _, recipient in rows]


class Tour:
    """A courier at work in a store, and what it has carried."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._news = asyncio.Event()
        self.clock = Clock()
        self.carried: list[str] = []
        self.under_way = 0
        self.most_under_way = 0

    async def carry(self, load: str) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(0)
            if load == "too heavy":
                raise RuntimeError(load)
            self.carried.append(load)
            self._news.set()
        finally:
            self.under_way -= 1

    def courier(self, store: Store, at_once: int) -> Courier[str]:
        return Courier(store, is_due=is_due, take=take, carry=self.carry, at_once=at_once)

    async def has_carried(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.carried) < count:
                self._news.clear()
                await self._news.wait()

    def go(self, during: Callable[[Store, Courier[str]], Awaitable[None]], *, at_once: int = 4) -> None:
        async def run() -> None:
            settings = Settings(data=self._folder, public_url="http://flowdock.example", durable=False)
            store = open_store(settings, chance=Chance(clock=self.clock))
            courier = self.courier(store, at_once)
            working = asyncio.create_task(courier.run())
            try:
                await during(store, courier)
            finally:
                working.cancel()
                await asyncio.gather(working, return_exceptions=True)
                store.close()

        asyncio.run(run())


@pytest.fixture
def tour(tmp_path: Path) -> Tour:
    return Tour(tmp_path)


def test_what_is_due_is_carried_and_nothing_else(tour: Tour) -> None:
    async def during(store: Store, courier: Courier[str]) -> None:
        await store.write(lambda tx: put(tx, "now"))
        await store.write(lambda tx: put(tx, "later", due=tx.now + 1))
        courier.wake()
        await tour.has_carried(1)
        await store.write(lambda tx: put(tx, "also now"))
        courier.wake()
        await tour.has_carried(2)

    tour.go(during)
    assert tour.carried == ["now", "also now"]


def test_what_becomes_due_is_found_without_being_told(tour: Tour) -> None:
    async def during(store: Store, courier: Courier[str]) -> None:
        await store.write(lambda tx: put(tx, "later", due=tx.now + 1000))
        tour.clock.moment += 1000
        await tour.has_carried(1)

    tour.go(during)


def test_what_could_not_be_carried_comes_up_again_and_holds_up_nothing(
    tour: Tour, caplog: pytest.LogCaptureFixture
) -> None:
    async def during(store: Store, courier: Courier[str]) -> None:
        await store.write(lambda tx: put(tx, "too heavy", "light"))
        courier.wake()
        await tour.has_carried(1)
        await store.write(lambda tx: tx.execute("UPDATE outbox SET recipient = 'lighter' WHERE recipient <> 'light'"))
        tour.clock.moment += LEASE - 1
        await store.write(lambda tx: put(tx, "next"))
        courier.wake()
        await tour.has_carried(2)
        tour.clock.moment += 1
        courier.wake()
        await tour.has_carried(4)

    tour.go(during)
    assert tour.carried == ["light", "next", "lighter", "light"]
    assert "'too heavy' could not be carried" in caplog.text


def test_no_more_than_some_are_under_way_at_once(tour: Tour) -> None:
    async def during(store: Store, courier: Courier[str]) -> None:
        await store.write(lambda tx: put(tx, *map(str, range(10))))
        courier.wake()
        await tour.has_carried(10)

    tour.go(during, at_once=2)
    assert tour.carried == [str(number) for number in range(10)]
    assert tour.most_under_way == 2
