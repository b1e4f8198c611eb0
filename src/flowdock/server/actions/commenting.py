"""Remarks on a message: replies into its thread, or old-style comments where there is none.

Source: wire facts 2.1, 3.3.
"""

from typing import Unpack

from flowdock.protocol.parameters import CommentAnywhereParameters, CommentParameters, SendParameters
from flowdock.server.actions import places, sending
from flowdock.server.actions.answers import Encoded
from flowdock.server.actions.places import Place
from flowdock.server.domain import messages, naming, tagging
from flowdock.server.domain.actors import Actor, Person, idempotency_owner
from flowdock.server.domain.permissions import POST_TO_FLOW
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import events, idempotency, logs
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.events import Stored
from flowdock.server.store.transaction import Transaction


def comment_on(
    tx: Transaction, actor: Actor, *, org: str, flow: str, id: int, **given: Unpack[CommentParameters]
) -> sending.Reply:
    """Remark on a message of a flow."""
    return remark_on(tx, actor, places.in_flow(tx, actor, org, flow, POST_TO_FLOW), id, given)


def comment(tx: Transaction, actor: Actor, **given: Unpack[CommentAnywhereParameters]) -> sending.Reply:
    """Remark on the message that `message` names, in the flow that `flow` or the flow token names."""
    place = places.by_flow_id(tx, actor, given.get("flow"), POST_TO_FLOW)
    parent = given.get("message", given.get("message_id"))
    if parent is None:
        raise invalid("message", "can't be blank")
    return remark_on(tx, actor, place, parent, given)


def remark_on(tx: Transaction, actor: Actor, place: Place, id: int, given: CommentParameters) -> sending.Reply:
    """Remark on a message of a place that was found already."""
    parent = events.get(tx, place.log_id, id)
    if parent.event == "comment":
        raise invalid("message", f"{id} is itself a comment")
    thread = None if parent.thread_key is None else stored_threads.by_key(tx, parent.thread_key)
    if thread is None:
        return _old_style(tx, actor, place, parent, given)
    reply: SendParameters = {"event": "message", "content": given.get("content"), "thread_id": thread.id}
    for name in ("tags", "uuid", "external_user_name"):
        if given.get(name) is not None:
            reply[name] = given[name]
    return sending.post(tx, actor, place, reply)


def _old_style(tx: Transaction, actor: Actor, place: Place, parent: Stored, given: CommentParameters) -> Encoded:
    text = messages.checked_content(given.get("content"))
    author = actor.user_id if isinstance(actor, Person) else 0
    uuid, name = given.get("uuid"), given.get("external_user_name")
    if name is not None:
        messages.checked_external_user_name(name)
    if uuid is not None:
        known = idempotency.find(tx, place.log_id, idempotency_owner(actor), messages.checked_uuid(uuid))
        if known is not None:
            return Encoded(events.get(tx, place.log_id, known).json, repeated=True)
    explicit = [f"influx:{parent.message['id']}", *tagging.checked_tags(given.get("tags") or ())]
    number = logs.take_message_number(tx, place.log_id)
    message = messages.composed(
        id=number,
        event="comment",
        place=place.address,
        user=0 if name is not None else author,
        content=messages.comment_content(parent.message, text),
        tags=tagging.for_message(text, explicit, author=author, roster=places.roster(tx, place)),
        sent=tx.now,
        uuid=uuid or naming.uuid(tx.entropy(16)),
        external_user_name=name,
    )
    if uuid is not None:
        idempotency.remember(tx, place.log_id, idempotency_owner(actor), uuid, number)
    return Encoded(places.record_message(tx, place, message, author=author))
