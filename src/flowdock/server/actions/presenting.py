"""What integrations present: activities and discussions, each in a thread of its source.

Source: wire facts 2.1, 3.6, 4.4.
"""

from dataclasses import replace
from typing import Any

from flowdock.protocol.parameters import SendParameters
from flowdock.protocol.tags import FILE_TAG
from flowdock.server.actions import places, thread_actions
from flowdock.server.actions.places import Place
from flowdock.server.actions.source_shapes import shown_source
from flowdock.server.domain import html, messages, naming, tagging, threads
from flowdock.server.domain.actors import Integration, idempotency_owner
from flowdock.server.domain.refusals import invalid
from flowdock.server.records import StoredFile, ThreadState
from flowdock.server.store import idempotency, logs, sources
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.keys import key_of
from flowdock.server.store.transaction import Transaction

EXTERNAL_ID_LIMIT = 255


def present(tx: Transaction, actor: Integration, place: Place, event: str, given: SendParameters) -> bytes:
    """Post an activity or a discussion; its REST JSON."""
    said = _checked(event, given)
    thread, is_new = _thread(tx, actor, place, given)
    explicit = tagging.checked_tags(given.get("tags") or ())
    attachments = [file.content for file in _attachments(given)]
    tags = tagging.expanded(
        [*explicit, *([FILE_TAG] if attachments else [])], author=0, roster=places.roster(tx, place)
    )
    # The number is taken once nothing can be refused any more: a refusal after it would undo a whole group of writes.
    number = logs.take_message_number(tx, place.log_id)
    thread = threads.counted(thread, event, number=number, now=tx.now)
    if is_new:
        thread = replace(thread, key=key_of(place.log_id, number))
        stored_threads.insert(tx, place.log_id, thread)
    else:
        stored_threads.update(tx, thread)
    message = messages.composed(
        id=number,
        event=event,
        place=place.address,
        user=0,
        content=None,
        tags=tags,
        sent=tx.now,
        uuid=given.get("uuid") or naming.uuid(tx.entropy(16)),
        app="influx",
        thread=shown(tx, thread),
        attachments=attachments,
    )
    if given.get("uuid"):
        idempotency.remember(tx, place.log_id, idempotency_owner(actor), given["uuid"], number)
    return places.record_message(tx, place, message | said, author=0, thread_key=thread.key)


def shown(tx: Transaction, thread: ThreadState) -> dict[str, object]:
    """A thread as REST shows it, with the source it came from."""
    source = None if thread.source_id is None else sources.find(tx, thread.source_id)
    if thread.actions:
        thread = replace(thread, actions=thread_actions.shown(tx, thread, source))
    return threads.shown(thread, None if source is None else shown_source(tx, source))


def _checked(event: str, given: SendParameters) -> dict[str, object]:
    """What an item says, beside its thread."""
    title = messages.checked_title(given.get("title"))
    author = messages.checked_author(given.get("author"))
    body = given.get("body")
    if event == "discussion" and not body:
        raise invalid("body", "can't be blank")
    return {"author": author, "title": title, "body": html.safe(body) if body else None}


def _thread(tx: Transaction, actor: Integration, place: Place, given: SendParameters) -> tuple[ThreadState, bool]:
    """The item's thread in the state it was given, and whether it is new; a new one has no number yet."""
    state = given.get("thread")
    known = _known_thread(tx, actor, place, given)
    if known is None and state is None:
        raise invalid("thread", "can't be blank when the external_thread_id is new")
    thread = known or ThreadState(
        key=0,
        id=naming.thread_id(tx.now, tx.entropy(14)),
        title="",
        initial_message=0,
        created_at=tx.now,
        updated_at=tx.now,
        source_id=actor.source_id,
        external_id=given["external_thread_id"],
    )
    if state is not None:
        thread = replace(threads.presented(thread, state), updated_at=tx.now)
    return thread, known is None


def _known_thread(tx: Transaction, actor: Integration, place: Place, given: SendParameters) -> ThreadState | None:
    if given.get("thread_id"):
        return stored_threads.get(tx, place.log_id, given["thread_id"])
    external_id = given.get("external_thread_id")
    if not external_id:
        raise invalid("external_thread_id", "can't be blank without a thread_id")
    if len(external_id) > EXTERNAL_ID_LIMIT:
        raise invalid("external_thread_id", f"is too long (maximum is {EXTERNAL_ID_LIMIT} characters)")
    return stored_threads.find_external(tx, actor.source_id, external_id)


def _attachments(given: SendParameters) -> list[StoredFile]:
    found: Any = given.get("attachments") or []
    files = list(found.values()) if isinstance(found, dict) else found if isinstance(found, list) else [found]
    if not all(isinstance(file, StoredFile) for file in files):
        raise invalid("attachments", "hold something that is not a file; send them as multipart")
    return files
