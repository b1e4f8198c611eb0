"""Everything that happens, as it happens, without end and without a gap."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator
from typing import Protocol, cast

from flowdock.client import patience
from flowdock.client._async.transport import AsyncTransport
from flowdock.client.patience import Reader
from flowdock.client.subscriptions import Subscription
from flowdock.protocol.errors import FlowdockError
from flowdock.protocol.stream import SseDecoder
from flowdock.protocol.types import Event

logger = logging.getLogger("flowdock")


class Subscribe(Protocol):
    """How a conversation says what to listen to; finding it out may take a question."""

    async def __call__(self) -> Subscription: ...


async def follow(transport: AsyncTransport, subscribe: Subscribe) -> AsyncGenerator[Event]:
    """Every event of the subscription; closing the generator closes the connection.

    When the stream is cut, ends or falls silent, it is opened again right after the last event. Only closing the
    transport ends it.
    """
    subscription, reader = await subscribe(), Reader()
    while True:
        failure: FlowdockError | None = None
        decoder = SseDecoder()
        try:
            async with transport.listen(subscription, cursor=reader.cursor) as answer:
                # A reader that has seen no event yet can be cut off too; the header names the place it began at.
                reader = reader.opened(answer.headers.get("Flowdock-Cursor"))
                me = answer.headers.get("Flowdock-User")
                while chunk := await answer.next_chunk():
                    reader = reader.heard()
                    for frame in decoder.decode(chunk):
                        reader = reader.saw(frame.cursor)
                        if subscription.holds(frame.event, me=me):
                            yield cast("Event", frame.event)
        except FlowdockError as error:
            if transport.closed and reader.was_open:
                return
            if transport.closed or not patience.may_resume(error, reader, patience=transport.patience):
                raise
            failure = error
        chance = random.random()  # noqa: S311 - spreads tries, keeps no secret
        wait = patience.wait_before_resuming(
            failure, reader, retry=decoder.retry_seconds, chance=chance, patience=transport.patience
        )
        logger.info("%s: %s; going on in %.1f s", subscription.path, failure or "the stream ended", wait)
        reader = reader.lost(failure)
        await asyncio.sleep(wait)
