"""Asking in, where the link is logged if no mail brings it; coming in, where a password takes its time.

Source: wire facts 2.9.
"""

import logging
from typing import Any, Unpack

from starlette.concurrency import run_in_threadpool

from flowdock.protocol.parameters import AcceptInvitationParameters, ImportInvitationsParameters, InviteParameters
from flowdock.server import passwords
from flowdock.server.actions import accepting, inviting
from flowdock.server.actions.answers import Special
from flowdock.server.domain.actors import Person
from flowdock.server.domain.refusals import too_often
from flowdock.server.http.answering import Asked, Service

ACCOUNTS = 100
"""So many accounts may be made with one key, within"""
ACCOUNTS_SECONDS = 3600


log = logging.getLogger("flowdock.mail")


async def invite(
    service: Service, asked: Asked, *, org: str, flow: str, **given: Unpack[InviteParameters]
) -> dict[str, Any]:
    """Ask somebody in."""
    made = await service.store.write(
        lambda tx: inviting.invite(tx, asked.actor, org=org, flow=flow, **given), about=f"{org}/{flow}"
    )
    _log(made)
    return made


async def import_invitations(
    service: Service, asked: Asked, *, org: str, flow: str, **given: Unpack[ImportInvitationsParameters]
) -> dict[str, Any]:
    """Ask everybody of a list in."""
    made = await service.store.write(
        lambda tx: inviting.import_invitations(tx, asked.actor, org=org, flow=flow, **given), about=f"{org}/{flow}"
    )
    for one in made["invitations"]:
        _log(one)
    return made


async def accept_invitation(
    service: Service, asked: Asked, *, key: str, **given: Unpack[AcceptInvitationParameters]
) -> Any:
    """Let in who is signed in, or somebody for whom an account is made."""
    store, actor = service.store, asked.actor
    if isinstance(actor, Person):
        return await store.write(lambda tx: accepting.accept(tx, actor, key, None, None))
    # First, so that nobody without a key makes the server work.
    await store.read(lambda tx: accepting.welcomed(tx, actor, key))
    newcomer = accepting.checked(given)
    if await service.expiring.increase(f"accounts by {key[:40]}", seconds=ACCOUNTS_SECONDS) > ACCOUNTS:
        raise too_often("Too many accounts were made with this link; wait an hour", seconds=ACCOUNTS_SECONDS)
    password_hash = await run_in_threadpool(passwords.hashed, newcomer.password)
    made = await store.write(lambda tx: accepting.accept(tx, actor, key, newcomer, password_hash))
    return Special(made, 201)


def _log(invitation: dict[str, Any]) -> None:
    if "invitation_url" in invitation:
        log.warning("%s may come in by %s", invitation["email"], invitation["invitation_url"])
