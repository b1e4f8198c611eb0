"""Private conversations.

Source: wire facts 2.8.
"""

from flowdock.client.calls.call import Call, call
from flowdock.protocol import endpoints
from flowdock.protocol.resources import Conversation


def list_conversations() -> Call[list[Conversation]]:
    """One's conversations."""
    return call(endpoints.LIST_CONVERSATIONS)


def show_conversation(uid: int | str) -> Call[Conversation]:
    """The conversation with one other person."""
    return call(endpoints.SHOW_CONVERSATION, {"user_id": uid})


def update_conversation(uid: int | str, *, open: bool) -> Call[Conversation]:
    """Say whether it is shown among one's own."""
    return call(endpoints.UPDATE_CONVERSATION, {"user_id": uid}, json={"open": open})
