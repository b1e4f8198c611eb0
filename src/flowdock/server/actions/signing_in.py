"""Who is asking: by personal token, by flow token, by e-mail address and password.

Source: wire facts 1.2.
"""

from flowdock.server.domain.actors import Integration, Person
from flowdock.server.domain.naming import token_digest
from flowdock.server.domain.refusals import gone, unauthorized
from flowdock.server.store import people, sources, tokens
from flowdock.server.store.transaction import Transaction


def by_token(tx: Transaction, token: str) -> Person | None:
    """The owner of a personal or an OAuth token, limited to what the token may be used for."""
    found = tokens.find(tx, token_digest(token))
    if found is None or (found.expires_at is not None and found.expires_at <= tx.now):
        return None
    scopes = None if found.scopes is None else frozenset(found.scopes)
    return Person(found.user_id, scopes, found.application_id)


def by_flow_token(tx: Transaction, flow_token: str) -> Integration:
    """The source of a flow token; refuses an unknown one (401) and that of a removed source (410)."""
    source = sources.find_by_token(tx, token_digest(flow_token))
    if source is None:
        raise unauthorized("Unknown flow_token")
    if source.removed_at is not None:
        raise gone()
    return Integration(source.id, source.log_id)


def password_hash_of(tx: Transaction, email: str) -> tuple[Person, str] | None:
    """Who has this address, with the hash their password is to be checked against."""
    found = people.find_by_email(tx, email)
    if found is None or found[1] is None or found[0].disabled:
        return None
    return Person(found[0].id), found[1]
