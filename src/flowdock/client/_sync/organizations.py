# Generated from src/flowdock/client/_async/organizations.py by tools/unasync.py; edit that file instead
"""Organizations: their people, their flows and their own emoji."""

from os import PathLike
from pathlib import Path
from typing import Unpack

from flowdock.client import calls
from flowdock.client._sync.transport import Transport
from flowdock.protocol.parameters import UpdateOrganizationParameters
from flowdock.protocol.resources import AuditedUser, Emoji, OrganizationDetails, OrganizationUser, ScimToken


class Organizations:
    """What one does about organizations, which `org` names as addresses do; a part of a client."""

    _transport: Transport

    def organizations(self) -> list[OrganizationDetails]:
        """The organizations one is in, with their people."""
        return self._transport.answer(calls.organizations.list_organizations())

    def organization(self, name: str) -> OrganizationDetails:
        """One organization, by its name in addresses such as "acme".

        Example:
            print((client.organization("acme"))["name"])
        """
        return self._transport.answer(calls.organizations.show_organization(name))

    def find_organization(self, id: int) -> OrganizationDetails:
        """One organization, by its number.

        Example:
            flow = client.find_flow(msg["flow"])
            org = client.find_organization(flow["organization"]["id"])
        """
        return self._transport.answer(calls.organizations.find_organization(id))

    def update_organization(self, org: str, **changes: Unpack[UpdateOrganizationParameters]) -> OrganizationDetails:
        """An organization as it is after a change of its `name` for people.

        Example:
            client.update_organization("acme", name="Acme Inc.")

        Raises:
            TypeError: there is no such change, or none was given; the text names those there are.
        """
        return self._transport.answer(calls.organizations.update_organization(org, changes))

    def organization_users(self, org: str) -> list[OrganizationUser]:
        """The people of an organization; `admin` tells who administers it.

        Example:
            admins = [user["nick"] for user in client.organization_users("acme") if user["admin"]]
        """
        return self._transport.answer(calls.organizations.organization_users(org))

    def organization_user(self, org: str, id: int) -> OrganizationUser:
        """One of them.

        Example:
            print((client.organization_user("acme", ray["id"]))["admin"])
        """
        return self._transport.answer(calls.organizations.organization_user(org, id))

    def make_admin(self, org: str, id: int, *, admin: bool = True) -> OrganizationUser:
        """Let somebody administer an organization, or with `admin=False` no longer.

        Example:
            client.make_admin("acme", ray["id"])
        """
        return self._transport.answer(calls.organizations.update_organization_user(org, id, admin=admin))

    def remove_user(self, org: str, id: int) -> None:
        """Take somebody out of an organization and all its flows.

        Example:
            client.remove_user("acme", ray["id"])
        """
        self._transport.answer(calls.organizations.remove_user(org, id))

    def audit_users(self, org: str) -> list[AuditedUser]:
        """The people of an organization and when they were last here; for its admins.

        Example:
            for user in client.audit_users("acme"):
                print(user["email"], user["accessed_at"])
        """
        return self._transport.answer(calls.organizations.audit_users(org))

    def emoji(self, org: str) -> list[Emoji]:
        """The emoji of an organization's own.

        Example:
            names = [one["id"] for one in client.emoji("acme")]
        """
        return self._transport.answer(calls.organizations.list_emoji(org))

    def add_emoji(self, org: str, name: str, image: str | PathLike[str]) -> Emoji:
        """Add a PNG, GIF, JPEG or WebP file of at most 256 KiB to them; `name` is what stands between the colons.

        Example:
            client.add_emoji("acme", "shipit", "squirrel.png")
        """
        return self._transport.answer(calls.organizations.add_emoji(org, name, Path(image)))

    def remove_emoji(self, org: str, name: str) -> None:
        """Take one away.

        Example:
            client.remove_emoji("acme", "shipit")
        """
        self._transport.answer(calls.organizations.remove_emoji(org, name))

    def renew_scim_token(self, org: str) -> ScimToken:
        """Where a program that provisions people comes in, and with which token, told only now; the one before ends.

        Example:
            scim = client.renew_scim_token("acme")
            print(scim["url"], scim["token"])
        """
        return self._transport.answer(calls.organizations.renew_scim_token(org))

    def remove_scim_token(self, org: str) -> None:
        """End it.

        Example:
            client.remove_scim_token("acme")
        """
        self._transport.answer(calls.organizations.remove_scim_token(org))
