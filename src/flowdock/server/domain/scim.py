"""People as a provisioner names and describes them.

Source: wire facts 7.2; SCIM 1.1, core schema.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from flowdock.protocol.parameters import ScimUserParameters
from flowdock.server.domain import naming
from flowdock.server.domain.refusals import Refusal, invalid

SCHEMAS = ["urn:scim:schemas:core:1.0"]
PAGE = 100
ID_LIMIT = 255

_FILTER = re.compile(r'\s*([\w.]+)\s+eq\s+"((?:[^"\\]|\\.)*)"\s*', re.IGNORECASE)
_ATTRIBUTES = {"username": "name", "emails": "email", "emails.value": "email", "externalid": "external id"}
_NOT_IN_NICKS = re.compile(r"[\s@#,:]+")


@dataclass(frozen=True, slots=True)
class Described:
    """What a provisioner says of somebody, checked; None stays as it is."""

    nick: str | None = None
    email: str | None = None
    name: str | None = None
    user_name: str | None = None
    external_id: str | None = None
    active: bool | None = None
    password: str | None = field(default=None, repr=False)


def checked_filter(text: str) -> tuple[str, str]:
    """By what a filter looks (`name`, `email` or `external id`), and for which value."""
    found = _FILTER.fullmatch(text)
    attribute = _ATTRIBUTES.get(found[1].lower()) if found else None
    if found is None or attribute is None:
        raise invalid("filter", f'is {text[:100]!r}; it may be userName eq "x", emails eq "x" or externalId eq "x"')
    return attribute, re.sub(r"\\(.)", r"\1", found[2])


def checked(given: ScimUserParameters) -> Described:
    """What was given, if somebody can be like that."""
    user_name, nick, password = given.get("userName"), given.get("nickName"), given.get("password")
    email = _email(given)
    if email is None and user_name and "@" in user_name:
        email = user_name
    if nick is None and user_name and "@" not in user_name:
        nick = user_name
    name = _name(given)
    return Described(
        nick=None if not nick else naming.checked_nick(nick),
        email=None if email is None else naming.checked_email(email, field="emails"),
        name=None if not name else naming.checked_label(name, field="name"),
        user_name=_checked_id(user_name, "userName"),
        external_id=_checked_id(given.get("externalId"), "externalId"),
        active=given.get("active"),
        password=None if password is None else naming.checked_password(password),
    )


def nick_from(email: str, attempt: int) -> str:
    """A nick for somebody who was given none: the part of the address before the `@`, with a number from the second."""
    base = _NOT_IN_NICKS.sub("-", email.partition("@")[0]).strip("-")[: naming.NICK_LIMIT - 8] or "user"
    return base if attempt == 1 else f"{base}{attempt}"


def names_of(name: str) -> dict[str, str]:
    """A name split at its first blank."""
    given, _, family = name.partition(" ")
    return {"givenName": given, "familyName": family.strip(), "formatted": name}


def exists(field: str, value: str) -> Refusal:
    """Somebody is called so already, in whichever organization: that is all that is told."""
    return Refusal(409, "Somebody like this exists already", {field: [f"{value!r} has already been taken"]})


def _name(given: ScimUserParameters) -> str | None:
    name = given.get("name") or {}
    parts = [_text(name, "givenName", "name"), _text(name, "familyName", "name")]
    said = " ".join(part for part in parts if part)
    return said or _text(name, "formatted", "name") or given.get("displayName")


def _email(given: ScimUserParameters) -> str | None:
    found = given.get("emails") or []
    chosen = next((one for one in found if one.get("primary") is True), found[0] if found else None)
    return None if chosen is None else _text(chosen, "value", "emails")


def _text(given: Mapping[str, object], member: str, field: str) -> str | None:
    value = given.get(member)
    if value is not None and not isinstance(value, str):
        raise invalid(field, f"hold a {member} that is not a text")
    return value.strip() if value else None


def _checked_id(value: str | None, field: str) -> str | None:
    if value is not None and not 1 <= len(value) <= ID_LIMIT:
        raise invalid(field, f"has {len(value)} characters; it may have 1 to {ID_LIMIT}")
    return value
