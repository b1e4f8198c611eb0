"""Saying something: in a flow, in a thread, in private, or as an integration.

Source: wire facts 2.1, 4.4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack, cast

from flowdock.protocol.parameters import ActivityParameters, SendAnywhereParameters, SendParameters, UploadParameters
from flowdock.protocol.tags import FILE_TAG
from flowdock.server.actions import places, presenting
from flowdock.server.actions.answers import Accepted, Encoded, Whispered
from flowdock.server.actions.places import Place
from flowdock.server.domain import messages, naming, tagging, threads
from flowdock.server.domain.actors import Actor, Integration, Person, idempotency_owner
from flowdock.server.domain.permissions import INBOX, POST_TO_CONVERSATION, POST_TO_FLOW
from flowdock.server.domain.refusals import invalid, not_found
from flowdock.server.records import StoredFile, ThreadState
from flowdock.server.store import conversations, events, idempotency, logs, people
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.keys import key_of
from flowdock.server.store.transaction import Appended, Transaction

Reply = Encoded | Accepted | Whispered

WHISPERS = frozenset({"activity.user", "typing"})
"""What people send that is heard and never stored."""


def send_to_flow(tx: Transaction, actor: Actor, *, org: str, flow: str, **given: Unpack[SendParameters]) -> Reply:
    """Post to a flow by its two names."""
    return post(tx, actor, places.in_flow(tx, actor, org, flow, POST_TO_FLOW), given)


def send_to_thread(tx: Transaction, actor: Actor, *, org: str, flow: str, **given: Unpack[SendParameters]) -> Reply:
    """Reply into a thread: `thread_id` is part of the path here."""
    return post(tx, actor, places.in_flow(tx, actor, org, flow, POST_TO_FLOW), given)


def upload(tx: Transaction, actor: Actor, *, number: int, **given: Unpack[UploadParameters]) -> Reply:
    """Share a file in the flow whose files are under this number."""
    return post(tx, actor, places.by_log(tx, actor, number, POST_TO_FLOW), cast("SendParameters", given))


def send_privately(tx: Transaction, actor: Actor, *, user_id: int, **given: Unpack[SendParameters]) -> Reply:
    """Say something to one person, or to oneself."""
    # Nothing begins with what is not stored.
    begin = given.get("event") not in WHISPERS
    return post(tx, actor, places.with_person(tx, actor, user_id, POST_TO_CONVERSATION, begin=begin), given)


def send(tx: Transaction, actor: Actor, **given: Unpack[SendAnywhereParameters]) -> Reply:
    """Post to the flow that `flow` names, or to that of the source whose flow token was given."""
    return post(tx, actor, places.by_flow_id(tx, actor, given.get("flow"), POST_TO_FLOW), given)


def present(tx: Transaction, actor: Actor, **given: Unpack[ActivityParameters]) -> Reply:
    """Post an item as old integrations do: an activity, unless they say otherwise."""
    return post(
        tx,
        actor,
        places.by_flow_id(tx, actor, None, POST_TO_FLOW),
        cast("SendParameters", {"event": "activity", **given}),
    )


def may_post(tx: Transaction, actor: Actor, parameters: Mapping[str, Any]) -> int:
    """The log that a send with these parameters would go to, so that its files can be kept before; refuses like it.

    A private conversation that begins with a file begins here: the file's address names its log.
    """
    _check_event(actor, parameters.get("event", "file"))
    if "org" in parameters:
        place = places.in_flow(tx, actor, parameters["org"], parameters["flow"], POST_TO_FLOW)
    elif "number" in parameters:
        place = places.by_log(tx, actor, parameters["number"], POST_TO_FLOW)
    elif "user_id" in parameters:
        place = places.with_person(tx, actor, parameters["user_id"], POST_TO_CONVERSATION, begin=True)
    else:
        place = places.by_flow_id(tx, actor, parameters.get("flow"), POST_TO_FLOW)
    return place.log_id


def _check_event(actor: Actor, event: str | None) -> str:
    allowed = messages.CHAT_EVENTS if isinstance(actor, Person) else messages.INTEGRATION_EVENTS
    if not event or event not in allowed:
        problem = "can't be blank" if not event else f"is {event!r}; it may be {', '.join(sorted(allowed))}"
        raise invalid("event", problem)
    return event


def post(tx: Transaction, actor: Actor, place: Place, given: SendParameters) -> Reply:
    """Post to a place that was found already."""
    event = given.get("event")
    if event in WHISPERS and isinstance(actor, Person):
        return _show_activity(tx, actor, place) if event == "activity.user" else _show_typing(tx, actor, place, given)
    event = _check_event(actor, event)
    uuid = given.get("uuid")
    if uuid is not None:
        known = idempotency.find(tx, place.log_id, idempotency_owner(actor), messages.checked_uuid(uuid))
        if known is not None:
            return Encoded(events.get(tx, place.log_id, known).json, repeated=True)
    if isinstance(actor, Integration) and event in ("activity", "discussion"):
        return Encoded(presenting.present(tx, actor, place, event, given))
    return Encoded(_say(tx, actor, place, event, given))


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says, under which tags, and what a thread that begins with it is called."""

    content: object
    tags: Sequence[str] = ()
    title: str = ""
    attachments: Sequence[object] = ()


def _say(tx: Transaction, actor: Actor, place: Place, event: str, given: SendParameters) -> bytes:
    author = actor.user_id if isinstance(actor, Person) else 0
    words = _words_of_file(tx, place, author, given) if event == "file" else _words(tx, place, author, given)
    name = given.get("external_user_name")
    if name is not None:
        messages.checked_external_user_name(name)
    replied_to = _thread_replied_to(tx, place, given.get("thread_id"))
    uuid = given.get("uuid")
    if event == "status":
        people.set_status(tx, place.log_id, author, str(words.content))
    number, text = publish(
        tx, place, words, event=event, author=author, replied_to=replied_to, uuid=uuid, external_user_name=name
    )
    if uuid is not None:
        idempotency.remember(tx, place.log_id, idempotency_owner(actor), uuid, number)
    return text


def publish(
    tx: Transaction,
    place: Place,
    words: Words,
    *,
    event: str,
    author: int,
    replied_to: ThreadState | None = None,
    uuid: str | None = None,
    external_user_name: str | None = None,
) -> tuple[int, bytes]:
    """Append a message, in its thread where it belongs to one; its number and its REST JSON."""
    number = logs.take_message_number(tx, place.log_id)
    thread = None
    if event in messages.THREADED_EVENTS and not place.is_private:
        thread = _in_thread(tx, place, replied_to, event=event, number=number, title=words.title)
    if place.is_private:
        conversations.open_for_both(tx, place.log_id)
    message = messages.composed(
        id=number,
        event=event,
        place=place.address,
        user=0 if external_user_name is not None else author,
        content=words.content,
        tags=words.tags,
        sent=tx.now,
        uuid=uuid or naming.uuid(tx.entropy(16)),
        app="influx" if event in INBOX else "chat",
        thread=None if thread is None else presenting.shown(tx, thread),
        attachments=words.attachments,
        external_user_name=external_user_name,
    )
    key = None if thread is None else thread.key
    return number, places.record_message(tx, place, message, author=author, thread_key=key)


def _words(tx: Transaction, place: Place, author: int, given: SendParameters) -> Words:
    text = messages.checked_content(given.get("content"))
    explicit = tagging.checked_tags(given.get("tags") or ())
    roster = places.roster(tx, place)
    tags = tagging.for_message(text, explicit, author=author, roster=roster, recipient=place.recipient)
    return Words(text, tags, threads.title_of(text))


def _words_of_file(tx: Transaction, place: Place, author: int, given: SendParameters) -> Words:
    file = given.get("content")
    if not isinstance(file, StoredFile):
        raise invalid("content", "is not a file; send it as multipart, or as {data, content_type, file_name}")
    explicit = [*tagging.checked_tags(given.get("tags") or ()), FILE_TAG]
    roster = places.roster(tx, place)
    tags = tagging.for_message("", explicit, author=author, roster=roster, recipient=place.recipient)
    return Words(file.content, tags, threads.title_of_file(str(file.content["file_name"])), [file.content])


def _thread_replied_to(tx: Transaction, place: Place, thread_id: str | None) -> ThreadState | None:
    if not thread_id:
        return None
    if place.is_private:
        raise not_found()
    return stored_threads.get(tx, place.log_id, thread_id)


def _in_thread(
    tx: Transaction, place: Place, replied_to: ThreadState | None, *, event: str, number: int, title: str
) -> ThreadState:
    """The thread that the new message belongs to, counted in: the one replied to, or its own."""
    if replied_to is not None:
        thread = threads.counted(replied_to, event, number=number, now=tx.now)
        stored_threads.update(tx, thread)
        return thread
    thread = ThreadState(
        key=key_of(place.log_id, number),
        id=naming.thread_id(tx.now, tx.entropy(14)),
        title=title,
        initial_message=number,
        created_at=tx.now,
        updated_at=tx.now,
        internal_comments=1,
    )
    stored_threads.insert(tx, place.log_id, thread)
    return thread


def _show_activity(tx: Transaction, actor: Person, place: Place) -> Accepted:
    """Tell a flow, or both people of a conversation, that somebody is active: heard, never stored."""
    people.seen(tx, actor.user_id, active=True)
    event = messages.activity(user=actor.user_id, place=place.address, now=tx.now)
    tx.appended += [Appended(log_id, 0, events.encode(event)) for log_id in _heard_in(place)]
    return Accepted()


def _show_typing(tx: Transaction, actor: Person, place: Place, given: SendParameters) -> Whispered:
    """Tell them that somebody is writing, in a thread of the flow if one is named."""
    replied_to = _thread_replied_to(tx, place, given.get("thread_id"))
    content = {} if replied_to is None else {"thread_id": replied_to.id}
    event = messages.whisper("typing", content, user=actor.user_id, place=place.address, now=tx.now)
    where = f"{place.log_id} {place.recipient} {content}"
    return Whispered(f"typing {actor.user_id} {where}", tuple(_heard_in(place)), events.encode(event))


def _heard_in(place: Place) -> Sequence[int]:
    """The logs that readers follow for what happens in a place: in private, those of the two people."""
    return place.personal_logs or (place.log_id,)
