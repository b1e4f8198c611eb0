"""Invitations to a flow.

Source: wire facts 2.9.
"""

from collections.abc import Mapping

from flowdock.client.calls.call import Call, call, given, order
from flowdock.protocol import endpoints
from flowdock.protocol.resources import AcceptedInvitation, ImportedInvitations, Invitation


def list_invitations(org: str, flow: str) -> Call[list[Invitation]]:
    """Those that wait for an answer."""
    return call(endpoints.LIST_INVITATIONS, {"org": org, "flow": flow})


def show_invitation(org: str, flow: str, id: int) -> Call[Invitation]:
    """One of them."""
    return call(endpoints.SHOW_INVITATION, {"org": org, "flow": flow, "id": id})


def invite(org: str, flow: str, email: str, *, message: str | None) -> Call[Invitation]:
    """Ask somebody in."""
    return call(
        endpoints.INVITE,
        {"org": org, "flow": flow},
        json=given({"email": email, "message": message}),
        accepted=frozenset({200, 201}),
    )


def import_invitations(org: str, flow: str, text: str, *, message: str | None) -> Call[ImportedInvitations]:
    """Ask several in."""
    members = given({"list": text, "message": message})
    return call(endpoints.IMPORT_INVITATIONS, {"org": org, "flow": flow}, json=members)


def cancel_invitation(org: str, flow: str, id: int) -> Call[None]:
    """Take an invitation back."""
    return order(endpoints.CANCEL_INVITATION, {"org": org, "flow": flow, "id": id})


def accept_invitation(key: str, newcomer: Mapping[str, object] | None = None) -> Call[AcceptedInvitation]:
    """Come in, with an account that is made for it where there is none."""
    return call(endpoints.ACCEPT_INVITATION, {"key": key}, json=given(newcomer or {}), accepted=frozenset({200, 201}))
