"""Writes on PostgreSQL: together where they are about one thing, side by side where they are not."""

import asyncio
import logging
import threading
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowdock.server.actions import sending, setting_up
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.groups import GROUP_LIMIT
from flowdock.server.store.postgres.store import WRITER_THREADS
from flowdock.server.store.transaction import NotFound, Transaction
from tests.server.stage import Stage, Write, plain
from tests.server.store.postgres.stores import SECONDS, Stores
from tests.server.store.test_writer import (
    Trouble,
    break_a_rule_of_the_database,
    fail,
    find_nothing,
    numbers_in_log,
    refuse,
    say,
)

ON_POSTGRES = pytest.mark.parametrize("stage", ["postgresql"], indirect=True)


def transactions_of(stage: Stage, numbers: list[int]) -> int:
    """In how many transactions these events of the flow were stored."""
    low, high = (stage.flow_log << 32) + min(numbers), (stage.flow_log << 32) + max(numbers)
    [count] = stage.row("SELECT count(DISTINCT xmin::text) FROM events WHERE key BETWEEN ? AND ?", low, high)
    return int(count)


def numbers_of(outcomes: list[Any]) -> list[int]:
    return [outcome["id"] for outcome in outcomes if isinstance(outcome, dict)]


@ON_POSTGRES
def test_writes_that_wait_are_committed_at_once(stage: Stage) -> None:
    sent = numbers_of(stage.together(*[say(stage, str(number)) for number in range(20)]))
    assert sent == list(range(sent[0], sent[0] + 20))
    assert transactions_of(stage, sent) == 1


@ON_POSTGRES
def test_a_group_has_its_limit(stage: Stage) -> None:
    sent = numbers_of(stage.together(*[say(stage, "x") for _ in range(2 * GROUP_LIMIT)]))
    assert transactions_of(stage, sent) == 2


def spoil_the_pipeline(tx: Transaction) -> None:
    """Break a rule with a statement whose answer nobody waits for."""
    tx.execute("INSERT INTO tags (tag, key) VALUES ('x', 1)")
    tx.execute("INSERT INTO tags (tag, key) VALUES ('x', 1)")


def exceed_a_limit_of_the_database(tx: Transaction) -> None:
    """Ask for an entry of an index that no page can hold."""
    noise = tx.entropy(30_000).hex()
    tx.execute("INSERT INTO tags (tag, key) VALUES (?, 2)", (noise,))


TROUBLES = [
    refuse,
    fail,
    break_a_rule_of_the_database,
    find_nothing,
    spoil_the_pipeline,
    exceed_a_limit_of_the_database,
]


@ON_POSTGRES
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_write_that_fails_after_it_wrote_does_not_undo_its_neighbours(
    stage: Stage, caplog: pytest.LogCaptureFixture, trouble: Any
) -> None:
    caplog.set_level(logging.CRITICAL, "flowdock.store")
    first = stage.send()["id"]

    before, failed, after = stage.together(say(stage, "before"), say(stage, "lost", trouble), say(stage, "after"))

    assert isinstance(failed, Refusal | Trouble | psycopg.Error | NotFound)
    assert [before["id"], after["id"]] == [first + 1, first + 2]
    assert numbers_in_log(stage) == list(range(1, first + 3))
    assert [one.event["content"] for one in stage.hub.heard] == ["hello", "before", "after"]
    assert stage.found(search="lost") == []


@ON_POSTGRES
def test_a_write_that_fails_before_it_wrote_costs_its_neighbours_nothing(stage: Stage) -> None:
    outcomes = stage.together(say(stage, "before"), refuse, say(stage, "after"))
    assert isinstance(outcomes[1], Refusal)
    assert transactions_of(stage, numbers_of(outcomes)) == 1


@ON_POSTGRES
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(st.none() | st.none() | st.sampled_from(TROUBLES), min_size=1, max_size=70))
def test_whatever_fails_everything_else_is_stored_in_order_and_numbers_have_no_holes(
    stage: Stage, caplog: pytest.LogCaptureFixture, plan: list[Any]
) -> None:
    caplog.set_level(logging.CRITICAL, "flowdock.store")
    stage.hub.heard.clear()
    first = stage.send()["id"]

    outcomes = stage.together(*[say(stage, str(at), trouble) for at, trouble in enumerate(plan)])

    stored = [outcome["content"] for outcome in outcomes if isinstance(outcome, dict)]
    assert stored == [str(at) for at, trouble in enumerate(plan) if trouble is None]
    assert [one.event["content"] for one in stage.hub.heard] == ["hello", *stored]
    assert [one.number for one in stage.hub.heard] == list(range(first, first + len(stored) + 1))
    assert numbers_in_log(stage) == list(range(1, first + len(stored) + 1))


def another_flow(stores: Stores, name: str) -> Write:
    """A write that says something in a new flow."""
    stores.write(lambda tx: setting_up.create_flow(tx, org="acme", name=name, creator=stores.alice.user_id))
    return lambda tx: plain(
        sending.send_to_flow(tx, stores.alice, org="acme", flow=name, event="message", content="hello")
    )


def test_a_write_waits_for_nobody_who_writes_about_something_else(stores: Stores) -> None:
    elsewhere = another_flow(stores, "elsewhere")
    with stores.held(stores.say()) as outcome:
        said = stores.run(lambda: stores.all[0].write(elsewhere, about="elsewhere"))
        assert said["content"] == "hello"
    assert outcome()["content"] == "hello"


def test_one_flow_never_has_more_than_one_thread(stores: Stores) -> None:
    """Else a flow in which much is said would keep all the others waiting."""
    elsewhere = another_flow(stores, "elsewhere")
    with stores.held(stores.say("first")):
        waiting = [stores.start(stores.say(str(number))) for number in range(3 * WRITER_THREADS)]
        stores.run(lambda: stores.all[0].write(elsewhere, about="elsewhere"))
    assert [stores.outcome(one)["content"] for one in waiting] == [str(at) for at in range(3 * WRITER_THREADS)]
    assert stores.contents() == ["first", *(str(at) for at in range(3 * WRITER_THREADS))]


def test_more_lanes_than_threads_all_come_to_an_end(stores: Stores) -> None:
    gate = threading.Event()

    def waits(tx: Transaction) -> int:
        assert gate.wait(SECONDS)
        return tx.now

    async def many() -> list[Any]:
        asked = [stores.all[0].write(waits, about=number) for number in range(5 * WRITER_THREADS)]
        asyncio.get_running_loop().call_later(0.05, gate.set)
        return await asyncio.wait_for(asyncio.gather(*asked), SECONDS)

    assert len(stores.run(many)) == 5 * WRITER_THREADS


def test_one_flow_by_two_names_has_one_order(stores: Stores) -> None:
    """Its names and its id lead to lanes of their own, in each process."""
    flow_id = stores.founded.flow_id

    def by_id(tx: Transaction) -> Any:
        return plain(sending.send(tx, stores.bob, flow=flow_id, event="message", content="by id"))

    async def all_at_once() -> list[Any]:
        asked = []
        for at in range(60):
            store = stores.all[at % 2]
            write, about = [(stores.say("by names"), "acme/main"), (by_id, flow_id)][at % 3 == 0]
            asked.append(store.write(write, about=about))
        return await asyncio.gather(*asked)

    sent = stores.run(all_at_once)
    assert sorted(message["id"] for message in sent) == stores.numbers()[-60:]
    assert stores.numbers() == list(range(1, len(stores.numbers()) + 1))
    by_number = sorted(sent, key=lambda message: message["id"])
    moments = [message["sent"] for message in by_number]
    assert moments == sorted(moments), "a moment falls while the numbers rise"


def test_many_flows_are_written_together_when_there_are_more_than_threads(stores: Stores) -> None:
    names = [f"f{number}" for number in range(8 * WRITER_THREADS)]
    writes = {name: another_flow(stores, name) for name in names}
    gate = threading.Event()

    def occupy(_: Transaction) -> None:
        assert gate.wait(SECONDS)

    async def all_at_once() -> list[Any]:
        first, second = stores.all
        # So that it is known where each of them writes to.
        await asyncio.gather(*(store.write(writes[name], about=name) for store in stores.all for name in names))
        busy = [asyncio.ensure_future(store.write(occupy)) for store in stores.all for _ in range(WRITER_THREADS)]
        await asyncio.sleep(0)
        asked = [first.write(writes[name], about=name) for name in names]
        asked += [second.write(writes[name], about=name) for name in reversed(names)]
        waiting = [asyncio.ensure_future(one) for one in asked]
        await asyncio.sleep(0)
        gate.set()
        await asyncio.gather(*busy)
        return await asyncio.gather(*waiting, return_exceptions=True)

    outcomes = stores.run(all_at_once)

    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    by_flow: dict[str, list[int]] = {}
    for outcome in outcomes:
        by_flow.setdefault(outcome["flow"], []).append(outcome["id"])
    assert [max(numbers) - min(numbers) for numbers in by_flow.values()] == [1] * len(names)
    [[transactions, events]] = stores.read(lambda tx: tx.rows(OF_THE_NEWEST))
    assert events == len(names) + 1
    assert transactions < events * 3 / 4


OF_THE_NEWEST = """
SELECT count(DISTINCT xmin::text), count(*) FROM events
WHERE key IN (SELECT max(key) FROM events WHERE key >> 32 IN (SELECT log_id FROM flows) GROUP BY key >> 32)
"""
"""Of the newest event of each flow: in how many transactions they were stored, and how many there are."""
