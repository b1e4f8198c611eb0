"""From the bytes of a message to the mail it is: its text, its attachments, and the mails it refers to.

Everything here was written by a stranger. Source: RFC 5322, RFC 2045 to 2047.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from hashlib import sha256
from html import escape

from flowdock.server.actions.mailing import Mail
from flowdock.server.domain.inbox import CONTENT_LIMIT, SUBJECT_LIMIT
from flowdock.server.mail import wording

ATTACHMENTS = 100
"""So many attachments a mail may have."""
NESTED = 50
"""So many parts of a mail may hold others: each makes every line cost a comparison more."""
BOUNDARIES = 20_000
"""So many lines of a mail may look as if a part began there."""

HTML, TEXT = "text/html; charset=UTF-8", "text/plain; charset=UTF-8"

_HOLDERS = re.compile(rb"^content-type:\s*(multipart|message)/", re.IGNORECASE | re.MULTILINE)
_AUTOMATIC_REPLY = re.compile(r"\s*auto-repl", re.IGNORECASE)


class Unreadable(Exception):
    """This is no mail that can be understood; the text says why, in ASCII."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a mail, as its sender described it."""

    file_name: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that came in. `refers_to` are the ids of the mails it answers, the one it answers most directly last."""

    mail: Mail
    attachments: tuple[Attachment, ...]
    message_id: str
    refers_to: tuple[str, ...]
    sent_by: str
    """The value of its `X-Flowdock`: the name of the site whose mail this is."""
    is_automatic_reply: bool
    """Whether a program says that somebody is away or the like."""


def letter_of(data: bytes) -> Letter:
    """The mail that these bytes are.

    Raises:
        Unreadable: they are none, or one whose parts are too many.
    """
    if len(_HOLDERS.findall(data)) > NESTED or data.count(b"\n--") > BOUNDARIES:
        raise Unreadable("has too many parts")
    try:
        return _letter(data)
    except Unreadable:
        raise
    except Exception as error:
        # The standard library's parser knows many ways to fail.
        raise Unreadable(f"cannot be read ({type(error).__name__})") from error


def _letter(data: bytes) -> Letter:
    message = message_from_bytes(data)
    headers = _Headers(message)
    body = _Body()
    body.take(message)
    kind, text = body.text()
    senders = wording.header_addresses(headers["from"])
    return Letter(
        Mail(
            subject=wording.header_text(headers["subject"], limit=SUBJECT_LIMIT),
            content=text,
            content_type=kind,
            senders=senders,
            to=wording.header_addresses(headers["to"]),
            cc=wording.header_addresses(headers["cc"]),
            reply_to=wording.header_addresses(headers["reply-to"]),
            sender=next(iter(wording.header_addresses(headers["sender"])), None),
        ),
        tuple(body.attachments),
        message_id=next(iter(wording.message_ids(headers["message-id"])), "") or _digest(data, headers),
        refers_to=tuple(wording.message_ids(headers["references"]) + wording.message_ids(headers["in-reply-to"])),
        sent_by=headers["x-flowdock"].strip(),
        is_automatic_reply=bool(_AUTOMATIC_REPLY.match(headers["auto-submitted"])),
    )


def _digest(data: bytes, headers: "_Headers") -> str:
    """What tells a mail without an id from others; not its trace, which differs each time that it is brought."""
    _, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    written = "\n".join(headers[name] for name in ("from", "date", "subject")).encode("utf-8", "replace")
    return f"sha256:{sha256(written + bytes(1) + body).hexdigest()}"


class _Headers:
    """The first header of each name, empty where there is none."""

    def __init__(self, message: Message) -> None:
        self._first: dict[str, str] = {}
        for name, value in message.raw_items():
            self._first.setdefault(name.lower(), str(value))

    def __getitem__(self, name: str) -> str:
        return self._first.get(name, "")


class _Body:
    """Collects what people are to read, and apart from it the files."""

    def __init__(self) -> None:
        self.attachments: list[Attachment] = []
        self._read: list[tuple[bool, str]] = []

    def take(self, message: Message) -> None:
        """Take a message with everything in it."""
        self._read = list(self._texts(message))

    def text(self) -> tuple[str, str]:
        """The type and the text to be read. What is too long is cut off, and attached as a whole."""
        has_html = any(is_html for is_html, _ in self._read)
        pieces = [text if is_html or not has_html else f"<pre>{escape(text)}</pre>" for is_html, text in self._read]
        whole = "\n".join(pieces)
        if len(whole) > CONTENT_LIMIT:
            name, kind = ("mail.html", "text/html") if has_html else ("mail.txt", "text/plain")
            self._attach(Attachment(name, kind, whole.encode()))
        return HTML if has_html else TEXT, whole[:CONTENT_LIMIT]

    def _texts(self, part: Message) -> Iterator[tuple[bool, str]]:
        """Whether it is HTML, and the text, of all that is to be read in this part."""
        kind = part.get_content_type()
        inside = part.get_payload()
        if part.is_multipart() and isinstance(inside, list):
            if kind.startswith("message/"):
                self._attach(Attachment(_name(part) or "message.eml", kind, _as_bytes(inside)))
                return
            each = [list(self._texts(one)) for one in inside if isinstance(one, Message)]
            yield from _best(each) if kind == "multipart/alternative" else (text for one in each for text in one)
            return
        data = part.get_payload(decode=True)
        body = data if isinstance(data, bytes) else b""
        name = _name(part)
        if kind in ("text/html", "text/plain") and not name and part.get_content_disposition() != "attachment":
            text = wording.decoded(body, part.get_content_charset())
            if text.strip():
                yield kind == "text/html", text
        elif body or name:
            self._attach(Attachment(name, kind, body))

    def _attach(self, attachment: Attachment) -> None:
        if len(self.attachments) == ATTACHMENTS:
            raise Unreadable(f"has more than {ATTACHMENTS} attachments")
        self.attachments.append(attachment)


def _best(alternatives: Iterable[list[tuple[bool, str]]]) -> list[tuple[bool, str]]:
    """The last one with HTML, else the last with anything: whoever writes puts the best last."""
    best: list[tuple[bool, str]] = []
    for one in alternatives:
        if one and (any(is_html for is_html, _ in one) or not any(is_html for is_html, _ in best)):
            best = one
    return best


def _name(part: Message) -> str:
    return wording.header_text(part.get_filename() or "", limit=1024)


def _as_bytes(messages: Iterable[object]) -> bytes:
    return b"\r\n".join(one.as_bytes() for one in messages if isinstance(one, Message))
