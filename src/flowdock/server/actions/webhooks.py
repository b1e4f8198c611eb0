"""Webhooks of a flow: made, changed, removed by its admins; what was told to them, and telling it again.

A webhook belongs to the flow, not to who made it: it goes on when that person is no admin any more, or leaves.

Source: wire facts 2.15; how they were set up the facts do not know.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Unpack

from flowdock.protocol.parameters import DeliveriesParameters, WebhookParameters
from flowdock.server.actions import people as shown_people
from flowdock.server.actions import places, sealing
from flowdock.server.actions.places import person
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.moments import iso
from flowdock.server.domain.permissions import MANAGE_WEBHOOKS
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import deliveries, logs, people, webhooks
from flowdock.server.store.deliveries import Delivery
from flowdock.server.store.pages import DEFAULT_LIMIT, LARGEST_LIMIT
from flowdock.server.store.transaction import Transaction
from flowdock.server.store.webhooks import Webhook

WEBHOOKS_LIMIT = 20
SECRET_LIMIT = 255
KINDS_LIMIT = 50

_KIND = re.compile(r"[a-z][a-z0-9._-]{0,63}")


def list_webhooks(tx: Transaction, actor: Actor, *, org: str, flow: str) -> list[dict[str, Any]]:
    """The webhooks of a flow."""
    log_id = places.in_flow(tx, actor, org, flow, MANAGE_WEBHOOKS).log_id
    return [_shown(tx, webhook) for webhook in webhooks.of_flow(tx, log_id)]


def show_webhook(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int) -> dict[str, Any]:
    """One of them."""
    return _shown(tx, webhooks.get(tx, places.in_flow(tx, actor, org, flow, MANAGE_WEBHOOKS).log_id, id))


def create_webhook(
    tx: Transaction, actor: Actor, *, org: str, flow: str, **given: Unpack[WebhookParameters]
) -> dict[str, Any]:
    """Tell events to an address from now on; the answer has the secret, and no other ever will."""
    log_id = places.in_flow(tx, actor, org, flow, MANAGE_WEBHOOKS).log_id
    if not given.get("url"):
        raise invalid("url", "can't be blank")
    if len(webhooks.of_flow(tx, log_id)) >= WEBHOOKS_LIMIT:
        raise invalid("url", f"is one too many: this flow has {WEBHOOKS_LIMIT} webhooks; remove one first")
    secret = _secret(tx, given.get("secret"))
    webhook_id = webhooks.create(
        tx,
        log_id=log_id,
        url=given["url"],
        events=_kinds(given.get("events", ())),
        sealed=sealing.sealed(tx.site, secret),
        active=given.get("active", True),
        position=logs.head(tx, log_id).last_number,
        creator=person(actor).user_id,
    )
    return _shown(tx, webhooks.get(tx, log_id, webhook_id)) | {"secret": secret}


def update_webhook(
    tx: Transaction, actor: Actor, *, org: str, flow: str, id: int, **given: Unpack[WebhookParameters]
) -> dict[str, Any]:
    """Change what is given. One that is told again hears nothing of what happened while it was paused."""
    log_id = places.in_flow(tx, actor, org, flow, MANAGE_WEBHOOKS).log_id
    before = webhooks.get(tx, log_id, id)
    if given.get("url", before.url) == "":
        raise invalid("url", "can't be blank")
    told: dict[str, str] = {}
    if "secret" in given:
        told["secret"] = _secret(tx, given["secret"])
    after = replace(
        before,
        url=given.get("url", before.url),
        events=_kinds(given["events"]) if "events" in given else before.events,
        sealed=sealing.sealed(tx.site, told["secret"]) if told else before.sealed,
        active=given.get("active", before.active),
    )
    webhooks.change(tx, after)
    if after.active and not before.active:
        webhooks.move_on(tx, id, logs.head(tx, log_id).last_number)
    return _shown(tx, webhooks.get(tx, log_id, id)) | told


def remove_webhook(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int) -> None:
    """Tell it nothing any more, not even what waits."""
    log_id = places.in_flow(tx, actor, org, flow, MANAGE_WEBHOOKS).log_id
    webhooks.remove(tx, webhooks.get(tx, log_id, id).id)


def list_deliveries(
    tx: Transaction, actor: Actor, *, org: str, flow: str, id: int, **wanted: Unpack[DeliveriesParameters]
) -> list[dict[str, Any]]:
    """What a webhook was told and is to be told, the newest first."""
    log_id = places.in_flow(tx, actor, org, flow, MANAGE_WEBHOOKS).log_id
    limit = wanted.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise invalid("limit", f"is {limit}; it may be 1 to {LARGEST_LIMIT}")
    found = deliveries.newest(
        tx,
        webhooks.get(tx, log_id, id).id,
        limit=limit,
        until_id=wanted.get("until_id"),
        state=wanted.get("state"),
    )
    return [_shown_delivery(delivery) for delivery in found]


def replay_delivery(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int, delivery_id: int) -> dict[str, Any]:
    """Tell an event again, now, as if for the first time."""
    log_id = places.in_flow(tx, actor, org, flow, MANAGE_WEBHOOKS).log_id
    webhook = webhooks.get(tx, log_id, id)
    if not webhook.active:
        raise invalid("active", "is false: this webhook is paused, and is told nothing; set it to true first")
    again = replace(
        deliveries.get(tx, id, delivery_id), state="waiting", attempts=0, error=None, next_attempt_at=tx.now
    )
    deliveries.change(tx, again)
    return _shown_delivery(again)


def _secret(tx: Transaction, given: str | None) -> str:
    if given and len(given) > SECRET_LIMIT:
        raise invalid("secret", f"is too long ({len(given)} characters; maximum is {SECRET_LIMIT})")
    return given or tx.entropy(32).hex()


def _kinds(given: str | Sequence[str]) -> tuple[str, ...]:
    words = given.split(",") if isinstance(given, str) else given
    kinds = tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
    for kind in kinds:
        if not _KIND.fullmatch(kind):
            raise invalid("events", f"hold {kind!r}; a kind of event is a word such as message or tag-change")
    if len(kinds) > KINDS_LIMIT:
        raise invalid("events", f"hold {len(kinds)} kinds; at most {KINDS_LIMIT}, or none for all there are")
    return kinds


def _shown(tx: Transaction, webhook: Webhook) -> dict[str, Any]:
    creator = None if webhook.creator is None else shown_people.shown(tx, people.get(tx, webhook.creator))
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": list(webhook.events),
        "active": webhook.active,
        "created_at": iso(webhook.created_at),
        "creator": creator,
        "waiting": deliveries.count(tx, webhook.id, "waiting"),
        "failed": deliveries.count(tx, webhook.id, "failed"),
    }


def _shown_delivery(delivery: Delivery) -> dict[str, Any]:
    attempted, due = delivery.attempted_at, delivery.next_attempt_at
    return {
        "id": delivery.id,
        "event": delivery.event,
        "message": delivery.number,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": delivery.status,
        "error": delivery.error,
        "created_at": iso(delivery.created_at),
        "attempted_at": None if attempted is None else iso(attempted),
        "next_attempt_at": None if due is None else iso(due),
    }
