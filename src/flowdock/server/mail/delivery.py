"""What becomes of a message: for each flow it is addressed to, whether it was taken, in the words of SMTP."""

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

from flowdock.server.actions import mail_arriving
from flowdock.server.domain.refusals import Refusal
from flowdock.server.files import Files
from flowdock.server.files.uploads import make_upload
from flowdock.server.mail.addresses import Recipient, recipient_of
from flowdock.server.mail.parsing import Attachment, Letter, Unreadable, letter_of
from flowdock.server.records import Site, StoredFile
from flowdock.server.store.store import Store
from flowdock.server.store.transaction import NotFound

TAKEN = "250 2.0.0 OK"
NOT_OURS = "550 5.7.1 This server takes mail for its flows alone"
NO_SUCH_FLOW = "550 5.1.1 There is no such flow"
ARCHIVED = "550 5.2.1 This flow is archived"
TRY_AGAIN = "451 4.3.0 Cannot be taken now; try again later"

log = logging.getLogger("flowdock.mail")


class Delivery:
    """Takes messages into the flows of a server."""

    def __init__(self, store: Store, files: Files, site: Site) -> None:
        self._store = store
        self._files = files
        self._site = site
        # One thread, so that however many mails arrive at once, only one lies taken apart in memory.
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="mail")

    def close(self) -> None:
        """Let go of the thread."""
        self._reader.shutdown(wait=False)

    def named(self, address: str) -> Recipient | None:
        """The flow that an address means, whether there is one or not."""
        return recipient_of(address, mail_domain=self._site.mail_domain)

    async def offered(self, address: str) -> str:
        """Whether mail to this address would be taken."""
        recipient = self.named(address)
        if recipient is None:
            return NOT_OURS
        try:
            await self._store.read(lambda tx: mail_arriving.addressed(tx, org=recipient.org, flow=recipient.flow))
        except Exception as error:  # noqa: BLE001 - answered
            return _answer_to(error)
        return TAKEN

    async def deliver(self, addresses: Sequence[str], data: bytes, *, returns_to: str) -> list[str]:
        """Take a message in for each of these addresses, and give the answer for each.

        Without an address that it `returns_to` nobody wrote it: it tells of a mail that could not be delivered.
        """
        try:
            loop = asyncio.get_running_loop()
            letter = await loop.run_in_executor(self._reader, letter_of, data)
        except Unreadable as error:
            return [f"554 5.6.0 This mail {error}"] * len(addresses)
        if not returns_to or letter.is_automatic_reply or letter.sent_by == self._site.name:
            log.info("left out a mail that a program wrote in reply")
            return [TAKEN] * len(addresses)
        recipients = [self.named(address) for address in addresses]
        answers: dict[tuple[str, str], str] = {}
        for one in recipients:
            if one is not None and (one.org, one.flow) not in answers:
                tags = [tag for other in recipients if other and _same(one, other) for tag in other.tags]
                answers[one.org, one.flow] = await self._into(Recipient(one.org, one.flow, tuple(tags)), letter)
        return [NOT_OURS if one is None else answers[one.org, one.flow] for one in recipients]

    async def _into(self, recipient: Recipient, letter: Letter) -> str:
        kept: list[StoredFile] = []
        try:
            place = await self._store.read(
                lambda tx: mail_arriving.addressed(
                    tx, org=recipient.org, flow=recipient.flow, message_id=letter.message_id
                )
            )
            if place.has_it:
                return TAKEN
            for attachment in letter.attachments:
                kept.append(await self._keep(attachment, place.log_id))  # noqa: PERF401 - those before are dropped
            is_new = await self._store.write(
                lambda tx: mail_arriving.take_in(
                    tx,
                    log_id=place.log_id,
                    mail=letter.mail,
                    message_id=letter.message_id,
                    refers_to=letter.refers_to,
                    tags=recipient.tags,
                    attachments=kept,
                ),
                about=f"{recipient.org}/{recipient.flow}",
            )
        except Exception as error:  # noqa: BLE001 - answered
            await self._drop(kept)
            return _answer_to(error)
        if not is_new:
            await self._drop(kept)
        return TAKEN

    async def _keep(self, attachment: Attachment, log_id: int) -> StoredFile:
        upload = make_upload(
            BytesIO(attachment.body),
            len(attachment.body),
            file_name=attachment.file_name,
            content_type=attachment.content_type,
        )
        return StoredFile(dict(await self._files.keep(upload, log=log_id)))

    async def _drop(self, kept: Sequence[StoredFile]) -> None:
        for file in kept:
            with suppress(Exception):
                await self._files.drop(str(file.content["path"]))


def _same(one: Recipient, other: Recipient) -> bool:
    return (one.org, one.flow) == (other.org, other.flow)


def _answer_to(error: Exception) -> str:
    if isinstance(error, NotFound) or (isinstance(error, Refusal) and error.status == 404):
        return NO_SUCH_FLOW
    if isinstance(error, Refusal) and error.status == 403:
        return ARCHIVED
    if isinstance(error, Refusal) and error.status < 500:
        return "554 5.6.0 This mail cannot be taken"
    log.error("a mail could not be taken", exc_info=error)
    return TRY_AGAIN
