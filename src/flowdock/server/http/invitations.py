"""Coming in by an invitation or a join link, where an account may have to be made: a password takes its time.

Source: wire facts 2.9.
"""

from typing import Any, Unpack

from starlette.concurrency import run_in_threadpool

from flowdock.protocol.parameters import AcceptInvitationParameters
from flowdock.server import passwords
from flowdock.server.actions import accepting
from flowdock.server.actions.answers import Special
from flowdock.server.domain.actors import Person
from flowdock.server.domain.refusals import too_often
from flowdock.server.http.answering import Asked, Service

ACCOUNTS = 100
"""So many accounts may be made with one key, within"""
ACCOUNTS_SECONDS = 3600


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
