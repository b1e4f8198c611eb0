"""Passwords: argon2id, so that a stolen database does not give them away."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()

# Compared when nobody has the address, so that the time an answer takes does not tell who exists.
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$ZmxvY2tzIG9mIGZsb3dzIGZseSBmcm9tIGRvY2tz"


def hashed(password: str) -> str:
    """What is stored of a password. Takes about a tenth of a second and 64 MiB, on purpose."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether this is the password; takes as long when nothing is stored."""
    try:
        _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None
