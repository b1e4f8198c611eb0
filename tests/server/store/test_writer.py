import logging
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flowdock.server.actions import sending, streaming
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.groups import GROUP_LIMIT
from flowdock.server.store.transaction import Appended, NotFound, Transaction
from tests.server.stage import ON_SQLITE, PLACE, Stage, Write, plain

pytestmark = ON_SQLITE


class Trouble(Exception):
    """Something nobody planned for."""


def say(stage: Stage, content: str, then: Callable[[Transaction], None] | None = None) -> Write:
    """A write that sends a message and may then go wrong."""

    def write(tx: Transaction) -> Any:
        result = sending.send_to_flow(tx, stage.alice, **PLACE, event="message", content=content)
        if then is not None:
            then(tx)
        return plain(result)

    return write


def refuse(_: Transaction) -> None:
    raise Refusal(400, "no")


def fail(_: Transaction) -> None:
    raise Trouble


def break_a_rule_of_the_database(tx: Transaction) -> None:
    tx.execute("INSERT INTO organizations (parameterized_name, name, created_at) VALUES ('acme', 'x', 0)")


def find_nothing(_: Transaction) -> None:
    raise NotFound


def statements(stage: Stage) -> list[str]:
    """What the writer says to the database from now on."""
    said: list[str] = []
    stage.sqlite._writing.set_trace_callback(said.append)
    return said


def numbers_in_log(stage: Stage) -> list[int]:
    return [one.number for one in stage.read(lambda tx: streaming.replay(tx, stage.flow_log, 0, limit=10_000))]


def test_writes_that_wait_are_committed_at_once(stage: Stage) -> None:
    said = statements(stage)
    results = stage.together(*[say(stage, str(number)) for number in range(20)])
    assert [result["content"] for result in results] == [str(number) for number in range(20)]
    assert [result["id"] for result in results] == list(range(results[0]["id"], results[0]["id"] + 20))
    assert said.count("COMMIT") == 2  # of the one that kept the writer busy, and of all the others


def test_a_group_has_its_limit(stage: Stage) -> None:
    said = statements(stage)
    stage.together(*[say(stage, "x") for _ in range(2 * GROUP_LIMIT)])
    assert said.count("COMMIT") == 3


@pytest.mark.parametrize("trouble", [refuse, fail, break_a_rule_of_the_database, find_nothing])
def test_a_write_that_fails_after_it_wrote_does_not_undo_its_neighbours(
    stage: Stage, caplog: pytest.LogCaptureFixture, trouble: Callable[[Transaction], None]
) -> None:
    caplog.set_level(logging.CRITICAL, "flowdock.store")
    first = stage.send()["id"]

    before, failed, after = stage.together(say(stage, "before"), say(stage, "lost", trouble), say(stage, "after"))

    assert isinstance(failed, Refusal | Trouble | sqlite3.IntegrityError | NotFound)
    assert [before["id"], after["id"]] == [first + 1, first + 2]
    assert numbers_in_log(stage) == list(range(1, first + 3))
    assert [one.event["content"] for one in stage.hub.heard] == ["hello", "before", "after"]
    assert stage.found(search="lost") == []


def test_a_write_that_fails_before_it_wrote_costs_its_neighbours_nothing(stage: Stage) -> None:
    said = statements(stage)
    outcomes = stage.together(say(stage, "before"), refuse, say(stage, "after"))
    assert isinstance(outcomes[1], Refusal)
    assert said.count("COMMIT") == 2
    assert not any("SAVEPOINT" in statement for statement in said)


def test_what_a_failed_write_whispered_is_not_heard(stage: Stage) -> None:
    def whisper_and_fail(tx: Transaction) -> None:
        tx.appended.append(Appended(stage.flow_log, 0, b'{"event": "activity.user"}'))
        raise Refusal(400, "no")

    stage.together(say(stage, "before"), whisper_and_fail)
    assert [one.event["event"] for one in stage.hub.heard] == ["message"]


def test_only_troubles_that_nobody_planned_for_are_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.together(say(stage, "x", refuse), find_nothing)
    assert caplog.records == []
    stage.together(fail)
    assert [record.message for record in caplog.records] == ["a write failed"]


troubles = st.sampled_from([None, None, None, refuse, fail, break_a_rule_of_the_database, find_nothing])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(troubles, min_size=1, max_size=70))
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


def test_moments_never_fall_while_numbers_rise(stage: Stage) -> None:
    sent = stage.send()["sent"]
    stage.sqlite._last_moment = sent + 60_000
    assert stage.send()["sent"] == sent + 60_000
