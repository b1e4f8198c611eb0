"""Sending the mails of the outbox: how each is written, and what comes of it."""

import logging
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage

from flowdock.server.couriers.courier import LEASE, Courier
from flowdock.server.domain.patience import pause_after
from flowdock.server.outgoing.smtp import MailFailed, Smtp
from flowdock.server.records import Site
from flowdock.server.store import outbox
from flowdock.server.store.outbox import OutgoingMail
from flowdock.server.store.store import Store
from flowdock.server.store.transaction import Transaction

AT_ONCE = 4
"""So many are on their way at once, on a connection each."""

log = logging.getLogger("flowdock.couriers")


def courier_of_mails(store: Store, smtp: Smtp, *, sender: Address) -> Courier[OutgoingMail]:
    """What sends all mails."""
    desk = _Desk(store, smtp, sender)
    return Courier(
        store,
        is_due=outbox.is_due,
        take=lambda tx, most: outbox.take(tx, most=most, until=tx.now + LEASE),
        carry=desk.send,
        at_once=AT_ONCE,
    )


def written(mail: OutgoingMail, *, site: Site, sender: Address) -> EmailMessage:
    """A mail as it leaves.

    Raises:
        MailFailed: there is nobody to whom it could go.
    """
    message = EmailMessage()
    try:
        message["To"] = Address(addr_spec=mail.recipient)
        if mail.reply_to is not None:
            message["Reply-To"] = Address(addr_spec=mail.reply_to)
    except Exception as error:  # what the standard library raises for a text that is none is of many kinds
        raise MailFailed(f"{mail.recipient!r} is not an address of somebody", is_final=True) from error
    message["From"] = sender
    message["Subject"] = mail.subject
    message["Date"] = datetime.fromtimestamp(mail.created_at / 1000, UTC)
    message["Message-ID"] = mail.message_id
    # No answer by a program, which would be answered by a program.
    message["Auto-Submitted"] = "auto-generated"
    message["List-Id"] = f"Flowdock <flowdock.{site.mail_domain}>"
    message["X-Flowdock"] = site.name
    message.set_content(mail.body)
    return message


class _Desk:
    def __init__(self, store: Store, smtp: Smtp, sender: Address) -> None:
        self._store = store
        self._smtp = smtp
        self._sender = sender

    async def send(self, mail: OutgoingMail) -> None:
        """Send a mail, and write down what came of it."""
        try:
            message = written(mail, site=self._store.site, sender=self._sender)
            await self._smtp.send(message, sender=self._sender.addr_spec, recipient=mail.recipient)
        except MailFailed as error:
            log.warning("mail %d (%s) could not be sent: %s", mail.id, mail.kind, error)
            failed = error  # `error` is gone after this block
            await self._store.write(lambda tx: _settle(tx, mail, failed), about=self)
        else:
            await self._store.write(lambda tx: outbox.sent(tx, mail.id), about=self)


def _settle(tx: Transaction, mail: OutgoingMail, failure: MailFailed) -> None:
    pause = None if failure.is_final else pause_after(mail.attempts + 1, tx.entropy(2))
    outbox.failed(tx, mail.id, error=str(failure), again_at=None if pause is None else tx.now + pause)
