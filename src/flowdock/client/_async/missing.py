"""What happened in places while no stream could bring it, from their lists."""

from collections.abc import AsyncGenerator

from flowdock.client import calls
from flowdock.client._async.transport import AsyncTransport
from flowdock.client.reading import Reader
from flowdock.client.subscriptions import Subscription
from flowdock.protocol.types import Message

PAGE = 100


async def missed(
    transport: AsyncTransport, subscription: Subscription, reader: Reader, listed: dict[str, set[int]]
) -> AsyncGenerator[Message]:
    """The messages after the last of each place, whose numbers `listed` gets, place by place in their order."""
    for place in tuple(reader.last):
        where = subscription.listing(place)
        while where is not None:
            call = calls.messages.list_messages(where, {"since_id": reader.last[place], "sort": "asc", "limit": PAGE})
            page = await transport.answer(call)
            for message in page:
                reader.saw(None, place, message["id"])
                listed.setdefault(place, set()).add(message["id"])
                yield message
            if len(page) < PAGE:
                break


async def unknown(transport: AsyncTransport, subscription: Subscription, reader: Reader) -> tuple[str, ...]:
    """The places of which no message is known that one could go on from."""
    names = [*subscription.places]
    if subscription.is_private:
        conversations = await transport.answer(calls.conversations.list_conversations())
        names += [str(conversation["id"]) for conversation in conversations]
    return tuple(name for name in names if name not in reader.last)
