"""Moving a message to another thread of its flow, and what that does to both threads.

Any message that belongs to a thread may be moved: what people said and shared by its author, and by the flow's admins
everything, what integrations presented included. Moving it back leaves both threads as they were; one that a move
emptied remains for that, and is listed no longer.

A message carries the state that its thread had when it came. Of that only `initial_message` is kept true afterwards, as
old programs answer to the message it names; a move is dear only where it changes the first message of a thread.
"""

from dataclasses import dataclass, replace
from typing import Any

from flowdock.server.actions import places, presenting
from flowdock.server.actions.places import Place
from flowdock.server.domain import messages, naming, permissions, threads
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import RETHREAD_MESSAGE, Role
from flowdock.server.domain.refusals import invalid
from flowdock.server.records import ThreadState
from flowdock.server.store import events, logs
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.events import Stored
from flowdock.server.store.keys import key_of
from flowdock.server.store.transaction import NotFound, Transaction


@dataclass(frozen=True, slots=True)
class Move:
    """From where a message goes, and whereto: None stands for a new thread of its own."""

    left: ThreadState
    joined: ThreadState | None


def decided(
    tx: Transaction, actor: Actor, place: Place, stored: Stored, thread_id: str | None, *, roles: frozenset[Role]
) -> Move | None:
    """How a message is to be moved, so that it is in this thread; None when it is there already.

    Raises:
        Refusal: 403, it is somebody else's; 400, it is of a kind that belongs to no thread.
        NotFound: there is no such thread in the flow.
    """
    permissions.demand(RETHREAD_MESSAGE, actor, roles)
    if stored.thread_key is None:
        raise invalid(
            "thread_id", f"can't be changed: message {stored.message['id']} is a {stored.event}, in no thread"
        )
    left = stored_threads.by_key(tx, stored.thread_key)
    if left is None:
        raise NotFound
    if not thread_id:
        return None if left.source_id is None and threads.size(left) == 1 else Move(left, None)
    joined = stored_threads.get(tx, place.log_id, thread_id)
    return None if joined.key == left.key else Move(left, joined)


def perform(tx: Transaction, place: Place, stored: Stored, message: dict[str, Any], move: Move, *, user: int) -> None:
    """Move a message, which REST shows like this so far, and tell the flow."""
    number = logs.take_number(tx, place.log_id)
    # Being moved is no news of an integration's item: `updated_at` stays.
    thread = move.joined or _begun(tx, place, message, number)
    thread = threads.counted(thread, stored.event, number=message["id"], now=thread.updated_at)
    if move.joined is None:
        stored_threads.insert(tx, place.log_id, thread)
    events.put_into_thread(tx, stored, thread.key)
    settle(tx, threads.uncounted(move.left, stored.event))
    shown = presenting.shown(tx, settle(tx, thread))
    events.rewrite(tx, stored, {**message, "thread_id": thread.id, "thread": shown})
    event = messages.about_a_message(
        "rethread",
        {
            "message": message["id"],
            "thread_id": thread.id,
            "from": move.left.id,
            "thread": {**shown, **place.address},
        },
        id=number,
        place=place.address,
        user=user,
        sent=tx.now,
        lasting=False,
    )
    places.record(tx, place, event, author=user, refers_to=stored.key)


def settle(tx: Transaction, thread: ThreadState) -> ThreadState:
    """Store a thread that messages came to or left, with the first message that it has now."""
    first = events.first_of_thread(tx, thread.key)
    if first is not None and first != thread.initial_message:
        thread = replace(thread, initial_message=first)
        events.name_first_of_thread(tx, thread.key, first)
    stored_threads.update(tx, thread)
    return thread


def _begun(tx: Transaction, place: Place, message: dict[str, Any], number: int) -> ThreadState:
    """A new thread for a message, with the key of this event: that of the message may be a thread's already."""
    return ThreadState(
        key=key_of(place.log_id, number),
        id=naming.thread_id(tx.now, tx.entropy(14)),
        title=threads.title_for(message),
        initial_message=message["id"],
        created_at=tx.now,
        updated_at=tx.now,
    )
