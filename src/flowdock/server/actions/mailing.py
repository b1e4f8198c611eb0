"""Mail as an item of a flow's inbox: how it is put there, whoever brings it.

Source: wire facts 3.5 (mail).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from flowdock.protocol.tags import FILE_TAG
from flowdock.server.actions import places, presenting
from flowdock.server.actions.places import Place
from flowdock.server.domain import html, messages, naming, tagging, threads
from flowdock.server.records import StoredFile, ThreadState
from flowdock.server.store import logs
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.keys import key_of
from flowdock.server.store.transaction import Transaction

NO_SUBJECT = "(no subject)"
HTML = "text/html"
TEXT = "text/plain"


class Address(TypedDict):
    """Somebody as a mail names them."""

    name: str | None
    address: str


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says. HTML is cleaned when it is put into a flow; `more` are further members of its content."""

    subject: str
    content: str
    senders: Sequence[Address]
    content_type: str = HTML
    to: Sequence[Address] = ()
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    reply_to: Sequence[Address] = ()
    sender: Address | None = None
    more: Mapping[str, object] = field(default_factory=dict)


def put_into(
    tx: Transaction,
    place: Place,
    mail: Mail,
    *,
    tags: Sequence[str] = (),
    attachments: Sequence[StoredFile] = (),
    replied_to: ThreadState | None = None,
) -> tuple[int, ThreadState, bytes]:
    """Make a mail an item of a flow, in the thread it answers to or in one named after its subject.

    Gives the number of the message, its thread, and its REST JSON. The place was found in the same transaction.

    Raises:
        Refusal: 400, there are too many tags, or one is too long.
    """
    explicit = [*tagging.checked_tags(list(tags)), *([FILE_TAG] if attachments else [])]
    expanded = tagging.expanded(explicit, author=0, roster=places.roster(tx, place))
    number = logs.take_message_number(tx, place.log_id)
    thread = _thread(tx, place, mail, number, replied_to)
    message = messages.composed(
        id=number,
        event="mail",
        place=place.address,
        user=0,
        content=_content(mail),
        tags=expanded,
        sent=tx.now,
        uuid=naming.uuid(tx.entropy(16)),
        app="influx",
        thread=presenting.shown(tx, thread),
        attachments=[file.content for file in attachments],
    )
    return number, thread, places.record_message(tx, place, message, author=0, thread_key=thread.key)


def _content(mail: Mail) -> dict[str, object]:
    is_html = mail.content_type.startswith(HTML)
    return {
        "subject": mail.subject,
        "content": html.safe(mail.content) if is_html else mail.content,
        "contentType": mail.content_type,
        "from": list(mail.senders),
        "to": list(mail.to),
        "cc": list(mail.cc),
        "bcc": list(mail.bcc),
        "replyTo": list(mail.reply_to),
        "sender": mail.sender,
        **mail.more,
    }


def _thread(tx: Transaction, place: Place, mail: Mail, number: int, replied_to: ThreadState | None) -> ThreadState:
    """The thread of the new item, counted in."""
    if replied_to is not None:
        thread = threads.counted(replied_to, "mail", number=number, now=tx.now)
        stored_threads.update(tx, thread)
        return thread
    thread = ThreadState(
        key=key_of(place.log_id, number),
        id=naming.thread_id(tx.now, tx.entropy(14)),
        title=threads.title_of(mail.subject) or NO_SUBJECT,
        initial_message=number,
        created_at=tx.now,
        updated_at=tx.now,
        internal_comments=1,
    )
    stored_threads.insert(tx, place.log_id, thread)
    return thread
