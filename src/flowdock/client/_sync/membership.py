# Generated from src/flowdock/client/_async/membership.py by tools/unasync.py; edit that file instead
"""Who is in a flow, and how people come in."""

from typing import TypeAlias

from flowdock.client import calls
from flowdock.client._sync.transport import Transport
from flowdock.protocol.resources import ImportedInvitations, Invitation, JoinUrl
from flowdock.protocol.types import FlowUser

# A flow has a method `list`, so among its methods the word no longer means the type.
FlowUsers: TypeAlias = list[FlowUser]
Invitations: TypeAlias = list[Invitation]


class Membership:
    """What one does in a flow about its people; the half of a flow that `membership` names."""

    _transport: Transport
    org: str
    flow: str

    def users(self) -> FlowUsers:
        """The people of the flow, also those who left it (`in_flow` tells)."""
        return self._transport.answer(calls.flows.flow_users(self.org, self.flow))

    def add_user(self, uid: int) -> None:
        """Bring in somebody of the organization.

        Example:
            flow.add_user(ray["id"])
        """
        self._transport.answer(calls.flows.add_flow_user(self.org, self.flow, uid))

    def block(self, uid: int) -> None:
        """Take somebody out of the flow; taking out oneself is leaving it.

        Example:
            flow.block(ray["id"])
        """
        self._transport.answer(calls.flows.update_flow_user(self.org, self.flow, uid, disabled=True))

    def unblock(self, uid: int) -> None:
        """Let somebody in again who was taken out.

        Example:
            flow.unblock(ray["id"])
        """
        self._transport.answer(calls.flows.update_flow_user(self.org, self.flow, uid, disabled=False))

    def make_admin(self, uid: int, *, admin: bool = True) -> None:
        """Let somebody administer the flow, or with `admin=False` no longer.

        Example:
            flow.make_admin(ray["id"])
        """
        self._transport.answer(calls.flows.update_flow_user(self.org, self.flow, uid, flow_admin=admin))

    def invitations(self) -> Invitations:
        """The invitations that wait for an answer."""
        return self._transport.answer(calls.invitations.list_invitations(self.org, self.flow))

    def invitation(self, id: int) -> Invitation:
        """One invitation, also one that was accepted.

        Example:
            print((flow.invitation(invitation["id"]))["state"])
        """
        return self._transport.answer(calls.invitations.show_invitation(self.org, self.flow, id))

    def invite(self, email: str, message: str | None = None) -> Invitation:
        """Ask somebody in by e-mail; the same address again sends the invitation anew.

        A server that sends no mail tells the `invitation_url` instead, for you to hand on.

        Example:
            flow.invite("dora@example.com", message="We plan the release here")
        """
        return self._transport.answer(calls.invitations.invite(self.org, self.flow, email, message=message))

    def import_invitations(self, text: str, message: str | None = None) -> ImportedInvitations:
        """Ask in all addresses of a text, which has commas or line feeds between: plain ones or `"Name" <address>`.

        The answer tells who was asked, who is of the organization already and was brought in, and what is no address.

        Example:
            asked = flow.import_invitations('kim@example.com, "Dora Lee" <dora@example.com>')
            print(asked["erroneous_emails"])
        """
        call = calls.invitations.import_invitations(self.org, self.flow, text, message=message)
        return self._transport.answer(call)

    def cancel_invitation(self, id: int) -> None:
        """Take an invitation back that waits for an answer.

        Example:
            flow.cancel_invitation(invitation["id"])
        """
        self._transport.answer(calls.invitations.cancel_invitation(self.org, self.flow, id))

    def join_url(self) -> JoinUrl:
        """The address by which people may come in; None in it when there is none."""
        return self._transport.answer(calls.flows.show_join_url(self.org, self.flow))

    def renew_join_url(self) -> JoinUrl:
        """Make such an address; the one before ends."""
        return self._transport.answer(calls.flows.renew_join_url(self.org, self.flow))

    def remove_join_url(self) -> None:
        """End the address."""
        self._transport.answer(calls.flows.remove_join_url(self.org, self.flow))
