"""Changing what is known of oneself; every flow one is in hears of it.

Source: wire facts 2.6 (`PUT /users/:id`), 3.2 (user-edit).
"""

from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from flowdock.protocol.parameters import UpdateUserParameters
from flowdock.server.actions import people as shown_people
from flowdock.server.actions import places, posting, sending
from flowdock.server.actions.places import person
from flowdock.server.actions.sending import Words
from flowdock.server.domain import naming, permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.links import checked_link
from flowdock.server.domain.permissions import CHANGE_CREDENTIALS, UPDATE_USER
from flowdock.server.domain.refusals import Refusal, invalid
from flowdock.server.store import flow_users, flows, logs, people, tokens
from flowdock.server.store.people import User
from flowdock.server.store.transaction import Transaction

_TOLD = ("nick", "email", "name", "avatar")
"""What flows hear of when it changes."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to become of a person, checked as far as that goes without a database; None stays."""

    nick: str | None = None
    email: str | None = None
    name: str | None = None
    website: str | None = None
    avatar: str | None = None
    password: str | None = field(default=None, repr=False)
    mail_notices: bool | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """By what a person signs in: their address, and the hash of their password if they have one."""

    email: str
    password_hash: str | None = field(repr=False)


def checked(given: UpdateUserParameters) -> Changes:
    """The changes, if they can be made. Of the other names an empty text says nothing: an old client sends them all."""
    nick, email = given.get("nick", given.get("Nick") or None), given.get("email", given.get("Email") or None)
    name, website, avatar, password = (given.get(one) for one in ("name", "website", "avatar", "password"))
    return Changes(
        nick=None if nick is None else naming.checked_nick(nick),
        email=None if email is None else naming.checked_email(email),
        name=None if name is None else naming.checked_label(str(name), field="name"),
        website=None if website is None else checked_link(str(website), field="website") or "",
        avatar=None if avatar is None else checked_link(str(avatar), field="avatar") or "",
        password=None if password is None else naming.checked_password(str(password)),
        mail_notices=given.get("mail_notices"),
    )


def account_at_stake(tx: Transaction, actor: Actor, user_id: int, changes: Changes) -> Account | None:
    """The account whose password has to be known for these changes; None when they take no more than a token.

    Refuses whoever may not make them.
    """
    roles = places.roles_towards(tx, person(actor).user_id, user_id)
    permissions.demand(UPDATE_USER, actor, roles)
    email = people.get(tx, user_id).email
    if changes.password is None and changes.email in (None, email):
        return None
    permissions.demand(CHANGE_CREDENTIALS, actor, roles)
    return Account(email, people.password_hash(tx, user_id))


def update_user(
    tx: Transaction, user_id: int, changes: Changes, *, proved: Account | None, password_hash: str | None
) -> dict[str, Any]:
    """Change a person as was permitted; the person as they are now.

    `proved` is the account whose password was given: when that was changed meanwhile, nothing is changed any more.
    """
    log_ids = flow_users.logs_of(tx, user_id)
    logs.lock_each(tx, log_ids)
    people.lock(tx, user_id)
    before = people.get(tx, user_id)
    if proved is not None and proved != Account(before.email, people.password_hash(tx, user_id)):
        raise Refusal(409, "Your address or your password was changed meanwhile; look, and try again")
    _demand_free(tx, before, changes)
    people.update(
        tx,
        user_id,
        nick=changes.nick,
        email=changes.email,
        name=changes.name,
        website=changes.website,
        avatar=changes.avatar,
        mail_notices=changes.mail_notices,
    )
    after = people.get(tx, user_id)
    if password_hash is not None:
        set_password(tx, user_id, password_hash)
    if before.email != after.email:
        tx.credentials_changed = True
    if any(getattr(before, one) != getattr(after, one) for one in _TOLD):
        for log_id in log_ids:
            _tell(tx, log_id, after)
    return shown_people.shown(tx, after)


def set_password(tx: Transaction, user_id: int, password_hash: str) -> None:
    """Give a person another password, and tell them so; browsers that were signed in by the old one no longer are."""
    people.update(tx, user_id, password_hash=password_hash)
    tokens.end_sessions(tx, user_id)
    body = "Your password for Flowdock was changed just now. If that was not you, ask for a new one at once.\n"
    posting.post(
        tx,
        kind="password changed",
        recipient=people.get(tx, user_id).email,
        subject="Your password for Flowdock was changed",
        body=body,
    )


def _demand_free(tx: Transaction, before: User, changes: Changes) -> None:
    for name, found in (
        ("nick", people.find_by_nick(tx, changes.nick) if changes.nick else None),
        ("email", _owner_of(tx, changes.email) if changes.email else None),
    ):
        if found is not None and found.id != before.id:
            raise invalid(name, f"{getattr(changes, name)!r} has already been taken")


def _owner_of(tx: Transaction, email: str) -> User | None:
    found = people.find_by_email(tx, email)
    return None if found is None else found[0]


def _tell(tx: Transaction, log_id: int, user: User) -> None:
    flows.people_changed(tx, log_id)
    shown = shown_people.shown(tx, user)
    # Not for safety: it is how pictures of people are asked for at Gravatar.
    email_hash = md5(user.email.strip().lower().encode(), usedforsecurity=False).hexdigest()
    edited = {name: shown[name] for name in ("nick", "name", "avatar", "email", "id")} | {"email_hash": email_hash}
    place = places.place_of(flows.get_by_log(tx, user.id, log_id))
    sending.publish(tx, place, Words({"user": edited}), event="user-edit", author=user.id)
