"""Who is in a flow, and how people come in."""

from typing import TypeAlias

from flowdock.client import calls
from flowdock.client._async.transport import AsyncTransport
from flowdock.protocol.resources import ImportedInvitations, Invitation, JoinUrl
from flowdock.protocol.types import FlowUser

# A flow has a method `list`, so among its methods the word no longer means the type.
FlowUsers: TypeAlias = list[FlowUser]
Invitations: TypeAlias = list[Invitation]


class AsyncMembership:
    """What one does in a flow about its people; the half of a flow that `membership` names."""

    _transport: AsyncTransport
    org: str
    flow: str

    async def users(self) -> FlowUsers:
        """The people of the flow, also those who left it (`in_flow` tells)."""
        return await self._transport.answer(calls.flows.flow_users(self.org, self.flow))

    async def add_user(self, uid: int) -> None:
        """Bring in somebody of the organization.

        Example:
            await flow.add_user(ray["id"])
        """
        await self._transport.answer(calls.flows.add_flow_user(self.org, self.flow, uid))

    async def block(self, uid: int) -> None:
        """Take somebody out of the flow; taking out oneself is leaving it.

        Example:
            await flow.block(ray["id"])
        """
        await self._transport.answer(calls.flows.update_flow_user(self.org, self.flow, uid, disabled=True))

    async def unblock(self, uid: int) -> None:
        """Let somebody in again who was taken out.

        Example:
            await flow.unblock(ray["id"])
        """
        await self._transport.answer(calls.flows.update_flow_user(self.org, self.flow, uid, disabled=False))

    async def make_admin(self, uid: int, *, admin: bool = True) -> None:
        """Let somebody administer the flow, or with `admin=False` no longer.

        Example:
            await flow.make_admin(ray["id"])
        """
        await self._transport.answer(calls.flows.update_flow_user(self.org, self.flow, uid, flow_admin=admin))

    async def invitations(self) -> Invitations:
        """The invitations that wait for an answer."""
        return await self._transport.answer(calls.invitations.list_invitations(self.org, self.flow))

    async def invitation(self, id: int) -> Invitation:
        """One invitation, also one that was accepted.

        Example:
            print((await flow.invitation(invitation["id"]))["state"])
        """
        return await self._transport.answer(calls.invitations.show_invitation(self.org, self.flow, id))

    async def invite(self, email: str, message: str | None = None) -> Invitation:
        """Ask somebody in by e-mail; the same address again sends the invitation anew.

        A server that sends no mail tells the `invitation_url` instead, for you to hand on.

        Example:
            await flow.invite("dora@example.com", message="We plan the release here")
        """
        return await self._transport.answer(calls.invitations.invite(self.org, self.flow, email, message=message))

    async def import_invitations(self, text: str, message: str | None = None) -> ImportedInvitations:
        """Ask in all addresses of a text, which has commas or line feeds between: plain ones or `"Name" <address>`.

        The answer tells who was asked, who is of the organization already and was brought in, and what is no address.

        Example:
            asked = await flow.import_invitations('kim@example.com, "Dora Lee" <dora@example.com>')
            print(asked["erroneous_emails"])
        """
        call = calls.invitations.import_invitations(self.org, self.flow, text, message=message)
        return await self._transport.answer(call)

    async def cancel_invitation(self, id: int) -> None:
        """Take an invitation back that waits for an answer.

        Example:
            await flow.cancel_invitation(invitation["id"])
        """
        await self._transport.answer(calls.invitations.cancel_invitation(self.org, self.flow, id))

    async def join_url(self) -> JoinUrl:
        """The address by which people may come in; None in it when there is none."""
        return await self._transport.answer(calls.flows.show_join_url(self.org, self.flow))

    async def renew_join_url(self) -> JoinUrl:
        """Make such an address; the one before ends."""
        return await self._transport.answer(calls.flows.renew_join_url(self.org, self.flow))

    async def remove_join_url(self) -> None:
        """End the address."""
        await self._transport.answer(calls.flows.remove_join_url(self.org, self.flow))
