"""What a limited token may be used for, as it is asked for and as it is told to people.

Source: wire facts 2.13.
"""

from collections.abc import Iterable, Mapping

from flowdock.protocol.resources import SCOPES, Scope

DEFAULT: tuple[Scope, ...] = ("flow", "private")

WORDS: Mapping[Scope, str] = {
    "flow": "Read and write in your flows",
    "private": "Read and write your private conversations",
    "manage": "Manage your flows: their people, invitations and settings",
    "profile": "See and change your profile",
    "offline_access": "Stay signed in while you are away",
    "integration": "Add sources to your flows, and change those it added",
}


class UnknownScope(ValueError):
    """Something was asked for that there is not; it is the exception's text."""


def named(given: str | Iterable[str]) -> tuple[Scope, ...]:
    """The scopes in a list or a text with blanks or commas between, each once, in the order of the table.

    Raises:
        UnknownScope: one of them is none.
    """
    asked = given.replace(",", " ").split() if isinstance(given, str) else list(given)
    for name in asked:
        if name not in SCOPES:
            raise UnknownScope(name)
    return tuple(scope for scope in SCOPES if scope in asked)
