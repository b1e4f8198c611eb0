"""Organizations and their people.

Whoever changes who is in an organization, or who administers it, locks it first, then its flows in the order of their
logs: so nobody is brought into a flow while they are taken out of the organization.

Source: wire facts 2.6 (organization users, audits), 2.7.
"""

from typing import Any, Unpack

from flowdock.protocol.parameters import (
    FindOrganizationParameters,
    UpdateOrganizationParameters,
    UpdateOrganizationUserParameters,
)
from flowdock.server.actions import membership, people
from flowdock.server.actions.places import person
from flowdock.server.domain import naming, permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.moments import iso_microsecond
from flowdock.server.domain.permissions import (
    AUDIT_ORGANIZATION,
    MANAGE_ORGANIZATION_USERS,
    SHOW_ORGANIZATION,
    UPDATE_ORGANIZATION,
    Role,
    Rule,
)
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import organizations
from flowdock.server.store.organizations import Colleague, Organization
from flowdock.server.store.transaction import NotFound, Transaction


def list_organizations(tx: Transaction, actor: Actor) -> list[dict[str, Any]]:
    """The organizations the caller is in."""
    return [shown(tx, one) for one in organizations.of_user(tx, person(actor).user_id)]


def find_organization(tx: Transaction, actor: Actor, **wanted: Unpack[FindOrganizationParameters]) -> dict[str, Any]:
    """An organization by its number."""
    found = organizations.get(tx, wanted.get("id", 0))
    permissions.demand(SHOW_ORGANIZATION, actor, roles_in(tx, actor, found.id))
    return shown(tx, found)


def show_organization(tx: Transaction, actor: Actor, *, org: str) -> dict[str, Any]:
    """An organization by its name in addresses."""
    return shown(tx, named(tx, actor, org, SHOW_ORGANIZATION))


def update_organization(
    tx: Transaction, actor: Actor, *, org: str, **changes: Unpack[UpdateOrganizationParameters]
) -> dict[str, Any]:
    """Give an organization another name for people."""
    found = named(tx, actor, org, UPDATE_ORGANIZATION)
    name = changes.get("name", changes.get("Name"))
    if name is not None:
        organizations.rename(tx, found.id, naming.checked_label(name, field="name"))
    return shown(tx, organizations.get(tx, found.id))


def organization_users(tx: Transaction, actor: Actor, *, org: str) -> list[dict[str, Any]]:
    """The people of an organization."""
    return shown_users(tx, named(tx, actor, org, SHOW_ORGANIZATION))


def organization_user(tx: Transaction, actor: Actor, *, org: str, user_id: int) -> dict[str, Any]:
    """One of an organization."""
    return _shown_user(tx, _colleague(tx, named(tx, actor, org, SHOW_ORGANIZATION), user_id))


def update_organization_user(
    tx: Transaction, actor: Actor, *, org: str, user_id: int, **changes: Unpack[UpdateOrganizationUserParameters]
) -> dict[str, Any]:
    """Make one of an organization its admin, or no longer."""
    organization = named(tx, actor, org, MANAGE_ORGANIZATION_USERS)
    colleague, admin = _colleague(tx, organization, user_id), changes.get("admin")
    if admin is not None and admin != colleague.admin:
        if not admin:
            _keep_an_admin(tx, organization, user_id, field="admin")
        organizations.set_admin(tx, organization.id, user_id, admin=admin)
    return _shown_user(tx, _colleague(tx, organization, user_id))


def remove_user(tx: Transaction, actor: Actor, *, org: str, user_id: int) -> None:
    """Take somebody out of an organization and all of its flows; their account and their tokens stay theirs."""
    organization = named(tx, actor, org, MANAGE_ORGANIZATION_USERS)
    _colleague(tx, organization, user_id)
    _keep_an_admin(tx, organization, user_id, field="user_id")
    dismiss(tx, organization.id, user_id, by=person(actor).user_id)


def dismiss(tx: Transaction, organization_id: int, user_id: int, *, by: int) -> None:
    """Take somebody out of an organization and all of its flows, told there as done by `by`, 0 for nobody."""
    organizations.lock(tx, organization_id)
    organizations.remove_user(tx, organization_id, user_id)
    membership.leave_all(tx, organization_id, user_id, by=by)


def audit_users(tx: Transaction, actor: Actor, *, org: str) -> list[dict[str, Any]]:
    """The people of an organization, and when each was last here."""
    organization = named(tx, actor, org, AUDIT_ORGANIZATION)
    seen = organizations.last_seen(tx, organization.id)
    return [
        user | {"accessed_at": iso_microsecond(seen[user["id"]]) if user["id"] in seen else None}
        for user in shown_users(tx, organization)
    ]


def named(tx: Transaction, actor: Actor, org: str, rule: Rule) -> Organization:
    """The organization of this name in addresses, or of this number, if the caller may do this there.

    In a write, who is in it and who administers it stays as it is until the commit.
    """
    found = organizations.find(tx, org)
    if found is None and org.isascii() and org.isdigit():
        # Source: wire facts 1.3, go puts the number where the name belongs.
        found = organizations.get(tx, int(org[:19]))
    if found is None:
        raise NotFound
    organizations.lock(tx, found.id)
    permissions.demand(rule, actor, roles_in(tx, actor, found.id))
    return found


def roles_in(tx: Transaction, actor: Actor, organization_id: int) -> frozenset[Role]:
    """What a person is in an organization."""
    colleague = organizations.find_user(tx, organization_id, person(actor).user_id)
    if colleague is None:
        return frozenset()
    return frozenset({Role.COLLEAGUE, Role.ORG_ADMIN} if colleague.admin else {Role.COLLEAGUE})


def shown(tx: Transaction, organization: Organization) -> dict[str, Any]:
    """An organization with its people."""
    return summary(tx, organization) | {"subscription": {"trial": False}, "users": shown_users(tx, organization)}


def summary(tx: Transaction, organization: Organization) -> dict[str, Any]:
    """An organization without its people."""
    return {
        "id": organization.id,
        "parameterized_name": organization.parameterized_name,
        "name": organization.name,
        "user_limit": organization.user_limit,
        "user_count": organization.user_count,
        "active": bool(organization.active),
        "url": f"{tx.site.api_url}/organizations/{organization.parameterized_name}",
    }


def shown_users(tx: Transaction, organization: Organization) -> list[dict[str, Any]]:
    """The people of an organization, with whether they administer it."""
    return [_shown_user(tx, one) for one in organizations.users(tx, organization.id)]


def _shown_user(tx: Transaction, colleague: Colleague) -> dict[str, Any]:
    return people.shown(tx, colleague.user) | {"admin": colleague.admin}


def _colleague(tx: Transaction, organization: Organization, user_id: int) -> Colleague:
    found = organizations.find_user(tx, organization.id, user_id)
    if found is None:
        raise NotFound
    return found


def _keep_an_admin(tx: Transaction, organization: Organization, user_id: int, *, field: str) -> None:
    if organizations.admins(tx, organization.id) == [user_id]:
        raise invalid(field, f"is the last admin of {organization.name}; make somebody else an admin first")
