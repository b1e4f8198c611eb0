"""A new password for who forgot theirs, with a browser.

Forms lead to addresses of their own: `POST /password_resets` and `POST /password_resets/{key}` are the API's.
"""

from starlette.requests import Request
from starlette.responses import Response

from flowdock.server.actions import resetting
from flowdock.server.domain.actors import Nobody
from flowdock.server.domain.refusals import Refusal
from flowdock.server.http import password_resets
from flowdock.server.http.answering import Asked, Service
from flowdock.server.http.pages.page import Html, filled, page, told
from flowdock.server.http.pages.showing import sentence, texts

_PROBLEM = """<p class="wrong" role="alert">{problem}</p>
"""
_ASK = """<p>A link by which you choose a new password is sent to the address of your account.</p>
{above}<form method="post" action="/forgotten_password">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" value="{email}" required autofocus>
<button>Send me the link</button>
</form>
"""
_SET = """{above}<form method="post" action="/password_resets/{key}/set">
<label for="password">New password, at least 8 characters</label>
<input id="password" name="password" type="password" autocomplete="new-password" minlength="8" required autofocus>
<button>Change my password</button>
</form>
"""
_DONE = """<p>Your password is changed, and all browsers are signed out. <a href="/login">Sign in with it</a>.</p>
"""
_USED = "This link leads nowhere: it was used, or is older than an hour; ask for another on the page for signing in"


async def show(service: Service, request: Request) -> Response:
    """The form that asks whose password was forgotten."""
    del service, request
    return _asking()


async def ask(service: Service, request: Request) -> Response:
    """Say the same whether anybody has this address or not."""
    email = (await texts(service, request)).get("email", "").strip()
    try:
        said = await password_resets.ask_reset(service, Asked(Nobody(), request.scope), email=email)
    except Refusal as refusal:
        if refusal.status != 400:
            raise
        return _asking(email, refusal)
    return told("Look into your mail", said["message"])


async def show_new(service: Service, request: Request) -> Response:
    """The form for the new password, if the key is good."""
    key = str(request.path_params["key"])
    try:
        await service.store.read(lambda tx: resetting.demand_good(tx, key))
    except Refusal as refusal:
        raise _in_words(refusal) from None
    return _choosing(key)


async def set_new(service: Service, request: Request) -> Response:
    """Give the password."""
    key = str(request.path_params["key"])
    password = (await texts(service, request)).get("password", "")
    try:
        await password_resets.reset_password(service, Asked(Nobody(), request.scope), key=key, password=password)
    except Refusal as refusal:
        if refusal.status != 400:
            raise _in_words(refusal) from None
        return _choosing(key, refusal)
    return page("Your password is changed", Html(_DONE))


def _asking(email: str = "", refusal: Refusal | None = None) -> Response:
    body = filled(_ASK, above=_above(refusal), email=email)
    return page("Forgot your password?", body, status=refusal.status if refusal else 200)


def _choosing(key: str, refusal: Refusal | None = None) -> Response:
    body = filled(_SET, above=_above(refusal), key=key)
    return page("Choose a new password", body, status=refusal.status if refusal else 200)


def _above(refusal: Refusal | None) -> Html:
    return filled(_PROBLEM, problem=sentence(refusal)) if refusal else Html()


def _in_words(refusal: Refusal) -> Refusal:
    return Refusal(404, _USED) if refusal.status == 404 else refusal
