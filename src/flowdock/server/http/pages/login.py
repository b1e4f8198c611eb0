"""Signing a browser in and out."""

import re
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flowdock.server.domain.refusals import Refusal
from flowdock.server.http import sessions
from flowdock.server.http.answering import Service
from flowdock.server.http.pages.page import Html, filled, page
from flowdock.server.http.pages.showing import texts

_FORM = """{above}<form method="post" action="/login">
<input type="hidden" name="next" value="{next}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" value="{email}" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button>Sign in</button>
</form>
<p class="quiet"><a href="/password_resets">Forgot your password?</a></p>
"""
_PROBLEM = """<p class="wrong" role="alert">{problem}</p>
"""
_WANTED = """<p>To go on to <bdi><strong>{application}</strong></bdi>.</p>
"""
_SIGNED_IN = """<p>You are signed in.</p>
<form method="post" action="/logout"><button class="quiet">Sign out</button></form>
"""
# Two slashes, or one and a backslash, would lead to another host; browsers drop control characters before they look.
_HERE = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


async def show(service: Service, request: Request) -> Response:
    """The form, or that there is no need for it."""
    if await sessions.find(service, request) is not None:
        return page("Sign in", Html(_SIGNED_IN))
    return form(_here((await texts(service, request)).get("next", "")))


async def sign_in(service: Service, request: Request) -> Response:
    """Let somebody in by their password, and go on to where they wanted to be."""
    given = await texts(service, request)
    email, wanted = given.get("email", "").strip(), _here(given.get("next", ""))
    try:
        person = await service.credentials.by_password(email, given.get("password", ""))
    except Refusal as refusal:
        problem = "This address and password do not belong together" if refusal.status == 401 else refusal.message
        return form(wanted, email=email, problem=problem, status=refusal.status)
    response = RedirectResponse(wanted, status_code=303)
    await sessions.begin(service, response, user_id=person.user_id)
    return response


async def sign_out(service: Service, request: Request) -> Response:
    """Forget this browser, and let somebody else sign in."""
    wanted = (await texts(service, request)).get("next", "")
    response = RedirectResponse(address(_here(wanted)) if wanted else "/login", status_code=303)
    await sessions.end(service, request, response)
    return response


def address(wanted: str) -> str:
    """Where to sign in before one goes on to a page of ours."""
    return f"/login?{urlencode({'next': wanted})}"


def form(wanted: str, *, email: str = "", problem: str = "", status: int = 200, wanted_by: str = "") -> Response:
    """The form that leads to a page of ours, perhaps for an application's sake."""
    shown = filled(_PROBLEM, problem=problem) if problem else Html()
    if wanted_by:
        shown = filled(_WANTED, application=wanted_by)
    return page("Sign in", filled(_FORM, next=wanted, email=email, above=shown), status=status)


def _here(wanted: str) -> str:
    """A page of ours that was asked for, the one about signing in when it is none."""
    return wanted if _HERE.fullmatch(wanted) else "/login"
