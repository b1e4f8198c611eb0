"""Telling webhooks what happened: what is on its way, in which order, and what comes of each attempt.

What a webhook does not know yet becomes deliveries and moves its position, in one transaction, so no event is left out
or told twice by this. Attempts are made one at a time for each webhook, the oldest due one first; one that failed comes
again later and holds up nobody. Whispers have no number, so they are never told.

Source: wire facts 2.15.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from flowdock.server.actions import sealing, streaming
from flowdock.server.domain.patience import pause_after
from flowdock.server.store import deliveries, logs, webhooks
from flowdock.server.store.deliveries import Delivery
from flowdock.server.store.transaction import Transaction
from flowdock.server.store.webhooks import Webhook

PAGE = 200
"""So many events of a log become deliveries in one transaction."""
BEHIND = 20
"""Those of so many webhooks."""
GONE = 410

is_due = webhooks.is_any_behind_or_due


@dataclass(frozen=True, slots=True)
class Attempt:
    """What is to be sent where. `body` is empty where the message was removed meanwhile."""

    delivery: Delivery
    url: str
    secret: str | None = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: the status of the answer, else why there was none."""

    status: int | None = None
    error: str | None = None


def take(tx: Transaction, *, most: int, lease: int) -> Sequence[int]:
    """Webhooks that are to be told something now; for so many milliseconds they are the caller's alone."""
    for webhook_id in webhooks.behind(tx, most=BEHIND):
        if webhooks.claim(tx, webhook_id):
            _send_off(tx, webhook_id)
    return webhooks.lease(tx, until=tx.now + lease, most=most)


def _send_off(tx: Transaction, webhook_id: int) -> None:
    webhook = webhooks.find(tx, webhook_id)  # again: before it was claimed somebody may have changed it
    if webhook is None or not webhook.active:
        return
    end = logs.head(tx, webhook.log_id).last_number
    found = deliveries.happened(tx, webhook.log_id, after=webhook.position, limit=PAGE)
    if len(found) == PAGE:
        end = found[-1][0]
    deliveries.put(tx, webhook_id, [one for one in found if one[0] <= end and _wants(webhook, one[1])])
    webhooks.move_on(tx, webhook_id, end)


def _wants(webhook: Webhook, kind: str) -> bool:
    return not webhook.events or kind in webhook.events


def next_attempt(tx: Transaction, webhook_id: int) -> Attempt | None:
    """What a webhook is to be told next, as a replay of the log has it now."""
    webhook = webhooks.find(tx, webhook_id)
    delivery = deliveries.next_due(tx, webhook_id)
    if webhook is None or delivery is None or not webhook.active:
        return None
    [*events] = streaming.replay(tx, webhook.log_id, delivery.number - 1, limit=1)
    body = events[0].frame if events and events[0].number == delivery.number else b""
    return Attempt(delivery, webhook.url, sealing.opened(tx.site, webhook.sealed), body)


def settle(tx: Transaction, attempt: Attempt, outcome: Outcome, *, lease: int) -> None:
    """Store what came of an attempt, and when to try again; the webhook stays the caller's for a while."""
    if webhooks.locked(tx, attempt.delivery.webhook_id) is None:
        return
    attempts = attempt.delivery.attempts + 1
    tried = replace(
        attempt.delivery, attempts=attempts, status=outcome.status, error=outcome.error, attempted_at=tx.now
    )
    if outcome.status == GONE:
        webhooks.pause(tx, tried.webhook_id)
        error = "the receiver says that it is gone for good, so this webhook is paused"
        deliveries.change(tx, replace(tried, state="failed", error=error, next_attempt_at=None))
    elif outcome.status is not None and 200 <= outcome.status < 300:
        deliveries.change(tx, replace(tried, state="delivered", next_attempt_at=None))
    else:
        pause = pause_after(attempts, tx.entropy(2))
        if pause is None:
            deliveries.change(tx, replace(tried, state="failed", next_attempt_at=None))
        else:
            deliveries.change(tx, replace(tried, next_attempt_at=tx.now + pause))
    webhooks.busy_until(tx, tried.webhook_id, tx.now + lease)


def let_go(tx: Transaction, attempt: Attempt) -> None:
    """A message is gone: nothing of it is told."""
    if webhooks.locked(tx, attempt.delivery.webhook_id) is None:
        return
    error = "the message was removed before it could be told"
    deliveries.change(tx, replace(attempt.delivery, state="gone", error=error, next_attempt_at=None))


def give_back(tx: Transaction, webhook_id: int) -> None:
    """Nobody tells this webhook something any more; what it was told long ago is forgotten."""
    if webhooks.locked(tx, webhook_id) is not None:
        deliveries.forget_old(tx, webhook_id)
        webhooks.busy_until(tx, webhook_id, 0)
