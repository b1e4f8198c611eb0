"""Private conversations as one has them: which there are, whether they are open, what waits in each.

Source: wire facts 2.8.
"""

from typing import Any, Unpack

from flowdock.protocol.parameters import UpdateConversationParameters
from flowdock.server.actions import notifying, people, places
from flowdock.server.actions.places import person
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import READ_CONVERSATION
from flowdock.server.store import conversations
from flowdock.server.store import people as stored_people
from flowdock.server.store.conversations import Conversation
from flowdock.server.store.transaction import Transaction


def list_conversations(tx: Transaction, actor: Actor) -> list[dict[str, Any]]:
    """The caller's conversations, that with the newest message first; those with people who left included."""
    user_id = person(actor).user_id
    found = conversations.of_user(tx, user_id)
    waiting = notifying.waiting(tx, user_id, [one.log_id for one in found])
    return [_shown(tx, user_id, one, waiting[one.log_id]) for one in found]


def show_conversation(tx: Transaction, actor: Actor, *, user_id: int) -> dict[str, Any]:
    """One of them; one that never began is as if it were there, and not open."""
    place, caller = places.with_person(tx, actor, user_id, READ_CONVERSATION), person(actor).user_id
    if not place.log_id:
        return _shown(tx, caller, Conversation(0, user_id, is_open=False), 0)
    waiting = notifying.waiting(tx, caller, [place.log_id])
    return _shown(tx, caller, conversations.get(tx, place.log_id, caller), waiting[place.log_id])


def update_conversation(
    tx: Transaction, actor: Actor, *, user_id: int, **changes: Unpack[UpdateConversationParameters]
) -> dict[str, Any]:
    """Open or close one of them for the caller alone; the next message opens it again."""
    is_open = changes.get("open")
    if is_open is not None:
        begun = places.with_person(tx, actor, user_id, READ_CONVERSATION)
        place = places.with_person(tx, actor, user_id, READ_CONVERSATION, begin=True)
        if not begun.log_id:
            # The other knows nothing of it yet.
            conversations.set_open(tx, place.log_id, user_id, is_open=False)
        conversations.set_open(tx, place.log_id, person(actor).user_id, is_open=is_open)
    return show_conversation(tx, actor, user_id=user_id)


def _shown(tx: Transaction, caller: int, one: Conversation, waiting: int) -> dict[str, Any]:
    other = stored_people.get(tx, one.other_id)
    both = [other] if caller == other.id else [stored_people.get(tx, caller), other]
    return {
        "id": other.id,
        "url": f"{tx.site.api_url}/private/{other.id}",
        "name": f"@{other.nick}",
        "open": one.is_open,
        "activity": {"inbox": False, "mentions": waiting, "chat": waiting > 0},
        "users": [people.shown(tx, user) for user in both],
    }
