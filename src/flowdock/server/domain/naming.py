"""Names and ids: how the parameterized name comes from a display name, what the public ids look like.

Source: wire facts 1.1, 3.1, 3.6.
"""

import re
import unicodedata
from base64 import urlsafe_b64encode
from hashlib import sha256

from flowdock.server.domain.refusals import invalid

FLOW_NAME_LIMIT = 100
NICK_LIMIT = 50
EMAIL_LIMIT = 254
PASSWORD_LENGTH = 8
PASSWORD_LIMIT = 1024

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_NICK = re.compile(r"[^\s@#,:]+")


def parameterized(name: str) -> str:
    """`Ünited Nations!` → `united-nations`; empty when nothing of the name can stay."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _NOT_IN_NAMES.sub("-", ascii_only.lower()).strip("-")


def checked_name(name: str, *, field: str = "name") -> str:
    """The display name without outer blanks, if a name in addresses can be made of it."""
    name = checked_label(name, field=field)
    if not parameterized(name):
        raise invalid(field, f"is {name!r}; it needs a letter a to z or a digit, for the name in addresses")
    return name


def checked_label(text: str, *, field: str) -> str:
    """What people call something that no address names: one line in any alphabet, with single blanks."""
    text = " ".join(text.split())
    if not text:
        raise invalid(field, "can't be blank")
    if len(text) > FLOW_NAME_LIMIT:
        raise invalid(field, f"is too long (maximum is {FLOW_NAME_LIMIT} characters)")
    return text


def checked_nick(nick: str) -> str:
    """The nick, if people can be mentioned by it."""
    if not _NICK.fullmatch(nick) or len(nick) > NICK_LIMIT:
        raise invalid("nick", "may not be blank nor contain white space, @, #, comma or colon")
    if not nick.isprintable():
        raise invalid("nick", f"is {nick!a}; it may have no invisible characters, so that nobody looks like another")
    return nick


def checked_email(email: str, *, field: str = "email") -> str:
    """The e-mail address without outer blanks, if it can be one."""
    email = email.strip()
    if "@" not in email.strip("@") or any(character.isspace() for character in email):
        raise invalid(field, f"{email[:80]!r} is not an address")
    if len(email) > EMAIL_LIMIT:
        raise invalid(field, f"has {len(email)} characters; an address has at most {EMAIL_LIMIT}")
    return email


def checked_password(password: str, *, field: str = "password") -> str:
    """The password, if it is long enough to be one and short enough to be hashed."""
    if not PASSWORD_LENGTH <= len(password) <= PASSWORD_LIMIT:
        raise invalid(
            field, f"has {len(password)} characters; it must have at least {PASSWORD_LENGTH}, at most {PASSWORD_LIMIT}"
        )
    return password


def thread_id(now: int, entropy: bytes) -> str:
    """27 URL-safe base64 characters: 6 bytes of time in milliseconds, then 14 random ones.

    The time comes first so that new ids land side by side in an index.
    """
    return urlsafe_b64encode(now.to_bytes(6, "big") + entropy[:14]).decode().rstrip("=")


def uuid(entropy: bytes) -> str:
    """22 URL-safe base64 characters for 16 random bytes."""
    return urlsafe_b64encode(entropy[:16]).decode().rstrip("=")


def token_digest(token: str) -> bytes:
    """What is stored of a token: its SHA-256. Tokens are random, so nothing slower is needed."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
