"""What a flow is connected to: sources that tell it something, and webhooks that it tells something."""

from collections.abc import Iterable
from typing import TypeAlias, Unpack

from flowdock.client import calls
from flowdock.client._async.transport import AsyncTransport
from flowdock.protocol.parameters import DeliveriesParameters, UpdateSourceParameters, WebhookParameters
from flowdock.protocol.resources import ApiToken, Delivery, SourceDetails, Webhook

# A flow has a method `list`, so among its methods the word no longer means the type.
Sources: TypeAlias = list[SourceDetails]
Webhooks: TypeAlias = list[Webhook]
Deliveries: TypeAlias = list[Delivery]


class AsyncIntegrations:
    """What one does in a flow about other software; the half of a flow that `integrations` names."""

    _transport: AsyncTransport
    org: str
    flow: str

    async def sources(self) -> Sources:
        """The sources of the flow."""
        return await self._transport.answer(calls.sources.flow_sources(self.org, self.flow))

    async def source(self, id: int) -> SourceDetails:
        """One of them.

        Example:
            print((await flow.source(source["id"]))["name"])
        """
        return await self._transport.answer(calls.sources.show_source(self.org, self.flow, id))

    async def create_source(
        self, name: str, external_url: str | None = None, *, application_id: int | None = None
    ) -> SourceDetails:
        """Add a source; its `flow_token` is told only now.

        With the OAuth token of an application it belongs to that one, else to one's own with `application_id`.

        Example:
            source = await flow.create_source("CI", "https://ci.example.com", application_id=app["id"])
            service = flowdock.connect_async(flow_token=source["flow_token"])
        """
        call = calls.sources.create_source(
            self.org, self.flow, name, external_url=external_url, application_id=application_id
        )
        return await self._transport.answer(call)

    async def update_source(self, id: int, **changes: Unpack[UpdateSourceParameters]) -> SourceDetails:
        """A source as it is after a change of `name`, `external_url`, `error_message` or `configuration_url`.

        Example:
            await flow.update_source(source["id"], name="CI of the shop")

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return await self._transport.answer(calls.sources.update_source(self.org, self.flow, id, changes))

    async def remove_source(self, id: int) -> None:
        """Remove a source; its token is answered with `Gone` from then on.

        Example:
            await flow.remove_source(source["id"])
        """
        await self._transport.answer(calls.sources.remove_source(self.org, self.flow, id))

    async def renew_api_token(self) -> ApiToken:
        """Make another token of the flow for the Push API; the one before ends."""
        return await self._transport.answer(calls.flows.renew_api_token(self.org, self.flow))

    async def webhooks(self) -> Webhooks:
        """The webhooks of the flow."""
        return await self._transport.answer(calls.webhooks.list_webhooks(self.org, self.flow))

    async def webhook(self, id: int) -> Webhook:
        """One of them.

        Example:
            print((await flow.webhook(webhook["id"]))["url"])
        """
        return await self._transport.answer(calls.webhooks.show_webhook(self.org, self.flow, id))

    async def create_webhook(
        self, url: str, events: Iterable[str] | str | None = None, secret: str | None = None
    ) -> Webhook:
        """Have the events of the flow posted to an address; its `secret`, which signs them, is told only now.

        `events` are the kinds of them, such as ["message", "file"]; all if not given. A `secret` that is not given is
        made.

        Example:
            webhook = await flow.create_webhook("https://ci.example.com/flowdock", events=["message", "file"])
            secret = webhook["secret"]
        """
        call = calls.webhooks.create_webhook(self.org, self.flow, url, events=events, secret=secret)
        return await self._transport.answer(call)

    async def update_webhook(self, id: int, **changes: Unpack[WebhookParameters]) -> Webhook:
        """A webhook as it is after a change of `url`, `events`, `secret` or `active` (False pauses it).

        Example:
            await flow.update_webhook(webhook["id"], active=False)

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return await self._transport.answer(calls.webhooks.update_webhook(self.org, self.flow, id, changes))

    async def remove_webhook(self, id: int) -> None:
        """Remove a webhook.

        Example:
            await flow.remove_webhook(webhook["id"])
        """
        await self._transport.answer(calls.webhooks.remove_webhook(self.org, self.flow, id))

    async def deliveries(self, webhook_id: int, **conditions: Unpack[DeliveriesParameters]) -> Deliveries:
        """What a webhook was told, the newest first.

        `limit` is 1 to 100; `until_id` wants older ones; `state` is "waiting", "delivered" or "failed".

        Example:
            waiting = await flow.deliveries(webhook["id"], state="waiting", limit=10)

        Raises:
            TypeError: there is no such condition; the text names those there are.
        """
        return await self._transport.answer(calls.webhooks.list_deliveries(self.org, self.flow, webhook_id, conditions))

    async def replay(self, webhook_id: int, delivery_id: int) -> Delivery:
        """Tell a webhook once more what it was told; the answer is the delivery that does it.

        Example:
            for delivery in await flow.deliveries(webhook["id"], state="failed"):
                await flow.replay(webhook["id"], delivery["id"])
        """
        return await self._transport.answer(
            calls.webhooks.replay_delivery(self.org, self.flow, webhook_id, delivery_id)
        )
