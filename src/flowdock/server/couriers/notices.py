"""Telling people by mail what waits for them: whoever is due is written to, and the mail goes the way of all mail."""

from flowdock.server.actions import reminding
from flowdock.server.couriers.courier import Courier
from flowdock.server.store import notices
from flowdock.server.store.store import Store

AT_ONCE = 20
"""So many people are written to in one transaction."""


def courier_of_notices(store: Store) -> Courier[None]:
    """What puts those mails into the outbox; all is done when they are taken, and nothing has to be carried."""
    return Courier(store, is_due=notices.is_due, take=reminding.remind, carry=_nothing, at_once=AT_ONCE)


async def _nothing(_: None) -> None:
    return None
