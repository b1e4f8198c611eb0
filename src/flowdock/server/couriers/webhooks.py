"""Telling webhooks what happened: the requests, and who makes them when.

    POST <the webhook's address>
    Content-Type: application/json
    X-Flowdock-Delivery: 17
    X-Flowdock-Signature: sha1=<hex HMAC-SHA1 of the body with the webhook's secret>

    <the event, byte for byte as streams carry it>

Source: wire facts 2.15.
"""

import hmac

from flowdock.server.actions import delivering
from flowdock.server.actions.delivering import Attempt, Outcome
from flowdock.server.couriers.courier import Courier
from flowdock.server.outgoing import Outgoing, OutgoingError
from flowdock.server.store.store import Store

LEASE = 30_000
"""So many milliseconds after the last attempt somebody else may tell a webhook; an attempt takes ten seconds."""
AT_ONCE = 8
"""So many webhooks are told something at once, each one thing after the other."""
IN_A_ROW = 100
"""After so many it is another webhook's turn."""


def courier_of_webhooks(store: Store, outgoing: Outgoing) -> Courier[int]:
    """What tells all webhooks what happens."""
    round_of = _Round(store, outgoing)
    return Courier(
        store,
        is_due=delivering.is_due,
        take=lambda tx, most: delivering.take(tx, most=most, lease=LEASE),
        carry=round_of.tell,
        at_once=AT_ONCE,
    )


class _Round:
    def __init__(self, store: Store, outgoing: Outgoing) -> None:
        self._store = store
        self._outgoing = outgoing

    async def tell(self, webhook_id: int) -> None:
        """Tell a webhook what it is to be told now, one thing after the other."""
        try:
            for _ in range(IN_A_ROW):
                attempt = await self._store.read(lambda tx: delivering.next_attempt(tx, webhook_id))
                if attempt is None:
                    break
                await self._settle(attempt)
        finally:
            # Also when the server stops, so that the next one need not wait for the end of the lease.
            await self._store.write(lambda tx: delivering.give_back(tx, webhook_id), about=self)

    async def _settle(self, attempt: Attempt) -> None:
        if not attempt.body:
            await self._store.write(lambda tx: delivering.let_go(tx, attempt), about=self)
            return
        outcome = await self._outcome(attempt)
        await self._store.write(lambda tx: delivering.settle(tx, attempt, outcome, lease=LEASE), about=self)

    async def _outcome(self, attempt: Attempt) -> Outcome:
        if attempt.secret is None:
            return Outcome(error="its secret cannot be read, as this site's own has changed; give it a new one")
        signature = hmac.new(attempt.secret.encode(), attempt.body, "sha1").hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-Flowdock-Delivery": str(attempt.delivery.id),
            "X-Flowdock-Signature": f"sha1={signature}",
        }
        try:
            answer = await self._outgoing.request("POST", attempt.url, headers=headers, body=attempt.body)
        except OutgoingError as error:
            return Outcome(error=str(error))
        return Outcome(status=answer.status)
