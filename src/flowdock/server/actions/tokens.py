"""A person's tokens: their own, and those by which applications act for them.

Source: wire facts 1.2; the endpoints are ours.
"""

from typing import Any, Unpack

from flowdock.protocol.parameters import CreateTokenParameters
from flowdock.protocol.resources import SCOPES, Scope
from flowdock.server.actions.places import person
from flowdock.server.domain import naming, scopes
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.moments import iso
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import grants, people, tokens
from flowdock.server.store.tokens import Token
from flowdock.server.store.transaction import Transaction


def list_tokens(tx: Transaction, actor: Actor) -> list[dict[str, Any]]:
    """The caller's tokens and when each was used last, the oldest first."""
    return [shown(token) for token in tokens.of_user(tx, person(actor).user_id)]


def create_token(tx: Transaction, actor: Actor, **given: Unpack[CreateTokenParameters]) -> dict[str, Any]:
    """A new personal token, which is told only now."""
    user_id = person(actor).user_id
    label = naming.checked_label(given.get("label") or "", field="label")
    limits = _scopes(given["scopes"]) if given.get("scopes") else None
    token_id, token = add(tx, user_id=user_id, label=label, limits=limits)
    return {**shown(tokens.get_of_user(tx, user_id, token_id)), "token": token}


def add(tx: Transaction, *, user_id: int, label: str, limits: tuple[Scope, ...] | None = None) -> tuple[int, str]:
    """A new personal token's id, and the token: 32 hexadecimal digits."""
    people.get(tx, user_id)
    token = tx.entropy(16).hex()
    return tokens.create(tx, naming.token_digest(token), user_id=user_id, label=label, scopes=limits), token


def revoke_token(tx: Transaction, actor: Actor, *, id: int) -> None:
    """From now on nobody comes in with it. With an application's token ends all that it was granted with it."""
    token = tokens.get_of_user(tx, person(actor).user_id, id)
    if token.grant_id is None:
        tokens.remove(tx, token.id)
    else:
        grants.revoke(tx, token.grant_id)


def shown(token: Token) -> dict[str, Any]:
    """A token as its owner sees it."""
    return {
        "id": token.id,
        "label": token.label,
        "scopes": None if token.scopes is None else list(token.scopes),
        "application": token.application,
        "created_at": iso(token.created_at),
        "last_used_at": None if token.last_used_at is None else iso(token.last_used_at),
        "expires_at": None if token.expires_at is None else iso(token.expires_at),
    }


def _scopes(given: list[str] | str) -> tuple[Scope, ...]:
    try:
        return scopes.named(given)
    except scopes.UnknownScope as unknown:
        raise invalid("scopes", f"hold {str(unknown)[:40]!r}; there are {', '.join(SCOPES)}") from None
