"""What a reader subscribes to, and which events of that stream are theirs. Pure.

A flow has a stream of its own. A private conversation has none: the server sends all private events of a person in one
stream, of which a conversation keeps its part.

Source: wire facts 3.2 and 5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowdock.protocol import endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A stream, by its path below the streaming address."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    partner: str | None = None
    """Of a private conversation: the other person's id."""

    def holds(self, event: object, *, me: str | None) -> bool:
        """Whether this is an event that belongs here; `me` is the id of who listens, where the server tells."""
        if self.partner is None or not isinstance(event, dict):
            return isinstance(event, dict)
        sides = {str(event.get("to")), str(event.get("user"))}
        # To oneself one writes alone; everything else of the stream has the listener on one side anyway.
        return sides == {me} if self.partner == me else self.partner in sides


def flow(org: str, flow: str) -> Subscription:
    """Everything that happens in a flow."""
    return Subscription(path=endpoints.SHOW_FLOW.url(org=org, flow=flow))


def private(uid: int | str) -> Subscription:
    """Everything that happens in the conversation with one other person."""
    return Subscription(path=endpoints.LIST_FLOWS.url(), query={"user": "1"}, partner=str(uid))
