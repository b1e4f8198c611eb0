"""What waits for somebody, and what mentions them. The tag `:unread:ID` of a message is what tells.

Source: wire facts 2.14, 3.4 (a read-marking tag-change), 4.1; the rest is ours, in the same style.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any, Unpack

from flowdock.protocol import tags as grammar
from flowdock.protocol.parameters import MarkReadParameters, NotificationsParameters
from flowdock.server.actions import places
from flowdock.server.actions.places import Place, person
from flowdock.server.domain import messages, permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import MARK_READ, READ_CONVERSATION, READ_FLOW, Role
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import conversations, events, flows, logs, pages, tagged
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.keys import number_of
from flowdock.server.store.tagged import Found
from flowdock.server.store.transaction import NotFound, Transaction

AT_ONCE = 500
"""So many messages are marked as read by one request, and named in one answer: the newest."""


def unread(tx: Transaction, actor: Actor) -> list[dict[str, Any]]:
    """What waits in each flow the caller is in."""
    if not permissions.allows(READ_FLOW, actor, {Role.MEMBER}):
        return []
    user_id = person(actor).user_id
    return [_waiting(tx, user_id, flow.log_id, flow.id) for flow in flows.of_user(tx, user_id)]


def unread_in_flow(tx: Transaction, actor: Actor, *, org: str, flow: str) -> dict[str, Any]:
    """What waits in one flow."""
    place = places.in_flow(tx, actor, org, flow, READ_FLOW)
    return _waiting(tx, person(actor).user_id, place.log_id, place.address["flow"])


def mark_read(
    tx: Transaction, actor: Actor, *, org: str, flow: str, **which: Unpack[MarkReadParameters]
) -> dict[str, Any]:
    """Have read the newest 500 of what waits, or of what waits in a thread or up to a message; what waits still."""
    place = places.in_flow(tx, actor, org, flow, MARK_READ)
    user_id, thread_id = person(actor).user_id, which.get("thread_id")
    thread_key = stored_threads.get(tx, place.log_id, thread_id).key if thread_id else None
    until = which.get("until_id")
    tag = grammar.unread_tag(user_id)
    for found in tagged.newest(tx, place.log_id, [tag], limit=AT_ONCE, thread_key=thread_key, until=until):
        _read(tx, place, found.key, user_id)
    return _waiting(tx, user_id, place.log_id, place.address["flow"])


def mentions(tx: Transaction, actor: Actor, **wanted: Unpack[NotificationsParameters]) -> list[dict[str, Any]]:
    """The newest messages that mention the caller, or everybody where they are; the newest first."""
    user_id = person(actor).user_id
    return _notifications(tx, actor, [grammar.user_tag(user_id), grammar.user_tag("everyone")], wanted)


def unreads(tx: Transaction, actor: Actor, **wanted: Unpack[NotificationsParameters]) -> list[dict[str, Any]]:
    """The newest messages that wait for the caller, in flows and in private; the newest first."""
    return _notifications(tx, actor, [grammar.unread_tag(person(actor).user_id)], wanted)


def waiting(tx: Transaction, user_id: int, log_ids: Collection[int]) -> dict[int, int]:
    """How many messages of each of these flows and conversations wait for somebody."""
    return tagged.counts(tx, log_ids, grammar.unread_tag(user_id))


def _waiting(tx: Transaction, user_id: int, log_id: int, flow_id: str) -> dict[str, Any]:
    found = tagged.newest(tx, log_id, [grammar.unread_tag(user_id)], limit=AT_ONCE)
    count = len(found) if len(found) < AT_ONCE else waiting(tx, user_id, [log_id])[log_id]
    return {
        "flow": flow_id,
        "count": count,
        "messages": [number_of(one.key) for one in reversed(found)],
        "threads": dict(Counter(one.thread_id for one in found if one.thread_id is not None)),
    }


def _read(tx: Transaction, place: Place, key: int, user_id: int) -> None:
    """Take the mark from a message; nobody edited it, so that nothing else of it changes."""
    stored, tag = events.find(tx, key), grammar.unread_tag(user_id)
    if stored is None:
        raise NotFound
    message = stored.message
    gone = [one for one in message["tags"] if one.casefold() == tag]
    message["tags"] = [one for one in message["tags"] if one not in gone]
    events.rewrite(tx, stored, message)
    tagged.forget(tx, key, tag)
    event = messages.about_a_message(
        "tag-change",
        {"message": message["id"], "add": [], "remove": gone},
        id=logs.take_number(tx, place.log_id),
        place=place.address,
        user=user_id,
        sent=tx.now,
    )
    places.record(tx, place, event, author=user_id, refers_to=key)


def _notifications(
    tx: Transaction, actor: Actor, tags: Sequence[str], wanted: NotificationsParameters
) -> list[dict[str, Any]]:
    limit = wanted.get("limit", pages.DEFAULT_LIMIT)
    if not 1 <= limit <= pages.LARGEST_LIMIT:
        raise invalid("limit", f"is {limit}; it may be 1 to {pages.LARGEST_LIMIT}")
    user_id = person(actor).user_id
    found: list[tuple[int, dict[str, Any]]] = []
    for name, log_id in _read_by(tx, actor):
        found += [_notification(name, one, user_id) for one in tagged.newest(tx, log_id, tags, limit=limit)]
    found.sort(key=lambda one: one[0], reverse=True)
    return [notification for _, notification in found[:limit]]


def _notification(place: str, found: Found, user_id: int) -> tuple[int, dict[str, Any]]:
    message = events.decoded(found.json)
    is_unread = grammar.unread_tag(user_id) in message["tags"]
    return message["sent"], {"id": f"{place}/{message['id']}", "message": message, "unread": is_unread}


def _read_by(tx: Transaction, actor: Actor) -> list[tuple[str, int]]:
    """The places the caller may read with what they came with: a name that no other has, and the log."""
    user_id, found = person(actor).user_id, []
    if permissions.allows(READ_FLOW, actor, {Role.MEMBER}):
        found += [(flow.id, flow.log_id) for flow in flows.of_user(tx, user_id)]
    if permissions.allows(READ_CONVERSATION, actor, {Role.PEER}):
        found += [(f"private/{one.other_id}", one.log_id) for one in conversations.of_user(tx, user_id)]
    return found
