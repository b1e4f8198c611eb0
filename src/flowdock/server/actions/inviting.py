"""Asking people into a flow by e-mail: one or several, again, and no longer.

Source: wire facts 2.9, 3.2 (action invite, uninvite).
"""

from typing import Any, Unpack

from flowdock.protocol.parameters import ImportInvitationsParameters, InviteParameters
from flowdock.server.actions import membership, places, posting, sending
from flowdock.server.actions import people as shown_people
from flowdock.server.actions.places import person
from flowdock.server.actions.sending import Words
from flowdock.server.domain import addresses, naming
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import INVITE_TO_FLOW
from flowdock.server.domain.refusals import Refusal, invalid, too_often
from flowdock.server.store import invitations, organizations, people
from flowdock.server.store.flows import Flow
from flowdock.server.store.invitations import Invitation
from flowdock.server.store.transaction import NotFound, Transaction

MESSAGE_LIMIT = 2000
LIST_LIMIT = 100
"""So many addresses a list may hold."""
TEXT_LIMIT = 50_000
"""So many characters."""
PENDING_LIMIT = 1000
"""So many invitations to one flow may wait."""
RESEND_SECONDS = 60
"""How long the same person is not written to again."""


def list_invitations(tx: Transaction, actor: Actor, *, org: str, flow: str) -> list[dict[str, Any]]:
    """Those who were asked in and did not come yet, the oldest first."""
    found = places.flow_named(tx, actor, org, flow, INVITE_TO_FLOW)
    return pending(tx, found)


def show_invitation(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int) -> dict[str, Any]:
    """An invitation, also when it was accepted."""
    found = places.flow_named(tx, actor, org, flow, INVITE_TO_FLOW)
    return shown(tx, found, invitations.get(tx, found.log_id, id))


def invite(tx: Transaction, actor: Actor, *, org: str, flow: str, **given: Unpack[InviteParameters]) -> dict[str, Any]:
    """Ask somebody in; the same address again gets a new key, and the old one opens nothing any more."""
    found = places.flow_named(tx, actor, org, flow, INVITE_TO_FLOW)
    email = addresses.checked_mailbox(given.get("email", ""))
    known = people.find_by_email(tx, email)
    member = None if known is None else people.find_member(tx, found.log_id, known[0].id)
    if member is not None and member.in_flow:
        raise invalid("email", f"{email!r} is in the flow already")
    if member is not None and member.blocked:
        # By no key they would come in, whoever sent it to them.
        raise invalid("email", f"{email!r} was blocked; let them in again as one of the flow's users instead")
    return _ask_in(tx, actor, found, email, _checked_message(given.get("message")))


def import_invitations(
    tx: Transaction, actor: Actor, *, org: str, flow: str, **given: Unpack[ImportInvitationsParameters]
) -> dict[str, Any]:
    """Ask everybody of a list in; who is of the organization is in at once. What is no address is named."""
    found = places.flow_named(tx, actor, org, flow, INVITE_TO_FLOW)
    emails, erroneous = _addresses(given.get("list", ""))
    message, added, asked = _checked_message(given.get("message")), set(), []
    for email in emails:
        known = people.find_by_email(tx, email)
        colleague = None if known is None else organizations.find_user(tx, found.organization_id, known[0].id)
        if colleague is None:
            asked.append(_ask_in(tx, actor, found, email, message))
        elif not colleague.user.disabled and not _is_in(tx, found, colleague.user.id):
            membership.bring_in(tx, found, colleague.user.id, by=person(actor).user_id)
            invitations.withdraw(tx, found.log_id, email)
            added.add(colleague.user.id)
    of_flow = shown_people.of_flow(tx, found.log_id) if added else []
    return {
        "invitations": asked,
        "added_users": [user for user in of_flow if user["id"] in added],
        "erroneous_emails": erroneous,
    }


def cancel_invitation(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int) -> None:
    """Take back an invitation that waits; nobody comes by its key any more."""
    found = places.flow_named(tx, actor, org, flow, INVITE_TO_FLOW)
    invitation = invitations.get(tx, found.log_id, id)
    if invitation.accepted_at is not None:
        raise NotFound
    invitations.remove(tx, invitation.id)
    content = {"type": "uninvite", "email": invitation.email, "description": invitation.email}
    sending.publish(tx, places.place_of(found), Words(content), event="action", author=person(actor).user_id)


def pending(tx: Transaction, flow: Flow) -> list[dict[str, Any]]:
    """The invitations to a flow that wait, as those see them who may invite."""
    return [shown(tx, flow, one) for one in invitations.pending(tx, flow.log_id)]


def shown(tx: Transaction, flow: Flow, invitation: Invitation) -> dict[str, Any]:
    """An invitation without its key."""
    url = f"{tx.site.api_url}/flows/{flow.organization}/{flow.parameterized_name}/invitations/{invitation.id}"
    return {
        "id": invitation.id,
        "state": "pending" if invitation.accepted_at is None else "accepted",
        "email": invitation.email,
        "flow": flow.id,
        "url": url,
    }


def _ask_in(tx: Transaction, actor: Actor, flow: Flow, email: str, message: str) -> dict[str, Any]:
    key, by = tx.entropy(20).hex(), person(actor).user_id
    digest = naming.token_digest(key)
    known = invitations.find_pending(tx, flow.log_id, email)
    if known is not None:
        _demand_patience(tx, known)
        invitations.renew(tx, known.id, message=message, digest=digest, inviter=by)
        invitation = known
    elif invitations.count_pending(tx, flow.log_id) >= PENDING_LIMIT:
        raise Refusal(400, f"{PENDING_LIMIT} invitations to this flow wait already; cancel some of them first")
    else:
        invitation = invitations.create(tx, flow.log_id, email=email, message=message, digest=digest, inviter=by)
    # Not the key, which is for one person alone.
    content = {"type": "invite", "id": digest.hex()[:40], "email": email, "description": email}
    sending.publish(tx, places.place_of(flow), Words(content), event="action", author=by)
    url = f"{tx.site.web_url}/invitations/{key}-{flow.parameterized_name}"
    told = shown(tx, flow, invitation)
    return told if _posted(tx, flow, invitation, message, url, by=by) else told | {"invitation_url": url}


def _posted(tx: Transaction, flow: Flow, invitation: Invitation, message: str, url: str, *, by: int) -> bool:
    inviter = people.get(tx, by).name
    said = [f"{inviter} asks you into the flow {flow.name} of {flow.organization_name}:", url]
    body = "\n\n".join([*([message] if message else []), *said, "The link is for you alone, for 30 days.\n"])
    subject = f"{inviter} asks you into {flow.name}"
    return posting.post(tx, kind="invitation", recipient=invitation.email, subject=subject, body=body)


def _is_in(tx: Transaction, flow: Flow, user_id: int) -> bool:
    member = people.find_member(tx, flow.log_id, user_id)
    return member is not None and bool(member.in_flow)


def _addresses(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """The addresses of a list, each once, and what is none."""
    if len(text) > TEXT_LIMIT:
        raise invalid("list", f"has {len(text)} characters; it may have at most {TEXT_LIMIT}")
    good, bad = addresses.listed(text)
    if not good and not bad:
        raise invalid("list", "can't be blank; it is addresses with commas or line feeds between")
    if len(good) + len(bad) > LIST_LIMIT:
        raise invalid("list", f"holds {len(good) + len(bad)} addresses; it may hold {LIST_LIMIT}")
    return good, [{entry: "Invalid email"} for entry in bad]


def _demand_patience(tx: Transaction, known: Invitation) -> None:
    """Refuse to write to somebody again at once; where no mail leaves there is no hurry to be slow."""
    waited = (tx.now - known.created_at) // 1000
    if tx.site.sends_mail and waited < RESEND_SECONDS:
        message = f"{known.email} was written to {waited} s ago; wait a minute before you write again"
        raise too_often(message, seconds=RESEND_SECONDS - waited)


def _checked_message(message: str | None) -> str:
    if message is not None and len(message) > MESSAGE_LIMIT:
        raise invalid("message", f"has {len(message)} characters; it may have at most {MESSAGE_LIMIT}")
    return message or ""
