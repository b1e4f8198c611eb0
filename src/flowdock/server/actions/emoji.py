"""Emoji of organizations' own.

Source: wire facts 2.7; adding and removing are ours.
"""

import re
from hashlib import sha256

from flowdock.server.actions import flow_shapes, organizations
from flowdock.server.actions.places import person
from flowdock.server.domain import permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import ADD_EMOJI, REMOVE_EMOJI, SHOW_EMOJI, Role
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import emoji as stored_emoji
from flowdock.server.store.organizations import Organization
from flowdock.server.store.transaction import Transaction

LIMIT = 1000
"""So many an organization may have."""

_NAME = re.compile(r"[a-z0-9_+-]{1,64}")


def list_emoji(tx: Transaction, actor: Actor, *, org: str) -> list[dict[str, str]]:
    """An organization's emoji, by name."""
    found = organizations.named(tx, actor, org, SHOW_EMOJI)
    return [flow_shapes.shown_emoji(tx, one) for one in stored_emoji.of_organization(tx, found.id)]


def may_add(tx: Transaction, actor: Actor, *, org: str, name: object) -> tuple[Organization, str]:
    """The organization and the name of an emoji that the caller may add there."""
    found = organizations.named(tx, actor, org, ADD_EMOJI)
    if name is None:
        raise invalid("id", "can't be blank; it is a short name such as unicorn")
    checked = str(name).strip().strip(":").lower()
    if not _NAME.fullmatch(checked):
        raise invalid("id", f"is {str(name)[:80]!r}; it may have 1 to 64 letters a to z, digits, _, + and -")
    if stored_emoji.find(tx, found.id, checked) is not None:
        raise invalid("id", f"{checked!r} has already been taken; remove that emoji first")
    if stored_emoji.count(tx, found.id) >= LIMIT:
        raise invalid("id", f"would be number {LIMIT + 1} in {org}, which may have {LIMIT}; remove others first")
    return found, checked


def add_emoji(
    tx: Transaction, actor: Actor, *, org: str, name: object, image: bytes, content_type: str
) -> dict[str, str]:
    """A new emoji."""
    found, checked = may_add(tx, actor, org=org, name=name)
    stored_emoji.create(
        tx,
        organization_id=found.id,
        name=checked,
        digest=sha256(image).hexdigest(),
        content_type=content_type,
        image=image,
        creator=person(actor).user_id,
    )
    return flow_shapes.shown_emoji(tx, stored_emoji.get(tx, found.id, checked))


def remove_emoji(tx: Transaction, actor: Actor, *, org: str, emoji: str) -> None:
    """Take an emoji away; reactions and messages keep its name."""
    found = organizations.named(tx, actor, org, SHOW_EMOJI)
    stored = stored_emoji.get(tx, found.id, emoji.lower())
    own = {Role.OWNER} if stored.creator == person(actor).user_id else set()
    permissions.demand(REMOVE_EMOJI, actor, organizations.roles_in(tx, actor, found.id) | own)
    stored_emoji.remove(tx, found.id, stored.name)


def picture(tx: Transaction, digest: str) -> tuple[bytes, str]:
    """The bytes of an emoji's picture and their type, by their digest."""
    return stored_emoji.get_picture(tx, digest)
