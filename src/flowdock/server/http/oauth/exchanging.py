"""Applications exchange codes, passwords and refresh tokens for access tokens, and give tokens back.

Source: wire facts 2.13 (the answer is a form unless JSON is asked for); RFC 6749, 2.3, 4.1.3, 4.3, 5 and 6; RFC 7009.
"""

from typing import Unpack
from urllib.parse import unquote_plus

from flowdock.protocol.parameters import RevokeParameters, TokenParameters
from flowdock.protocol.resources import AccessToken
from flowdock.server.actions import granting
from flowdock.server.actions.answers import Form, Special
from flowdock.server.actions.granting import Client
from flowdock.server.domain.oauth import Problem
from flowdock.server.domain.refusals import Refusal
from flowdock.server.http.answering import Asked, Service
from flowdock.server.http.credentials import parse_basic

_PRIVATE: tuple[tuple[str, str], ...] = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


async def token(service: Service, asked: Asked, **given: Unpack[TokenParameters]) -> Form | Special:
    """An access token, as a form unless JSON is asked for."""
    issued = await _exchanged(service, _client(asked, given), given)
    if isinstance(issued, Problem):
        return _told(asked, issued)
    if "application/json" in asked.header("accept"):
        return Special(issued, 200, _PRIVATE)
    return Form({name: str(value) for name, value in issued.items()}, _PRIVATE)


async def revoke(service: Service, asked: Asked, **given: Unpack[RevokeParameters]) -> Special | None:
    """Nothing, also when there was no such token."""
    client, wanted = _client(asked, given), given.get("token", "")
    problem = await service.store.write(lambda tx: granting.revoke(tx, client, wanted))
    return None if problem is None else _told(asked, problem)


async def _exchanged(service: Service, client: Client, given: TokenParameters) -> AccessToken | Problem:
    kind = given.get("grant_type", "")
    if kind == "authorization_code":
        return await service.store.write(lambda tx: granting.exchange_code(tx, client, given))
    if kind == "refresh_token":
        return await service.store.write(lambda tx: granting.refresh(tx, client, given))
    if kind == "password":
        return await _by_password(service, client, given)
    known = "authorization_code, password or refresh_token"
    return Problem("unsupported_grant_type", f"grant_type is {kind[:40]!r}; it may be {known}")


async def _by_password(service: Service, client: Client, given: TokenParameters) -> AccessToken | Problem:
    # Asked first, so that only an application that is known may make us compute the hash of a password.
    application = await service.store.read(lambda tx: granting.identified(tx, client))
    if isinstance(application, Problem):
        return application
    try:
        person = await service.credentials.by_password(given.get("username", ""), given.get("password", ""))
    except Refusal as refusal:
        if refusal.status != 401:
            raise
        return Problem("invalid_grant", "this address and password do not belong together")
    user_id, scope = person.user_id, given.get("scope", "")
    return await service.store.write(lambda tx: granting.exchange_password(tx, client, user_id=user_id, scope=scope))


def _client(asked: Asked, given: TokenParameters | RevokeParameters) -> Client:
    """Who the application says it is: by its parameters or by HTTP Basic, where both parts are escaped as in a form.

    Some clients send their id in both ways and the secret in one.
    """
    client = Client(given.get("client_id", ""), given.get("client_secret", ""))
    scheme, _, encoded = asked.header("authorization").partition(" ")
    if client.secret or scheme.lower() != "basic":
        return client
    user, password = (unquote_plus(text) for text in parse_basic(encoded))
    return Client(user, password) if client.id in ("", user) else client


def _told(asked: Asked, problem: Problem) -> Special:
    """An error as OAuth words it, and with our own `message` beside."""
    headers = _PRIVATE
    if problem.status == 401 and asked.header("authorization"):
        headers = (*_PRIVATE, ("WWW-Authenticate", 'Basic realm="Flowdock"'))
    content = {"error": problem.error, "error_description": problem.description, "message": problem.description}
    return Special(content, problem.status, headers)
