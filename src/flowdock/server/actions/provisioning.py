"""Provisioning: a program that an organization trusts makes, changes and removes its people.

It does so with people who belong to that organization alone. Who belongs to others too is theirs as well: of them it
can change what it calls them, and that they are in its own organization.

Source: wire facts 7.2.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

from flowdock.protocol.parameters import ScimListParameters
from flowdock.server.actions import organizations as shown_organizations
from flowdock.server.actions import profiles
from flowdock.server.actions.profiles import Changes
from flowdock.server.domain import naming, permissions, scim
from flowdock.server.domain.actors import Actor, Provisioner
from flowdock.server.domain.moments import iso
from flowdock.server.domain.permissions import PROVISION_USERS, SET_UP_PROVISIONING, Role
from flowdock.server.domain.refusals import forbidden, invalid
from flowdock.server.domain.scim import Described
from flowdock.server.store import flow_users, flows, logs, organizations, people, provisioning
from flowdock.server.store.provisioning import Condition, Provisioned, called, with_email, with_external_id
from flowdock.server.store.transaction import Transaction

_PROVISIONER = frozenset({Role.PROVISIONER})
_BY: Mapping[str, Callable[[str], Sequence[Condition]]] = {
    "name": lambda name: (called(name), with_email(name)),
    "email": lambda email: (with_email(email),),
    "external id": lambda external_id: (with_external_id(external_id),),
}


def renew_scim_token(tx: Transaction, actor: Actor, *, org: str) -> dict[str, str]:
    """A new token for an organization's provisioner, told only now; the one before opens nothing any more."""
    organization = shown_organizations.named(tx, actor, org, SET_UP_PROVISIONING)
    uid = provisioning.uid_of(tx, organization.id) or tx.entropy(10).hex()
    token = tx.entropy(32).hex()
    provisioning.set_token(tx, organization.id, uid=uid, digest=naming.token_digest(token))
    return {"url": f"{tx.site.api_url}/scim/{uid}", "token": token}


def remove_scim_token(tx: Transaction, actor: Actor, *, org: str) -> None:
    """From now on nobody provisions an organization."""
    provisioning.remove_token(tx, shown_organizations.named(tx, actor, org, SET_UP_PROVISIONING).id)


def by_scim_token(tx: Transaction, uid: str, token: str) -> Provisioner | None:
    """Who comes with this token to this address, None when it is not the one."""
    found = provisioning.find(tx, uid)
    given = naming.token_digest(token)
    # Compared also where there is nothing, so that the time tells nothing.
    right = hmac.compare_digest(found[1] if found else bytes(len(given)), given)
    return Provisioner(found[0]) if found is not None and right else None


def scim_check(tx: Transaction, actor: Actor, *, uid: str) -> dict[str, str]:
    """That it worked."""
    del tx, uid
    permissions.demand(PROVISION_USERS, actor, _PROVISIONER)
    return {"message": "Authorization ok"}


def scim_list(tx: Transaction, actor: Actor, *, uid: str, **wanted: Unpack[ScimListParameters]) -> dict[str, Any]:
    """The people of the organization, or those whom a filter finds."""
    organization_id = _organization(actor)
    where: Sequence[Condition] = ()
    if wanted.get("filter"):
        by, value = scim.checked_filter(wanted["filter"])
        where = _BY[by](value)
    found = provisioning.people(tx, organization_id, where)
    start, count = max(1, wanted.get("startIndex", 1)), min(max(0, wanted.get("count", scim.PAGE)), scim.PAGE)
    page = found[start - 1 : start - 1 + count]
    return {
        "schemas": scim.SCHEMAS,
        "totalResults": len(found),
        "startIndex": start,
        "itemsPerPage": len(page),
        "Resources": [_shown(tx, uid, one) for one in page],
    }


def scim_show(tx: Transaction, actor: Actor, *, uid: str, user_id: int) -> dict[str, Any]:
    """One of them."""
    return _shown(tx, uid, provisioning.get(tx, _organization(actor), user_id))


def scim_create(
    tx: Transaction, actor: Actor, described: Described, *, uid: str, password_hash: str | None
) -> dict[str, Any]:
    """Somebody new in the organization.

    Raises:
        Refusal: 400, there is no address; 409, somebody has the address, the nick or the provisioner's id already.
    """
    organization_id = _organization(actor)
    organizations.lock(tx, organization_id)
    if described.email is None:
        raise invalid("emails", "can't be blank; give an address as emails or as userName")
    if people.find_by_email(tx, described.email) is not None:
        raise scim.exists("emails", described.email)
    _demand_free_id(tx, organization_id, 0, described)
    nick = described.nick or _free_nick(tx, described.email)
    if people.find_by_nick(tx, nick) is not None:
        raise scim.exists("nickName", nick)
    user_id = people.create(
        tx,
        log_id=logs.create(tx),
        nick=nick,
        email=described.email,
        name=described.name or nick,
        password_hash=password_hash,
    )
    people.add_to_organization(tx, organization_id, user_id, admin=False)
    _name(tx, organization_id, user_id, described)
    if described.active is False:
        provisioning.set_disabled(tx, user_id, disabled=True)
    return scim_show(tx, actor, uid=uid, user_id=user_id)


def scim_replace(
    tx: Transaction, actor: Actor, described: Described, *, uid: str, user_id: int, password_hash: str | None
) -> dict[str, Any]:
    """Change somebody, sign them out or let them in again.

    Raises:
        Refusal: 403, they belong to another organization too; 409, somebody else is called so.
    """
    organization_id = _organization(actor)
    organizations.lock(tx, organization_id)
    before = provisioning.get(tx, organization_id, user_id)
    _demand_free_id(tx, organization_id, user_id, described)
    _change(tx, organization_id, before, described, password_hash)
    _name(tx, organization_id, user_id, described)
    shown = scim_show(tx, actor, uid=uid, user_id=user_id)
    if described.active is False and not before.user.disabled:
        _put_out(tx, organization_id, user_id, stays=True)
        return shown | {"active": False}
    if described.active is True and before.user.disabled:
        _set_disabled(tx, user_id, disabled=False)
        return shown | {"active": True}
    return shown


def scim_remove(tx: Transaction, actor: Actor, *, uid: str, user_id: int) -> None:
    """Take somebody out of the organization, and sign them out for good if that was their only one."""
    del uid
    organization_id = _organization(actor)
    organizations.lock(tx, organization_id)
    provisioning.get(tx, organization_id, user_id)
    _put_out(tx, organization_id, user_id, stays=False)


def _put_out(tx: Transaction, organization_id: int, user_id: int, *, stays: bool) -> None:
    """Disable somebody who is in this organization alone; let go of one who is in others too."""
    if organizations.admins(tx, organization_id) == [user_id]:
        raise invalid("active", "would leave the organization without an admin; make somebody else an admin first")
    is_elsewhere = provisioning.is_elsewhere(tx, organization_id, user_id)
    if not is_elsewhere:
        _set_disabled(tx, user_id, disabled=True)
    if is_elsewhere or not stays:
        shown_organizations.dismiss(tx, organization_id, user_id, by=0)


def _set_disabled(tx: Transaction, user_id: int, *, disabled: bool) -> None:
    """Nobody can mention who is disabled: their flows read anew who is there."""
    log_ids = flow_users.logs_of(tx, user_id)
    logs.lock_each(tx, log_ids)
    provisioning.set_disabled(tx, user_id, disabled=disabled)
    for log_id in log_ids:
        flows.people_changed(tx, log_id)


def _change(
    tx: Transaction, organization_id: int, before: Provisioned, described: Described, password_hash: str | None
) -> None:
    user = before.user
    changes = {
        member: value
        for member in ("nick", "email", "name")
        if (value := getattr(described, member)) is not None and value != getattr(user, member)
    }
    if not changes and password_hash is None:
        return
    if provisioning.is_elsewhere(tx, organization_id, user.id):
        raise forbidden()
    for member, field, found in (
        ("nick", "nickName", people.find_by_nick(tx, changes.get("nick", user.nick))),
        ("email", "emails", (people.find_by_email(tx, changes.get("email", user.email)) or (None,))[0]),
    ):
        if found is not None and found.id != user.id:
            raise scim.exists(field, changes[member])
    profiles.update_user(tx, user.id, Changes(**changes), proved=None, password_hash=password_hash)


def _demand_free_id(tx: Transaction, organization_id: int, user_id: int, described: Described) -> None:
    for field, value, condition in (
        ("externalId", described.external_id, with_external_id),
        ("userName", described.user_name, called),
    ):
        found = provisioning.people(tx, organization_id, [condition(value)]) if value else []
        if any(one.user.id != user_id for one in found):
            raise scim.exists(field, value or "")


def _free_nick(tx: Transaction, email: str) -> str:
    attempt = 1
    while people.find_by_nick(tx, scim.nick_from(email, attempt)) is not None:
        attempt += 1
    return scim.nick_from(email, attempt)


def _name(tx: Transaction, organization_id: int, user_id: int, described: Described) -> None:
    provisioning.name(tx, organization_id, user_id, external_id=described.external_id, user_name=described.user_name)


def _organization(actor: Actor) -> int:
    permissions.demand(PROVISION_USERS, actor, _PROVISIONER)
    if not isinstance(actor, Provisioner):
        raise forbidden()
    return actor.organization_id


def _shown(tx: Transaction, uid: str, one: Provisioned) -> dict[str, Any]:
    user = one.user
    return {
        "schemas": scim.SCHEMAS,
        "id": str(user.id),
        **({} if one.external_id is None else {"externalId": one.external_id}),
        "userName": one.user_name or user.nick,
        "name": scim.names_of(user.name),
        "displayName": user.name,
        "nickName": user.nick,
        "emails": [{"value": user.email, "primary": True}],
        "active": not user.disabled,
        "meta": {
            "location": f"{tx.site.api_url}/scim/{uid}/Users/{user.id}",
            "created": iso(one.created_at),
            "lastModified": iso(max(one.created_at, one.updated_at)),
        },
    }
