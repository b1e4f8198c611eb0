"""Where webhooks lead is looked at before it is stored: the guard says what can be asked at all."""

from typing import Any, Unpack

from flowdock.protocol.parameters import WebhookParameters
from flowdock.server.actions import webhooks
from flowdock.server.domain.refusals import invalid
from flowdock.server.http.answering import Asked, Service
from flowdock.server.outgoing import NotAllowed


async def create_webhook(
    service: Service, asked: Asked, *, org: str, flow: str, **given: Unpack[WebhookParameters]
) -> dict[str, Any]:
    """Tell events to an address from now on."""
    _check(service, given)
    return await service.store.write(
        lambda tx: webhooks.create_webhook(tx, asked.actor, org=org, flow=flow, **given), about=f"{org}/{flow}"
    )


async def update_webhook(
    service: Service, asked: Asked, *, org: str, flow: str, id: int, **given: Unpack[WebhookParameters]
) -> dict[str, Any]:
    """Change a webhook."""
    _check(service, given)
    return await service.store.write(
        lambda tx: webhooks.update_webhook(tx, asked.actor, org=org, flow=flow, id=id, **given), about=f"{org}/{flow}"
    )


def _check(service: Service, given: WebhookParameters) -> None:
    if given.get("url"):
        try:
            service.outgoing.guard.checked(given["url"])
        except NotAllowed as error:
            raise invalid("url", str(error)) from error
