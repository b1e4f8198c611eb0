"""People allow an application something: sign in, read what it asks for, decide.

Source: wire facts 2.13; RFC 6749, 4.1.1 and 4.1.2; RFC 7636; RFC 9700, 4.11 and 4.12 (303, so that no form is sent on).
"""

from typing import Any, cast
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flowdock.protocol.parameters import AuthorizeParameters
from flowdock.server.actions import granting, people
from flowdock.server.actions.granting import Wish
from flowdock.server.domain.actors import Person
from flowdock.server.domain.links import OUT_OF_BAND
from flowdock.server.domain.oauth import Problem
from flowdock.server.domain.refusals import Refusal, not_found
from flowdock.server.http import sessions
from flowdock.server.http.answering import Service
from flowdock.server.http.pages import consent, login
from flowdock.server.http.pages.page import told
from flowdock.server.http.pages.showing import texts

_NAMES = tuple(AuthorizeParameters.__annotations__)
_DENIED = Problem("access_denied", "the person did not allow it")


async def show(service: Service, request: Request) -> Response:
    """What an application asks for, to whoever is signed in; a form to sign in first to everybody else."""
    return await _asked(service, request, _asking(await texts(service, request)))


async def decide(service: Service, request: Request) -> Response:
    """Send the browser back to the application, with a code or without."""
    given = await texts(service, request)
    asking, decision = _asking(given), given.get("decision", "")
    session = await sessions.find(service, request)
    if session is None or given.get("user") != str(session.user_id):
        # Somebody signed in or out meanwhile, in another window.
        return await _asked(service, request, asking)
    user_id = session.user_id

    def approved(tx: Any) -> tuple[Wish, str]:
        wish = granting.wish(tx, **asking)
        return wish, "" if wish.problem else granting.approve(tx, wish, user_id=user_id)

    if decision == "approve":
        wish, code = await service.store.write(approved)
        return _answered(wish, wish.problem or code)
    if decision == "deny":
        wish = await service.store.read(lambda tx: granting.wish(tx, **asking))
        return _answered(wish, wish.problem or _DENIED)
    raise Refusal(400, "Please decide: decision is approve or deny")


async def show_code(service: Service, request: Request) -> Response:
    """A code for people to copy: their own, and only while it is good."""
    session, code = await sessions.find(service, request), str(request.path_params["code"])
    if session is None:
        raise not_found()
    user_id = session.user_id
    application = await service.store.read(lambda tx: granting.application_of_code(tx, code, user_id=user_id))
    return consent.code(application, code)


async def _asked(service: Service, request: Request, asking: AuthorizeParameters) -> Response:
    wish = await service.store.read(lambda tx: granting.wish(tx, **asking))
    here = f"/oauth/authorize?{urlencode(cast('dict[str, str]', asking))}"
    session = await sessions.find(service, request)
    if session is None:
        # Before a problem is told, too: nobody is sent to another site by a mere link to this one.
        return login.form(here, wanted_by=wish.application.name)
    if wish.problem is not None:
        return _answered(wish, wish.problem)
    user_id = session.user_id
    person = await service.store.read(lambda tx: people.me(tx, Person(user_id)))
    fields = {**cast("dict[str, str]", asking), "user": str(user_id)}
    return consent.consent(wish, fields, name=person["name"], email=person["email"], here=here)


def _asking(given: dict[str, str]) -> AuthorizeParameters:
    """What the application asked for, without what the page added."""
    return cast("AuthorizeParameters", {name: given[name] for name in _NAMES if name in given})


def _answered(wish: Wish, answer: str | Problem) -> Response:
    """Bring a code or a problem to the application, by way of the browser."""
    if wish.redirect_uri == OUT_OF_BAND:
        if isinstance(answer, Problem):
            return told("Nothing was allowed", f"{wish.application.name}: {answer.description}", status=answer.status)
        return _redirect(f"/oauth/authorize/{answer}")
    said = (
        {"error": answer.error, "error_description": answer.description}
        if isinstance(answer, Problem)
        else {"code": answer}
    )
    if wish.state:
        said["state"] = wish.state
    separator = "&" if "?" in wish.redirect_uri else "?"
    return _redirect(f"{wish.redirect_uri}{separator}{urlencode(said)}")


def _redirect(url: str) -> Response:
    headers = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
    return RedirectResponse(url, status_code=303, headers=headers)
