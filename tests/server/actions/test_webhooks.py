"""Webhooks as their admins meet them, and what is told to them when; the requests are in `tests/server/couriers`."""

import json
from functools import partial
from typing import Any

import pytest

from flowdock.server.actions import delivering, editing, sealing, sending, webhooks
from flowdock.server.actions.delivering import Attempt, Outcome
from flowdock.server.domain.patience import ATTEMPTS
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store.transaction import NotFound
from tests.server.stage import ON_SQLITE, PLACE, Stage

URL = "https://receiver.example/flowdock"
LEASE = 1000
DAY = 86_400_000


def create(stage: Stage, **given: Any) -> dict[str, Any]:
    made: dict[str, Any] = stage.act(stage.alice, webhooks.create_webhook, **PLACE, **{"url": URL, **given}).result
    return made


def update(stage: Stage, webhook: dict[str, Any], **given: Any) -> dict[str, Any]:
    changed: dict[str, Any] = stage.act(stage.alice, webhooks.update_webhook, **PLACE, id=webhook["id"], **given).result
    return changed


def shown(stage: Stage, webhook: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = stage.ask(stage.alice, webhooks.show_webhook, **PLACE, id=webhook["id"])
    return found


def log_of(stage: Stage, webhook: dict[str, Any], **wanted: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.ask(stage.alice, webhooks.list_deliveries, **PLACE, id=webhook["id"], **wanted)
    return found


def take(stage: Stage, *, most: int = 10) -> list[int]:
    taken: list[int] = list(stage.write(lambda tx: delivering.take(tx, most=most, lease=LEASE)))
    return taken


def attempt_of(stage: Stage, webhook: dict[str, Any]) -> Attempt | None:
    attempt: Attempt | None = stage.read(lambda tx: delivering.next_attempt(tx, webhook["id"]))
    return attempt


def settled(stage: Stage, webhook: dict[str, Any], outcome: Outcome) -> Attempt:
    """The next attempt, of which this came."""
    attempt = attempt_of(stage, webhook)
    assert attempt is not None
    stage.write(lambda tx: delivering.settle(tx, attempt, outcome, lease=LEASE))
    return attempt


def told(stage: Stage, webhook: dict[str, Any]) -> list[tuple[str, int]]:
    """What it is told now, each thing answered with 200, as (kind, number)."""
    take(stage)
    found = []
    while (attempt := attempt_of(stage, webhook)) is not None:
        if attempt.body:
            settled(stage, webhook, Outcome(status=200))
            found.append((attempt.delivery.event, attempt.delivery.number))
        else:
            stage.write(partial(delivering.let_go, attempt=attempt))
    stage.write(lambda tx: delivering.give_back(tx, webhook["id"]))
    return found


# Made, changed, removed


def test_a_new_webhook_tells_its_secret_once(stage: Stage) -> None:
    made = create(stage, events="message, tag-change")
    assert len(made.pop("secret")) == 64
    assert (
        shown(stage, made)
        == made
        == {
            "id": made["id"],
            "url": URL,
            "events": ["message", "tag-change"],
            "active": True,
            "created_at": made["created_at"],
            "creator": made["creator"],
            "waiting": 0,
            "failed": 0,
        }
    )
    assert made["creator"]["nick"] == "alice"
    assert stage.ask(stage.alice, webhooks.list_webhooks, **PLACE) == [made]


def test_a_secret_cannot_be_read_from_the_database(stage: Stage) -> None:
    create(stage, secret="correct horse")
    [sealed] = stage.row("SELECT secret FROM webhooks")
    assert b"correct horse" not in bytes(sealed)
    assert stage.read(lambda tx: sealing.opened(tx.site, bytes(sealed))) == "correct horse"


def test_a_secret_that_another_site_sealed_is_not_read(stage: Stage) -> None:
    create(stage)
    stage.write(lambda tx: tx.execute("UPDATE webhooks SET secret = ?", (b"e30..x.y.z",)))
    stage.send()
    take(stage)
    [webhook] = stage.ask(stage.alice, webhooks.list_webhooks, **PLACE)
    attempt = attempt_of(stage, webhook)
    assert attempt is not None
    assert attempt.secret is None


def test_a_webhook_is_changed_in_what_is_given_alone(stage: Stage) -> None:
    made = create(stage, events=["message"], secret="first")
    assert update(stage, made, url=f"{URL}/2") == shown(stage, made) | {"url": f"{URL}/2"}
    assert update(stage, made, secret="second")["secret"] == "second"
    assert len(update(stage, made, secret="")["secret"]) == 64
    assert update(stage, made, events="")["events"] == []


def test_a_removed_webhook_is_gone_with_all_that_waited(stage: Stage) -> None:
    made = create(stage)
    stage.send()
    take(stage)
    stage.act(stage.alice, webhooks.remove_webhook, **PLACE, id=made["id"])
    assert attempt_of(stage, made) is None
    assert stage.row("SELECT COUNT(*) FROM deliveries") == (0,)
    with pytest.raises(NotFound):
        shown(stage, made)


def test_one_that_is_removed_while_it_is_told_something_stays_removed(stage: Stage) -> None:
    made = create(stage)
    stage.send()
    take(stage)
    attempt = attempt_of(stage, made)
    assert attempt is not None
    stage.act(stage.alice, webhooks.remove_webhook, **PLACE, id=made["id"])
    stage.write(lambda tx: delivering.settle(tx, attempt, Outcome(status=500), lease=LEASE))
    stage.write(lambda tx: delivering.give_back(tx, made["id"]))
    assert stage.row("SELECT COUNT(*) FROM webhooks") == (0,)


def test_only_admins_of_the_flow_meet_webhooks(stage: Stage) -> None:
    made = create(stage)
    for action, more in (
        (webhooks.list_webhooks, {}),
        (webhooks.show_webhook, {"id": made["id"]}),
        (webhooks.list_deliveries, {"id": made["id"]}),
    ):
        with pytest.raises(Refusal) as refused:
            stage.ask(stage.bob, action, **PLACE, **more)
        assert refused.value.status == 403


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"url": ""}, "url"),
        ({"url": None}, "url"),
        ({"secret": "s" * 256}, "secret"),
        ({"events": "Message"}, "events"),
        ({"events": ["a b"]}, "events"),
        ({"events": [f"kind{number}" for number in range(51)]}, "events"),
    ],
)
def test_a_wrong_webhook_is_refused(stage: Stage, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        create(stage, **wrong)
    assert list(refused.value.errors) == [field]
    assert stage.row("SELECT COUNT(*) FROM webhooks") == (0,)


@ON_SQLITE
def test_a_flow_has_twenty_webhooks_at_most(stage: Stage) -> None:
    for _ in range(webhooks.WEBHOOKS_LIMIT):
        create(stage)
    with pytest.raises(Refusal) as refused:
        create(stage)
    assert "20 webhooks" in refused.value.errors["url"][0]


# What it is told


def test_a_webhook_is_told_what_happens_from_its_making_on_in_order(stage: Stage) -> None:
    stage.send("before")
    made = create(stage)
    first, second = stage.send("one")["id"], stage.send("two")["id"]
    stage.act(stage.bob, editing.edit_message, **PLACE, id=first, tags=["later"])
    assert told(stage, made) == [("message", first), ("message", second), ("tag-change", second + 1)]
    assert told(stage, made) == []


def test_what_is_sent_is_what_streams_carry(stage: Stage) -> None:
    made = create(stage)
    stage.send("hello")
    take(stage)
    attempt = attempt_of(stage, made)
    assert attempt is not None
    assert json.loads(attempt.body) == stage.hub.heard[-1].event
    assert (attempt.url, attempt.secret) == (URL, made["secret"])
    assert made["secret"] not in repr(attempt)


def test_only_wanted_kinds_are_told(stage: Stage) -> None:
    made = create(stage, events=["tag-change"])
    sent = stage.send("one")["id"]
    stage.act(stage.alice, editing.edit_message, **PLACE, id=sent, tags=["later"])
    assert told(stage, made) == [("tag-change", sent + 1)]


def test_many_events_are_all_told(stage: Stage) -> None:
    made = create(stage)
    stage.write(
        lambda tx: tx.execute_each(
            "INSERT INTO events (key, event, author, frame) VALUES (?, 'tag-change', 0, ?)",
            [(stage.flow_log << 32 | 1000 + number, b"{}") for number in range(delivering.PAGE + 3)],
        )
    )
    stage.write(
        lambda tx: tx.execute(
            "UPDATE logs SET last_number = ? WHERE id = ?", (1000 + delivering.PAGE + 2, stage.flow_log)
        )
    )
    numbers = [number for _, number in told(stage, made) + told(stage, made)]
    assert numbers == list(range(1000, 1000 + delivering.PAGE + 3))


def test_of_a_removed_message_nothing_is_told(stage: Stage) -> None:
    made = create(stage, events=["activity"])
    item = stage.act(
        stage.source,
        sending.send,
        event="activity",
        title="t",
        author={"name": "R"},
        external_thread_id="7",
        thread={"title": "T"},
    ).result
    take(stage)
    stage.act(stage.alice, editing.delete_message, **PLACE, id=item["id"])
    assert told(stage, made) == []
    assert [one["state"] for one in log_of(stage, made)] == ["gone"]


def test_each_webhook_is_told_by_itself(stage: Stage) -> None:
    first, second = create(stage), create(stage)
    sent = stage.send()["id"]
    assert take(stage) == [first["id"], second["id"]]
    assert told(stage, first) == told(stage, second) == [("message", sent)]


def test_who_was_taken_is_not_taken_again_until_given_back_or_the_lease_is_over(stage: Stage) -> None:
    made = create(stage)
    stage.send()
    assert take(stage) == [made["id"]]
    assert take(stage) == []
    stage.write(lambda tx: delivering.give_back(tx, made["id"]))
    assert take(stage) == [made["id"]]
    stage.write(lambda tx: tx.execute("UPDATE webhooks SET busy_until = ?", (tx.now - 1,)))
    assert take(stage) == [made["id"]]


def test_no_more_are_taken_than_can_be_told(stage: Stage) -> None:
    made = [create(stage)["id"] for _ in range(3)]
    stage.send()
    assert take(stage, most=2) == made[:2]
    assert take(stage, most=2) == made[2:]


# What comes of it


def test_what_arrived_is_in_the_log_of_deliveries(stage: Stage) -> None:
    made = create(stage)
    sent = stage.send()["id"]
    take(stage)
    settled(stage, made, Outcome(status=204))
    [one] = log_of(stage, made)
    assert (one["message"], one["event"]) == (sent, "message")
    assert (one["state"], one["status"], one["attempts"], one["error"]) == ("delivered", 204, 1, None)
    assert (one["next_attempt_at"], one["attempted_at"] is None) == (None, False)


@pytest.mark.parametrize("outcome", [Outcome(status=302), Outcome(status=500), Outcome(error="nobody answers there")])
def test_what_did_not_arrive_waits_and_holds_up_nothing(stage: Stage, outcome: Outcome) -> None:
    made = create(stage)
    first, second = stage.send()["id"], stage.send()["id"]
    take(stage)
    settled(stage, made, outcome)
    assert told(stage, made) == [("message", second)]
    waiting = log_of(stage, made, state="waiting")
    assert [(one["message"], one["status"], one["error"]) for one in waiting] == [
        (first, outcome.status, outcome.error)
    ]
    assert waiting[0]["next_attempt_at"] > waiting[0]["attempted_at"]
    assert shown(stage, made)["waiting"] == 1


def test_after_many_attempts_it_is_given_up(stage: Stage) -> None:
    made = create(stage)
    stage.send()
    take(stage)
    for _ in range(ATTEMPTS):
        settled(stage, made, Outcome(status=503))
        stage.write(lambda tx: tx.execute("UPDATE deliveries SET next_attempt_at = next_attempt_at - ?", (DAY,)))
    assert attempt_of(stage, made) is None
    [one] = log_of(stage, made)
    assert (one["state"], one["status"], one["attempts"]) == ("failed", 503, ATTEMPTS)
    assert shown(stage, made)["failed"] == 1


def test_a_receiver_that_is_gone_for_good_is_told_nothing_any_more(stage: Stage) -> None:
    made = create(stage)
    stage.send()
    stage.send()
    take(stage)
    settled(stage, made, Outcome(status=410))
    assert attempt_of(stage, made) is None
    assert shown(stage, made)["active"] is False
    assert [one["state"] for one in log_of(stage, made)] == ["waiting", "failed"]


def test_what_happens_during_a_pause_is_not_told_later_and_what_waited_is(stage: Stage) -> None:
    made = create(stage)
    waited = stage.send("before")["id"]
    take(stage)
    stage.write(lambda tx: delivering.give_back(tx, made["id"]))
    update(stage, made, active=False)
    stage.send("meanwhile")
    assert told(stage, made) == []
    update(stage, made, active=True)
    after = stage.send("after")["id"]
    assert told(stage, made) == [("message", waited), ("message", after)]


def test_a_delivery_is_told_again_on_demand(stage: Stage) -> None:
    made = create(stage)
    sent = stage.send()["id"]
    assert told(stage, made) == [("message", sent)]
    [one] = log_of(stage, made)
    again = stage.act(stage.alice, webhooks.replay_delivery, **PLACE, id=made["id"], delivery_id=one["id"]).result
    assert (again["id"], again["state"], again["attempts"]) == (one["id"], "waiting", 0)
    assert told(stage, made) == [("message", sent)]


def test_a_paused_webhook_is_not_told_again(stage: Stage) -> None:
    made = create(stage)
    stage.send()
    told(stage, made)
    [one] = log_of(stage, made)
    update(stage, made, active=False)
    with pytest.raises(Refusal, match="Validation error"):
        stage.act(stage.alice, webhooks.replay_delivery, **PLACE, id=made["id"], delivery_id=one["id"])


def test_a_delivery_of_another_webhook_is_not_found(stage: Stage) -> None:
    first, second = create(stage), create(stage)
    stage.send()
    take(stage)
    [one] = log_of(stage, first)
    for delivery_id in (one["id"], 0):
        with pytest.raises(NotFound):
            stage.act(stage.alice, webhooks.replay_delivery, **PLACE, id=second["id"], delivery_id=delivery_id)


def test_deliveries_are_listed_newest_first_in_pages(stage: Stage) -> None:
    made = create(stage)
    sent = [stage.send()["id"] for _ in range(4)]
    told(stage, made)
    newest = log_of(stage, made, limit=3)
    assert [one["message"] for one in newest] == sent[:0:-1]
    assert [one["message"] for one in log_of(stage, made, until_id=newest[-1]["id"])] == sent[:1]
    with pytest.raises(Refusal):
        log_of(stage, made, limit=101)


def test_old_deliveries_are_forgotten_and_those_that_wait_are_not(stage: Stage) -> None:
    made = create(stage)
    for _ in range(3):
        stage.send()
    take(stage)
    settled(stage, made, Outcome(status=200))
    settled(stage, made, Outcome(status=500))
    settled(stage, made, Outcome(status=200))
    stage.write(
        lambda tx: tx.execute("UPDATE deliveries SET created_at = created_at - ? WHERE attempts = 1", (31 * DAY,))
    )
    stage.write(lambda tx: delivering.give_back(tx, made["id"]))
    assert [one["state"] for one in log_of(stage, made)] == ["waiting"]
    stage.write(
        lambda tx: tx.execute_each(
            "INSERT INTO deliveries (webhook_id, number, event, state, created_at) VALUES (?, 1, 'x', 'delivered', ?)",
            [(made["id"], tx.now)] * 1005,
        )
    )
    stage.write(lambda tx: delivering.give_back(tx, made["id"]))
    assert stage.row("SELECT COUNT(*) FROM deliveries") == (1001,)
