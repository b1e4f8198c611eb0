"""Changing what is known of oneself, where a password is to be compared or made: both take their time.

Source: wire facts 2.6.
"""

from typing import Any, Unpack

from starlette.concurrency import run_in_threadpool

from flowdock.protocol.parameters import UpdateUserParameters
from flowdock.server import passwords
from flowdock.server.actions import profiles
from flowdock.server.domain.refusals import Refusal, invalid
from flowdock.server.http.answering import Asked, Service


async def update_user(
    service: Service, asked: Asked, *, user_id: int, **given: Unpack[UpdateUserParameters]
) -> dict[str, Any]:
    """Change oneself; a new password or address takes the password so far, if there is one."""
    changes = profiles.checked(given)
    account = await service.store.read(lambda tx: profiles.account_at_stake(tx, asked.actor, user_id, changes))
    if account is not None and account.password_hash is not None:
        await _prove(service, account.email, given.get("current_password"))
    new = changes.password
    password_hash = None if new is None else await run_in_threadpool(passwords.hashed, new)
    return await service.store.write(
        lambda tx: profiles.update_user(tx, user_id, changes, proved=account, password_hash=password_hash)
    )


async def _prove(service: Service, email: str, password: str | None) -> None:
    if not password:
        raise invalid("current_password", "can't be blank where the password or the address is to change")
    try:
        await service.credentials.by_password(email, password)
    except Refusal as refusal:
        if refusal.status != 401:
            raise
        # Not 401: the token is right, and browsers would ask for another one.
        raise invalid("current_password", "is wrong") from None
