"""Webhooks of a flow: where its events are told, and what became of each telling.

Source: wire facts 2.15; how they are set up is ours.
"""

from collections.abc import Iterable, Mapping

from flowdock.client.calls.call import Call, call, changes_of, given, listed, order, query_of
from flowdock.protocol import endpoints
from flowdock.protocol.resources import Delivery, Webhook


def list_webhooks(org: str, flow: str) -> Call[list[Webhook]]:
    """The webhooks of a flow."""
    return call(endpoints.LIST_WEBHOOKS, {"org": org, "flow": flow})


def show_webhook(org: str, flow: str, id: int) -> Call[Webhook]:
    """One of them."""
    return call(endpoints.SHOW_WEBHOOK, {"org": org, "flow": flow, "id": id})


def create_webhook(
    org: str, flow: str, url: str, *, events: Iterable[str] | str | None, secret: str | None
) -> Call[Webhook]:
    """Add a webhook."""
    members = given({"url": url, "events": listed(events), "secret": secret})
    return call(endpoints.CREATE_WEBHOOK, {"org": org, "flow": flow}, json=members)


def update_webhook(org: str, flow: str, id: int, changes: Mapping[str, object]) -> Call[Webhook]:
    """Change a webhook."""
    row = endpoints.UPDATE_WEBHOOK
    values = {"org": org, "flow": flow, "id": id}
    return call(row, values, json=changes_of(row, "update_webhook", changes))


def remove_webhook(org: str, flow: str, id: int) -> Call[None]:
    """Remove a webhook."""
    return order(endpoints.REMOVE_WEBHOOK, {"org": org, "flow": flow, "id": id})


def list_deliveries(org: str, flow: str, id: int, conditions: Mapping[str, object]) -> Call[list[Delivery]]:
    """What a webhook was told, the newest first."""
    row = endpoints.LIST_DELIVERIES
    return call(row, {"org": org, "flow": flow, "id": id}, query=query_of(row, conditions))


def replay_delivery(org: str, flow: str, id: int, delivery_id: int) -> Call[Delivery]:
    """Tell it once more."""
    values = {"org": org, "flow": flow, "id": id, "delivery_id": delivery_id}
    return call(endpoints.REPLAY_DELIVERY, values)
