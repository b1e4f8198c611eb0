"""Mail as an item of a flow's inbox: how it is put there, whoever brings it.

Source: wire facts 3.5 (mail).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flowdock.protocol.tags import FILE_TAG
from flowdock.server.actions import places, sending
from flowdock.server.actions.places import Place
from flowdock.server.actions.sending import Words
from flowdock.server.domain import html, tagging, threads
from flowdock.server.domain.inbox import Address
from flowdock.server.records import StoredFile, ThreadState
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.keys import key_of
from flowdock.server.store.transaction import NotFound, Transaction

__all__ = ["HTML", "NO_SUBJECT", "TEXT", "Address", "Mail", "content_of", "put_into"]

NO_SUBJECT = "(no subject)"
HTML = "text/html"
TEXT = "text/plain"


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
    title = threads.title_of(mail.subject) or NO_SUBJECT
    words = Words(content_of(mail), expanded, title, [file.content for file in attachments])
    number, text = sending.publish(tx, place, words, event="mail", author=0, replied_to=replied_to)
    key = key_of(place.log_id, number) if replied_to is None else replied_to.key
    thread = stored_threads.by_key(tx, key)
    if thread is None:
        raise NotFound
    return number, thread, text


def content_of(mail: Mail) -> dict[str, object]:
    """The content of the message that a mail becomes, cleaned."""
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
