"""Having an integration do what its thread offers, and telling the person what came of it.

What the integration answers beyond its status is not shown: it may be anybody's.

Source: wire facts 7.1.
"""

import re

from flowdock.protocol.resources import ActionResult
from flowdock.server.actions import thread_actions
from flowdock.server.actions.answers import Special
from flowdock.server.actions.places import person
from flowdock.server.domain.refusals import too_often
from flowdock.server.http.answering import Asked, Service
from flowdock.server.outgoing import OutgoingError, TookTooLong

WINDOW_SECONDS = 60
ACTIONS = 60
"""So many a person may have carried out in that time."""

_CHALLENGE = re.compile(r'\s*Flowdock-Token\s+(?:.*,\s*)?url="?(https?://[^\s",<>]{1,2000})"?.*', re.IGNORECASE)


async def run_action(
    service: Service, asked: Asked, *, org: str, flow: str, thread_id: str, key: str
) -> ActionResult | Special:
    """What came of an action that somebody wants to be carried out."""
    order = await service.store.read(
        lambda tx: thread_actions.order(tx, asked.actor, org=org, flow=flow, thread_id=thread_id, key=key)
    )
    await _count(service, asked)
    headers = {"Content-Type": "application/json", "FLOWDOCK-TOKEN": order.token}
    try:
        answer = await service.outgoing.request(order.target.method, order.target.url, headers=headers, body=order.body)
    except TookTooLong as error:
        return _not_done(504, f"{order.name} may not be done: {error}")
    except OutgoingError as error:
        return _not_done(502, f"the integration cannot be asked: {error}")
    if answer.is_success:
        return {"done": True, "status": answer.status, "message": f"{order.name} is done", "url": None}
    challenge = _CHALLENGE.fullmatch(answer.headers.get("www-authenticate", "")) if answer.status == 401 else None
    if challenge is not None:
        wanted = f"{order.name} is not done: the integration wants you to sign in at {challenge[1]} first"
        return _not_done(401, wanted, answered=401, url=challenge[1])
    return _not_done(502, f"{order.name} is not done: the integration answered {answer.status}", answered=answer.status)


def _not_done(status: int, message: str, *, answered: int | None = None, url: str | None = None) -> Special:
    """What came of an action that the integration did not carry out, or `answered` with this status."""
    result: ActionResult = {"done": False, "status": answered, "message": message, "url": url}
    return Special(result, status, () if url is None else (("WWW-Authenticate", f"Flowdock-Token url={url}"),))


async def _count(service: Service, asked: Asked) -> None:
    """Refuse whoever has had too much done lately: the integration is somebody else's."""
    name = f"thread actions of {person(asked.actor).user_id}"
    if await service.expiring.increase(name, seconds=WINDOW_SECONDS) > ACTIONS:
        raise too_often(f"You may have {ACTIONS} actions carried out in a minute", seconds=WINDOW_SECONDS)
