# Generated from src/flowdock/client/_async/missing.py by tools/unasync.py; edit that file instead
"""What happened in places while no stream could bring it, from their lists."""

from collections.abc import Generator

from flowdock.client import calls
from flowdock.client._sync.transport import Transport
from flowdock.client.reading import Reader
from flowdock.client.subscriptions import Subscription
from flowdock.protocol.types import Message

PAGE = 100


def missed(
    transport: Transport, subscription: Subscription, reader: Reader, listed: dict[str, set[int]]
) -> Generator[Message]:
    """The messages after the last of each place, whose numbers `listed` gets, place by place in their order."""
    for place in tuple(reader.last):
        where = subscription.listing(place)
        while where is not None:
            call = calls.messages.list_messages(where, {"since_id": reader.last[place], "sort": "asc", "limit": PAGE})
            page = transport.answer(call)
            for message in page:
                reader.saw(None, place, message["id"])
                listed.setdefault(place, set()).add(message["id"])
                yield message
            if len(page) < PAGE:
                break


def unknown(transport: Transport, subscription: Subscription, reader: Reader) -> tuple[str, ...]:
    """The places of which no message is known that one could go on from."""
    names = [*subscription.places]
    if subscription.is_private:
        conversations = transport.answer(calls.conversations.list_conversations())
        names += [str(conversation["id"]) for conversation in conversations]
    return tuple(name for name in names if name not in reader.last)
