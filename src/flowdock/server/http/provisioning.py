"""Making and changing people for a provisioner, where a password takes its time.

Source: wire facts 7.2.
"""

from typing import Any, Unpack

from starlette.concurrency import run_in_threadpool

from flowdock.protocol.parameters import ScimUserParameters
from flowdock.server import passwords
from flowdock.server.actions import provisioning
from flowdock.server.domain import scim
from flowdock.server.http.answering import Asked, Service


async def scim_create(
    service: Service, asked: Asked, *, uid: str, **given: Unpack[ScimUserParameters]
) -> dict[str, Any]:
    """Somebody new."""
    described = scim.checked(given)
    hashed = await _hashed(described.password)
    return await service.store.write(
        lambda tx: provisioning.scim_create(tx, asked.actor, described, uid=uid, password_hash=hashed)
    )


async def scim_replace(
    service: Service, asked: Asked, *, uid: str, user_id: int, **given: Unpack[ScimUserParameters]
) -> dict[str, Any]:
    """Change somebody who is there."""
    described = scim.checked(given)
    await service.store.read(lambda tx: provisioning.scim_show(tx, asked.actor, uid=uid, user_id=user_id))
    hashed = await _hashed(described.password)
    return await service.store.write(
        lambda tx: provisioning.scim_replace(tx, asked.actor, described, uid=uid, user_id=user_id, password_hash=hashed)
    )


async def _hashed(password: str | None) -> str | None:
    return None if password is None else await run_in_threadpool(passwords.hashed, password)
