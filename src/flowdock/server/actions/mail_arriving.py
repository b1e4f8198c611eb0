"""A mail to a flow's address: whether it may come in, and that it does so once.

Whoever knows the address may write to it, and nobody knows who they are: a mail can claim any sender. So what it
becomes is never a person's message.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flowdock.server.actions import mailing, places
from flowdock.server.actions.mailing import Mail
from flowdock.server.domain.permissions import PUSH_TO_FLOW
from flowdock.server.records import StoredFile
from flowdock.server.store import flows, mails
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Addressed:
    """The flow of an address, by its log, and whether it has the mail already."""

    log_id: int
    has_it: bool


def addressed(tx: Transaction, *, org: str, flow: str, message_id: str = "") -> Addressed:
    """Look where a mail is to go.

    Raises:
        NotFound: there is no such flow.
        Refusal: 403, it is archived.
    """
    place = places.flow_itself(tx, flows.get(tx, 0, org, flow).log_id, PUSH_TO_FLOW)
    return Addressed(place.log_id, mails.find(tx, place.log_id, message_id) is not None)


def take_in(
    tx: Transaction,
    *,
    log_id: int,
    mail: Mail,
    message_id: str,
    refers_to: Sequence[str] = (),
    tags: Sequence[str] = (),
    attachments: Sequence[StoredFile] = (),
) -> bool:
    """Make a mail an item of a flow, in the thread of the mails that it refers to; whether it was not there before.

    Raises:
        NotFound: there is no such flow any more.
        Refusal: 403, it is archived by now; 400, there are too many tags.
    """
    place = places.flow_itself(tx, log_id, PUSH_TO_FLOW)
    if mails.find(tx, log_id, message_id) is not None:
        return False
    key = mails.find_thread(tx, log_id, refers_to)
    thread = None if key is None else stored_threads.by_key(tx, key)
    number, thread, _ = mailing.put_into(tx, place, mail, tags=tags, attachments=attachments, replied_to=thread)
    mails.put(tx, log_id, message_id, thread_key=thread.key, number=number)
    return True
