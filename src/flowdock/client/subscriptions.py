"""What a reader subscribes to, which events of that stream are theirs, and from which place each is. Pure.

A flow has a stream of its own. A private conversation has none: the server sends all private events of a person in one
stream, of which a conversation keeps its part. Several flows share a stream with the private events, which also tell
when the reader comes into a flow or goes.

Source: wire facts 3.2, 3.4 and 5.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowdock.client import places
from flowdock.client.places import Place
from flowdock.protocol import endpoints


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A stream, by its path below the streaming address."""

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    name: str
    """What is listened to, for people and for a checkpoint; the same each time."""
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where what a stream did not bring is listed, by the names that `place_of` gives."""
    partner: str | None = None
    """Of a private conversation: the other person's id."""
    flows: Mapping[str, str] | None = None
    """Of a stream of several flows: their names, `org/flow`, by their ids."""
    is_private: bool = False
    """Whether such a stream's private events are wanted."""

    def holds(self, event: object, *, me: str | None) -> bool:
        """Whether this is an event that belongs here; `me` is the id of who listens, where the server tells."""
        if not isinstance(event, dict):
            return False
        if self.partner is not None:
            sides = {str(event.get("to")), str(event.get("user"))}
            # To oneself one writes alone; everything else of the stream has the listener on one side anyway.
            return sides == {me} if self.partner == me else self.partner in sides
        return self.flows is None or self.is_private or "flow" in event or "to" not in event

    def place_of(self, event: Mapping[str, Any], *, me: str | None) -> str | None:
        """The place that the event's `id` counts in; None if that is unknown."""
        if self.partner is not None:
            return self.partner
        if self.flows is None:
            return self.name
        if "flow" in event:
            return self.flows.get(event["flow"])
        if me is None or "to" not in event:
            return None
        return str(event["user"] if str(event["to"]) == me else event["to"])

    def listing(self, place: str) -> Place | None:
        """Where the messages of a place are listed; None when it is not followed any more."""
        if place.isdecimal() and self.is_private:
            return places.private(place)
        return self.places.get(place)

    def is_outgrown_by(self, event: Mapping[str, Any]) -> bool:
        """Whether the event tells of a flow that this stream does not bring, or should no longer."""
        if self.flows is None:
            return False
        kind, content = event.get("event"), event.get("content")
        named = str(content.get("id")) if isinstance(content, dict) else ""
        return (kind == "flow-add" and named not in self.flows) or (kind == "flow-remove" and named in self.flows)


def flow(org: str, flow: str) -> Subscription:
    """Everything that happens in a flow."""
    name = f"{org}/{flow}"
    return Subscription(
        path=endpoints.SHOW_FLOW.url(org=org, flow=flow), name=name, places={name: places.flow(org, flow)}
    )


def private(uid: int | str) -> Subscription:
    """Everything that happens in the conversation with one other person."""
    return Subscription(
        path=endpoints.LIST_FLOWS.url(),
        query={"user": "1"},
        name=str(uid),
        partner=str(uid),
        places={str(uid): places.private(uid)},
    )


def several(flows: Mapping[str, str], *, name: str, private: bool) -> Subscription:
    """Everything that happens in flows, which are names (`org/flow`) by ids, and if wanted in private."""
    return Subscription(
        path=endpoints.LIST_FLOWS.url(),
        # Their ids, because a flow's name may change. Private events also tell of flows that one comes into.
        query={"user": "1"} | ({"filter": ",".join(flows)} if flows else {}),
        name=name,
        flows=dict(flows),
        places={known: places.flow(*known.split("/", 1)) for known in flows.values()},
        is_private=private,
    )


def name_of(flows: Iterable[str] | None, *, private: bool) -> str:
    """What a stream of several is called, whatever flows one happens to be in."""
    words = ["all flows"] if flows is None else sorted(flows)
    return ", ".join([*words, "private conversations"] if private else words)
