"""Coming into a flow with a browser: who invites where to, and how to accept.

Forms lead to an address of their own: `POST /invitations/{key}` is the API's.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from flowdock.protocol.parameters import AcceptInvitationParameters
from flowdock.server.actions import accepting
from flowdock.server.actions.accepting import Invited
from flowdock.server.actions.answers import Special
from flowdock.server.actions.signing_in import Session
from flowdock.server.domain.actors import Actor, Nobody, Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.http import invitations, sessions
from flowdock.server.http.answering import Asked, Service
from flowdock.server.http.pages import login
from flowdock.server.http.pages.page import Html, filled, page
from flowdock.server.http.pages.showing import sentence, texts

_INVITED = """<p><bdi>{inviter}</bdi> asks <bdi>{email}</bdi> into the flow <bdi><strong>{flow}</strong></bdi> of
<bdi>{organization}</bdi>.</p>
"""
_LINKED = """<p>This link leads into the flow <bdi><strong>{flow}</strong></bdi> of <bdi>{organization}</bdi>.</p>
"""
_JOIN = """<form method="post" action="/invitations/{key}/accept"><button>Join as {nick}</button></form>
<form method="post" action="/logout"><input type="hidden" name="next" value="/invitations/{key}">
<button class="quiet">I am somebody else</button></form>
"""
_SIGN_IN = """<p>Do you have an account? <a href="{login}">Sign in first</a>.</p>
"""
_NEW = """<form method="post" action="/invitations/{key}/accept">
{email}<label for="nick">Nick, by which others mention you</label>
<input id="nick" name="nick" autocomplete="nickname" value="{nick}" maxlength="50" required>
<label for="name">Full name</label>
<input id="name" name="name" autocomplete="name" value="{name}" maxlength="100" required>
<label for="password">Password, at least 8 characters</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="8" required>
<button>Make my account and join</button>
</form>
"""
_EMAIL = """<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="email" value="{email}" required>
"""
_PROBLEM = """<p class="wrong" role="alert">{problem}</p>
"""
_DONE = """<p>You are in the flow <bdi><strong>{flow}</strong></bdi> now. Programs find it at <code>{url}</code>.</p>
"""
_FIRST_KEY = """<p>This is your first token, by which programs act for you. Keep it; it is not shown again.</p>
<p><code class="told">{token}</code></p>
<p>From a terminal: <code>flowdock login</code> asks for it, then <code>flowdock tail</code> shows what is said.</p>
"""


async def show(service: Service, request: Request) -> Response:
    """Where the key leads, and the way in for whoever looks."""
    session = await sessions.find(service, request)
    return await _door(service, request, session, given={})


async def accept(service: Service, request: Request) -> Response:
    """Let in who is signed in, or make an account first, which is signed in from then on."""
    key, session = str(request.path_params["key"]), await sessions.find(service, request)
    actor: Actor = Nobody() if session is None else Person(session.user_id)
    given = {} if session is not None else await texts(service, request)
    wanted: AcceptInvitationParameters = {
        "nick": given.get("nick", "").strip(),
        "name": given.get("name", ""),
        "email": given.get("email", ""),
        "password": given.get("password", ""),
    }
    door = await _invited(service, actor, key)
    try:
        result = await invitations.accept_invitation(service, Asked(actor, request.scope), key=key, **wanted)
    except Refusal as refusal:
        if refusal.status not in (400, 429):
            raise
        return await _door(service, request, session, given=given, refusal=refusal)
    if not isinstance(result, Special):
        return page("Welcome", _done(door, result))
    response = page("Welcome", _done(door, result.content))
    user_id = await service.store.read(lambda tx: accepting.who_has(tx, result.content))
    await sessions.begin(service, response, user_id=user_id)
    return response


async def _door(
    service: Service,
    request: Request,
    session: Session | None,
    *,
    given: dict[str, str],
    refusal: Refusal | None = None,
) -> Response:
    key = str(request.path_params["key"])
    actor: Actor = Nobody() if session is None else Person(session.user_id)
    door = await _invited(service, actor, key)
    above = _INVITED if door.inviter else _LINKED
    shown = filled(above, inviter=door.inviter, email=door.email, flow=door.flow, organization=door.organization)
    problem = filled(_PROBLEM, problem=sentence(refusal)) if refusal else Html()
    ways = _new(key, door, given) if session is None else filled(_JOIN, key=key, nick=door.nick)
    body = Html(shown + problem + ways)
    return page(f"Join {door.flow}", body, status=refusal.status if refusal else 200)


def _new(key: str, door: Invited, given: dict[str, str]) -> Html:
    sign_in = filled(_SIGN_IN, login=login.address(f"/invitations/{key}"))
    if door.has_account:
        return sign_in
    email = Html() if door.email else filled(_EMAIL, email=given.get("email", ""))
    form = filled(_NEW, key=key, email=email, nick=given.get("nick", ""), name=given.get("name", ""))
    return Html(sign_in + form)


def _done(door: Invited, joined: Any) -> Html:
    shown = filled(_DONE, flow=door.flow, url=joined["url"])
    return Html(shown + filled(_FIRST_KEY, token=joined["token"])) if "token" in joined else shown


async def _invited(service: Service, actor: Actor, key: str) -> Invited:
    """Where a key leads, told to a person in their words when it leads nowhere."""
    try:
        return await service.store.read(lambda tx: accepting.invited(tx, actor, key))
    except Refusal as refusal:
        if refusal.status != 404:
            raise
        raise Refusal(
            404, "This link leads nowhere: it was used or taken back, or is too old; ask whoever sent it for another"
        ) from None
