"""What waits for one.

Source: wire facts 2.14; what is not in there is ours, in the same style.
"""

from flowdock.client.calls.call import Call, call, query_of
from flowdock.protocol import endpoints
from flowdock.protocol.resources import Notification, Unread


def unread() -> Call[list[Unread]]:
    """What waits in each flow."""
    return call(endpoints.UNREAD)


def unread_in_flow(org: str, flow: str) -> Call[Unread]:
    """What waits in a flow."""
    return call(endpoints.UNREAD_IN_FLOW, {"org": org, "flow": flow})


def mark_read(org: str, flow: str, *, thread_id: str | None = None, until_id: int | None = None) -> Call[Unread]:
    """Have read a flow, a thread of it, or what came up to a message."""
    row = endpoints.MARK_READ
    return call(row, {"org": org, "flow": flow}, query=query_of(row, {"thread_id": thread_id, "until_id": until_id}))


def mentions(*, limit: int | None) -> Call[list[Notification]]:
    """The messages that mention one, the newest first."""
    return call(endpoints.MENTIONS, query=query_of(endpoints.MENTIONS, {"limit": limit}))


def unreads(*, limit: int | None) -> Call[list[Notification]]:
    """Those of them that one has not read."""
    return call(endpoints.UNREADS, query=query_of(endpoints.UNREADS, {"limit": limit}))
