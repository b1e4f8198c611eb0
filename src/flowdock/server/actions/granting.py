"""What people allow applications, and the tokens that applications get for it.

An application that does something wrong gets a `Problem` back, as an answer: what was noticed on the way, such as a
theft, has to be stored all the same.

Source: wire facts 2.13; RFC 6749; RFC 7009; RFC 9700, 4.14.
"""

import hmac
from dataclasses import dataclass
from typing import Unpack

from flowdock.protocol.parameters import AuthorizeParameters, TokenParameters
from flowdock.protocol.resources import AccessToken, Scope
from flowdock.server.actions import applications as developers
from flowdock.server.domain import naming, oauth
from flowdock.server.domain.oauth import Problem
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import applications, grants, people, tokens
from flowdock.server.store.applications import Application
from flowdock.server.store.grants import Grant
from flowdock.server.store.transaction import NotFound, Transaction


@dataclass(frozen=True, slots=True)
class Wish:
    """What an application asks a person for, and where the answer is to be sent.

    With a problem, that is the answer. `given_uri` is the redirect URI as it was given, None when it was left out.
    """

    application: Application
    redirect_uri: str
    given_uri: str | None
    state: str
    scopes: tuple[Scope, ...] = ()
    challenge: str = ""
    challenge_method: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Client:
    """Who an application says it is; without a secret when it has none, or shows none."""

    id: str
    secret: str


def wish(tx: Transaction, **given: Unpack[AuthorizeParameters]) -> Wish:
    """What is asked for.

    Raises:
        Refusal: 400, and nobody may be sent anywhere: the application is unknown, or the address is not one of its own.
    """
    application = applications.find_by_client(tx, given.get("client_id", ""))
    if application is None:
        raise Refusal(400, "There is no application with this client_id")
    given_uri = given.get("redirect_uri") or None
    uri = _redirect_uri(application, given_uri)
    state = given.get("state", "")
    challenge, method = given.get("code_challenge", ""), given.get("code_challenge_method") or "plain"
    scopes = oauth.asked_scopes(given.get("scope", ""))
    problem = oauth.problem_of_challenge(challenge, method, confidential=bool(application.confidential))
    if given.get("response_type") != "code":
        problem = Problem("unsupported_response_type", "response_type has to be code")
    elif isinstance(scopes, Problem):
        problem = scopes
    if problem is not None or isinstance(scopes, Problem):
        return Wish(application, uri, given_uri, state, problem=problem)
    return Wish(application, uri, given_uri, state, scopes, challenge, method)


def approve(tx: Transaction, wished: Wish, *, user_id: int) -> str:
    """The authorization code for what a person allowed; it is good once, for ten minutes."""
    people.get(tx, user_id)
    grant = grants.create(tx, application_id=wished.application.id, user_id=user_id, scopes=wished.scopes)
    code = tx.entropy(20).hex()
    grants.add_code(
        tx,
        naming.token_digest(code),
        grant_id=grant.id,
        redirect_uri=wished.given_uri,
        challenge=wished.challenge or None,
        challenge_method=wished.challenge_method if wished.challenge else None,
        expires_at=tx.now + oauth.CODE_SECONDS * 1000,
    )
    return code


def application_of_code(tx: Transaction, code: str, *, user_id: int) -> str:
    """Which application a code is for; NotFound unless this person allowed it, and it is still good."""
    found = grants.find_code(tx, naming.token_digest(code))
    if found is None or found.grant.user_id != user_id or found.used_at is not None or found.expires_at <= tx.now:
        raise NotFound
    return applications.name_of(tx, found.grant.application_id)


def identified(tx: Transaction, client: Client) -> Application | Problem:
    """The application that says who it is; with its secret, unless it cannot keep one."""
    application = applications.find_by_client(tx, client.id)
    if application is None:
        return Problem("invalid_client", "there is no application with this client_id", 401)
    if not client.secret and not application.confidential:
        return application
    if not hmac.compare_digest(developers.secret_of(tx, application).encode(), client.secret.encode()):
        return Problem("invalid_client", "the client_secret is wrong or missing", 401)
    return application


def exchange_code(tx: Transaction, client: Client, given: TokenParameters) -> AccessToken | Problem:
    """An access token for an authorization code. A code that comes again ends what was given for it the first time."""
    application = identified(tx, client)
    if isinstance(application, Problem):
        return application
    digest = naming.token_digest(given.get("code", ""))
    code = grants.find_code(tx, digest)
    if code is not None and code.used_at is not None:
        grants.revoke(tx, code.grant.id)
        return Problem("invalid_grant", "this code was used already; all that it gave is revoked")
    if code is None or code.grant.application_id != application.id or code.expires_at <= tx.now:
        return Problem("invalid_grant", "there is no such code, or it is too old; ask for another one")
    if code.redirect_uri is not None and given.get("redirect_uri") != code.redirect_uri:
        return Problem("invalid_grant", "redirect_uri is not the one that the code was asked with")
    if not oauth.proves(code.challenge, code.challenge_method, given.get("code_verifier", "")):
        return Problem("invalid_grant", "code_verifier does not fit the code_challenge")
    grants.use_code(tx, digest)
    return _issued(tx, code.grant, code.grant.scopes)


def exchange_password(tx: Transaction, client: Client, *, user_id: int, scope: str) -> AccessToken | Problem:
    """An access token for somebody whose password was right."""
    application, scopes = identified(tx, client), oauth.asked_scopes(scope)
    if isinstance(application, Problem):
        return application
    if isinstance(scopes, Problem):
        return scopes
    grant = grants.create(tx, application_id=application.id, user_id=user_id, scopes=scopes)
    return _issued(tx, grant, scopes)


def refresh(tx: Transaction, client: Client, given: TokenParameters) -> AccessToken | Problem:
    """A new access token and a new refresh token. An old one that comes again was stolen: everything ends.

    Except right after its use, while nobody used what it gave: then the answer was lost on the way, and another takes
    its place (RFC 9700, 4.14.2).
    """
    application = identified(tx, client)
    if isinstance(application, Problem):
        return application
    digest = naming.token_digest(given.get("refresh_token", ""))
    known = grants.find_refresh_token(tx, digest)
    if known is None or known.grant.application_id != application.id:
        return Problem("invalid_grant", "there is no such refresh token, or it was revoked")
    if known.used_at is not None and not _was_lost(tx, known.grant, known.used_at):
        grants.revoke(tx, known.grant.id)
        return Problem("invalid_grant", "this refresh token was used already; all that it gave is revoked")
    scopes = oauth.asked_scopes(given.get("scope", ""), otherwise=known.grant.scopes)
    if isinstance(scopes, Problem):
        return scopes
    if not set(scopes) <= set(known.grant.scopes):
        return Problem("invalid_scope", f"no more was granted than {' '.join(known.grant.scopes)}")
    if known.used_at is not None:
        grants.supersede(tx, known.grant.id, since=known.used_at)
    grants.use_refresh_token(tx, digest)
    return _issued(tx, known.grant, scopes)


def revoke(tx: Transaction, client: Client, token: str) -> Problem | None:
    """Give a token back: an access token alone, with a refresh token all that it stands for. Others' tokens stay."""
    application = identified(tx, client)
    if isinstance(application, Problem):
        return application
    digest = naming.token_digest(token)
    renewing = grants.find_refresh_token(tx, digest)
    if renewing is not None and renewing.grant.application_id == application.id:
        grants.revoke(tx, renewing.grant.id)
    access = tokens.find(tx, digest, kinds=("oauth",))
    if access is not None and access.application_id == application.id:
        tokens.remove(tx, access.id)
    return None


def _redirect_uri(application: Application, given: str | None) -> str:
    known = application.redirect_uris
    if given is not None and given in known:
        return given
    if given is None and len(known) == 1:
        return known[0]
    if given is None:
        raise Refusal(400, f"{application.name} has to say with redirect_uri where you are to be sent")
    raise Refusal(400, f"{application.name} did not register this redirect_uri, so nobody is sent there")


def _was_lost(tx: Transaction, grant: Grant, used_at: int) -> bool:
    """Whether the answer to the use of a refresh token may have been lost, by what came since."""
    if tx.now - used_at >= oauth.REPEAT_SECONDS * 1000:
        return False
    return not grants.was_renewed_since(tx, grant.id, used_at)


def _issued(tx: Transaction, grant: Grant, scopes: tuple[Scope, ...]) -> AccessToken:
    """A fresh access token, with a refresh token for whoever may stay signed in."""
    token = tx.entropy(32).hex()
    tokens.create(
        tx,
        naming.token_digest(token),
        user_id=grant.user_id,
        kind="oauth",
        label=applications.name_of(tx, grant.application_id),
        scopes=scopes,
        grant_id=grant.id,
        expires_at=tx.now + oauth.ACCESS_SECONDS * 1000,
    )
    issued: AccessToken = {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": oauth.ACCESS_SECONDS,
        "scope": ",".join(scopes),
        "created_at": tx.now // 1000,
    }
    if "offline_access" in grant.scopes:
        issued["refresh_token"] = tx.entropy(32).hex()
        grants.add_refresh_token(tx, naming.token_digest(issued["refresh_token"]), grant_id=grant.id)
        tokens.remove_renewed(tx, grant.id)
    tokens.remove_expired(tx, grant.user_id)
    return issued
