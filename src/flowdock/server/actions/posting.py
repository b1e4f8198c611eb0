"""Mail to people: put into the outbox by the transaction that causes it, and sent once that is stored."""

from typing import Literal, TypeAlias

from flowdock.server.domain import naming
from flowdock.server.store import outbox
from flowdock.server.store.transaction import Transaction

Kind: TypeAlias = Literal["invitation", "password reset", "password changed", "mention"]


def post(
    tx: Transaction,
    *,
    kind: Kind,
    recipient: str,
    subject: str,
    body: str,
    message_id: str | None = None,
    reply_to: str | None = None,
) -> bool:
    """Have a mail sent; False where this server sends none. `body` is plain text.

    `message_id` is one of `new_message_id`, for a mail whose answers have to be known. `reply_to` is where they go.
    """
    if not tx.site.sends_mail:
        return False
    outbox.add(
        tx,
        kind=kind,
        recipient=recipient,
        subject=_one_line(subject),
        body=body,
        message_id=message_id or new_message_id(tx),
        reply_to=reply_to,
    )
    return True


def new_message_id(tx: Transaction) -> str:
    """A fresh `Message-ID`, angle brackets included."""
    return f"<{naming.uuid(tx.entropy(16))}@{tx.site.mail_domain}>"


def _one_line(text: str) -> str:
    return " ".join(text.split())
