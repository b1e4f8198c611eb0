"""Asking for a new password, and giving it. Nobody learns from it who has an account.

Where no mail is sent, the way to a new password stands in the server's log, for whoever administers it to hand on.
"""

import logging
from typing import Unpack

from starlette.concurrency import run_in_threadpool

from flowdock.protocol.parameters import AskResetParameters, ResetParameters
from flowdock.protocol.resources import Said
from flowdock.server import passwords
from flowdock.server.actions import resetting
from flowdock.server.domain import naming
from flowdock.server.http.answering import Asked, Service

ASKED = 5
"""So often something is done about it for one address, within"""
ASKED_SECONDS = 3600

log = logging.getLogger("flowdock.mail")


async def ask_reset(service: Service, asked: Asked, **given: Unpack[AskResetParameters]) -> Said:
    """Begin, and say the same whether anybody has this address or not."""
    del asked
    email = naming.checked_email(given.get("email", ""))
    # Who asks too often is told the same, or it would tell who has asked.
    if await service.expiring.increase(f"new password {email.casefold()}", seconds=ASKED_SECONDS) <= ASKED:
        begun = await service.store.write(lambda tx: resetting.begin(tx, email))
        if begun is not None and not begun.posted:
            log.warning("%s may choose a new password within an hour at %s", begun.email, begun.url)
    return {"message": f"If {email} has an account here, the way to a new password is on its way to it"}


async def reset_password(service: Service, asked: Asked, *, key: str, **given: Unpack[ResetParameters]) -> Said:
    """Give somebody a new password."""
    del asked
    await service.store.read(lambda tx: resetting.demand_good(tx, key))
    password = naming.checked_password(given.get("password", ""))
    password_hash = await run_in_threadpool(passwords.hashed, password)
    await service.store.write(lambda tx: resetting.reset(tx, key, password_hash))
    return {"message": "The password is changed; sign in with it"}
