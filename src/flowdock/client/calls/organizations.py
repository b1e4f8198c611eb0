"""Organizations, their people and their own emoji.

Source: wire facts 2.6 and 2.7.
"""

from collections.abc import Mapping
from pathlib import Path

from flowdock.client.calls.call import Call, call, changes_of, order
from flowdock.protocol import endpoints
from flowdock.protocol.resources import AuditedUser, Emoji, OrganizationDetails, OrganizationUser, ScimToken


def list_organizations() -> Call[list[OrganizationDetails]]:
    """The organizations one is in."""
    return call(endpoints.LIST_ORGANIZATIONS)


def find_organization(id: int) -> Call[OrganizationDetails]:
    """The organization of this number."""
    return call(endpoints.FIND_ORGANIZATION, query={"id": str(id)})


def show_organization(org: str) -> Call[OrganizationDetails]:
    """The organization of this name in addresses."""
    return call(endpoints.SHOW_ORGANIZATION, {"org": org})


def update_organization(org: str, changes: Mapping[str, object]) -> Call[OrganizationDetails]:
    """Change an organization."""
    row = endpoints.UPDATE_ORGANIZATION
    return call(row, {"org": org}, json=changes_of(row, "update_organization", changes))


def organization_users(org: str) -> Call[list[OrganizationUser]]:
    """The people of an organization."""
    return call(endpoints.ORGANIZATION_USERS, {"org": org})


def organization_user(org: str, uid: int) -> Call[OrganizationUser]:
    """One of them."""
    return call(endpoints.ORGANIZATION_USER, {"org": org, "user_id": uid})


def update_organization_user(org: str, uid: int, *, admin: bool) -> Call[OrganizationUser]:
    """Say whether somebody administers an organization."""
    return call(endpoints.UPDATE_ORGANIZATION_USER, {"org": org, "user_id": uid}, json={"admin": admin})


def remove_user(org: str, uid: int) -> Call[None]:
    """Take somebody out of an organization."""
    return order(endpoints.REMOVE_USER, {"org": org, "user_id": uid})


def audit_users(org: str) -> Call[list[AuditedUser]]:
    """The people of an organization and when they were last here."""
    return call(endpoints.AUDIT_USERS, {"org": org})


def list_emoji(org: str) -> Call[list[Emoji]]:
    """The emoji of an organization's own."""
    return call(endpoints.LIST_EMOJI, {"org": org})


def add_emoji(org: str, name: str, image: Path) -> Call[Emoji]:
    """Add a picture to them."""
    return call(endpoints.ADD_EMOJI, {"org": org}, form={"id": name.strip(":")}, files={"image": image})


def remove_emoji(org: str, name: str) -> Call[None]:
    """Take one away."""
    return order(endpoints.REMOVE_EMOJI, {"org": org, "emoji": name.strip(":")})


def renew_scim_token(org: str) -> Call[ScimToken]:
    """Another token for the program that provisions people; the one before ends."""
    return call(endpoints.RENEW_SCIM_TOKEN, {"org": org})


def remove_scim_token(org: str) -> Call[None]:
    """End it."""
    return order(endpoints.REMOVE_SCIM_TOKEN, {"org": org})
