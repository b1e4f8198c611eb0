"""Telling people by mail what waits for them, when they do not come to see it by themselves.

What mentions somebody, or is said to them in private, is noted with the message. Ten minutes later they get one mail
about all that still waits: nothing of what they have read, and nothing while they are here.

Source: ours; the service sent such mails too, their words are not known.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from flowdock.protocol import tags as grammar
from flowdock.server.actions import posting
from flowdock.server.domain import messages
from flowdock.server.store import mails, notices, people
from flowdock.server.store.notices import Recipient, Waiting
from flowdock.server.store.transaction import NotFound, Transaction

PATIENCE = 10 * 60_000
"""Milliseconds after which somebody who was mentioned, or was here, gets mail; and between two mails."""
LISTED = 20
TEXT_LIMIT = 300
_UNREAD = grammar.unread_tag("")

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def note(tx: Transaction, log_id: int, key: int, tags: Iterable[str], *, author: int) -> None:
    """Remember for whom a message waits, if this server sends mail at all."""
    if not tx.site.sends_mail:
        return
    for tag in tags:
        number = tag.removeprefix(_UNREAD)
        if number == tag or not number.isascii() or not number.isdigit():
            continue
        user_id = int(number[:20])
        if user_id != author and people.may_exist(user_id):
            notices.add(tx, user_id=user_id, key=key, log_id=log_id, due_at=tx.now + PATIENCE)


def remind(tx: Transaction, most: int) -> tuple[()]:
    """Write to so many people, at most, whom something waits for; there is nothing left to carry."""
    for user_id in notices.take(tx, most=most):
        recipient = notices.recipient(tx, user_id)
        if recipient is not None and recipient.wants_mail and recipient.last_ping > tx.now - PATIENCE:
            notices.put_off(tx, user_id, until=recipient.last_ping + PATIENCE)
            continue
        if recipient is not None and recipient.wants_mail:
            _write_to(tx, user_id, recipient)
        notices.forget(tx, user_id)
    return ()


def _write_to(tx: Transaction, user_id: int, recipient: Recipient) -> None:
    tag = grammar.unread_tag(user_id)
    found = [(one, _decode(one.message)) for one in notices.waiting(tx, user_id)]
    unread = [(one, message) for one, message in found if tag in message["tags"]]
    if not unread:
        return
    newest, first = unread[0]
    message_id = posting.new_message_id(tx)
    posting.post(
        tx,
        kind="mention",
        recipient=recipient.email,
        subject=_subject(tx, newest, first) if len(unread) == 1 else f"{len(unread)} messages wait for you",
        body=_body(tx, recipient, unread),
        message_id=message_id,
        reply_to=_answered_to(tx, newest, message_id),
    )


def _subject(tx: Transaction, where: Waiting, message: dict[str, Any]) -> str:
    who = _author(tx, message)
    return f"{who} wrote to you" if where.flow_name is None else f"{who} mentioned you in {where.flow_name}"


def _body(tx: Transaction, recipient: Recipient, unread: list[tuple[Waiting, dict[str, Any]]]) -> str:
    pieces = [f"Hello {recipient.nick}, this waits for you:"]
    for where, message in unread[:LISTED]:
        place = "in private" if where.flow_name is None else f"in {where.flow_name}"
        text = " ".join(messages.text_of(message).split())
        shown = text if len(text) <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}…"
        pieces.append(f"{_author(tx, message)} {place}:\n  {shown}\n  {_link(tx, where, message)}")
    if len(unread) > LISTED:
        pieces.append(f"… and {len(unread) - LISTED} more.")
    pieces.append("Without mail_notices in your profile you get no such mail any more.")
    return "\n\n".join(pieces) + "\n"


def _link(tx: Transaction, where: Waiting, message: dict[str, Any]) -> str:
    if where.flow is None:
        return f"{tx.site.web_url}/app/private/{message['user']}"
    return f"{tx.site.web_url}/app/{where.organization}/{where.flow}/messages/{message['id']}"


def _answered_to(tx: Transaction, where: Waiting, message_id: str) -> str | None:
    """The flow's own address, where mail comes in: an answer joins the thread of the newest message."""
    if not tx.site.takes_mail or where.flow is None or where.thread_key is None:
        return None
    mails.put(tx, where.log_id, message_id, thread_key=where.thread_key, number=0)
    return tx.site.mail_address(str(where.organization), where.flow)


def _author(tx: Transaction, message: dict[str, Any]) -> str:
    name = message.get("external_user_name") or (message.get("author") or {}).get("name")
    if name:
        return str(name)
    try:
        return people.get(tx, int(message["user"])).nick
    except NotFound:
        return "Somebody"
