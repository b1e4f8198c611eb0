"""Browsers that are signed in: a cookie whose digest is stored like that of a token, for the pages only.

The cookie is out of reach of scripts and of other sites' requests that change something. It goes over TLS only where
people reach this server by it.
"""

from starlette.requests import Request
from starlette.responses import Response

from flowdock.server.actions import signing_in
from flowdock.server.actions.signing_in import Session
from flowdock.server.http.answering import Service

SECONDS = 30 * 24 * 3600
"""How long a browser stays signed in."""


async def find(service: Service, request: Request) -> Session | None:
    """Whose browser this is, None when nobody is signed in."""
    key = request.cookies.get(_name(service), "")
    return await service.store.read(lambda tx: signing_in.by_session(tx, key)) if key else None


async def begin(service: Service, response: Response, *, user_id: int) -> None:
    """Sign this browser in with the response."""
    key = await service.store.write(lambda tx: signing_in.begin_session(tx, user_id=user_id, seconds=SECONDS))
    secure = _is_secure(service)
    response.set_cookie(_name(service), key, max_age=SECONDS, path="/", secure=secure, httponly=True, samesite="lax")


async def end(service: Service, request: Request, response: Response) -> None:
    """Sign this browser out with the response."""
    session = await find(service, request)
    if session is not None:
        await service.store.write(lambda tx: signing_in.end_session(tx, session))
    response.delete_cookie(_name(service), path="/", secure=_is_secure(service), httponly=True, samesite="lax")


def _is_secure(service: Service) -> bool:
    return service.store.site.web_url.startswith("https://")


def _name(service: Service) -> str:
    # The prefix makes browsers refuse such a cookie from anybody but this very host.
    return "__Host-flowdock" if _is_secure(service) else "flowdock_session"
