"""Who is asking: by token, by flow token, by e-mail address and password, by the cookie of a browser.

Source: wire facts 1.2.
"""

from collections.abc import Collection
from dataclasses import dataclass

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
    return Person(found.user_id, scopes, found.application_id, found.id)


def note_use(tx: Transaction, *, token_ids: Collection[int]) -> None:
    """Remember that these tokens were used just now."""
    tokens.used(tx, token_ids)


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


def still_good(tx: Transaction, *, token_ids: Collection[int], user_ids: Collection[int]) -> tuple[set[int], set[int]]:
    """Which of these tokens open something still, and who of these people may come in still."""
    return tokens.good(tx, token_ids), people.enabled(tx, user_ids)


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which somebody is signed in."""

    id: int
    user_id: int


def by_session(tx: Transaction, key: str) -> Session | None:
    """The session of a browser that comes with this key in its cookie."""
    found = tokens.find(tx, token_digest(key), kinds=("session",))
    if found is None or found.expires_at is None or found.expires_at <= tx.now:
        return None
    return Session(found.id, found.user_id)


def begin_session(tx: Transaction, *, user_id: int, seconds: int) -> str:
    """The key of a new session, which lasts for so many seconds."""
    people.get(tx, user_id)
    tokens.remove_expired(tx, user_id)
    key = tx.entropy(32).hex()
    expires_at = tx.now + seconds * 1000
    tokens.create(tx, token_digest(key), user_id=user_id, kind="session", label="browser", expires_at=expires_at)
    return key


def end_session(tx: Transaction, session: Session) -> None:
    """From now on nobody comes in with its key."""
    tokens.remove(tx, session.id)
