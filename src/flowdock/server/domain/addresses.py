"""E-mail addresses to which mail is sent: narrower than what an account may have, and lists of them.

Source: wire facts 2.9 (`invitations/import`).
"""

import re
from email.utils import parseaddr

from flowdock.server.domain import naming
from flowdock.server.domain.refusals import Refusal, invalid

# One mailbox of a host with a dot in its name; nothing of what would make a header name two.
_MAILBOX = re.compile(
    r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f.]+(?:\.[^\s@<>()\[\]\\,;:\".]+)+"
)
# A comma between quotation marks is one of a name.
_ENTRY = re.compile(r'(?:"[^"\r\n]*"|[^,\r\n])+')
_SHOWN = 80


def checked_mailbox(email: str, *, field: str = "email") -> str:
    """The address without outer blanks, if mail can be sent to it."""
    email = naming.checked_email(email, field=field)
    if not _MAILBOX.fullmatch(email) or not email.isprintable():
        raise invalid(field, f"{email[:_SHOWN]!r} is not an address; one is like ann@example.com")
    return email


def listed(text: str) -> tuple[list[str], list[str]]:
    """The addresses of a list with commas or line feeds between, each once, and the entries that are none.

    An entry is plain or `"Name" <address>`.
    """
    good: dict[str, str] = {}
    bad: dict[str, None] = {}
    for entry in filter(None, map(str.strip, _ENTRY.findall(text))):
        try:
            email = checked_mailbox(parseaddr(entry)[1])
            good.setdefault(email.casefold(), email)
        except Refusal:
            bad[entry[:_SHOWN]] = None
    return list(good.values()), list(bad)
