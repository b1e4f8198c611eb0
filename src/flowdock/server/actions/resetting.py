"""A new password for who forgot theirs: a key that is good once, for an hour."""

from dataclasses import dataclass, field

from flowdock.server.actions import posting, profiles
from flowdock.server.domain.naming import token_digest
from flowdock.server.domain.refusals import not_found
from flowdock.server.store import people, tokens
from flowdock.server.store.tokens import Token
from flowdock.server.store.transaction import Transaction

LASTS = 3_600_000
"""So many milliseconds."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The way to a new password for somebody."""

    email: str
    url: str = field(repr=False)
    posted: bool
    """Whether it goes by mail; else somebody has to hand it on."""


def begin(tx: Transaction, email: str) -> Reset | None:
    """A new key for who has this address; older ones stay good as long as they are."""
    found = people.find_by_email(tx, email)
    if found is None or found[0].disabled:
        return None
    user, key = found[0], tx.entropy(20).hex()
    tokens.remove_expired(tx, user.id)
    tokens.create(tx, token_digest(key), user_id=user.id, kind="reset", label="new password", expires_at=tx.now + LASTS)
    url = f"{tx.site.web_url}/password_resets/{key}"
    body = f"Choose a new password for Flowdock within an hour:\n\n{url}\n\nWho did not ask for it need do nothing.\n"
    posted = posting.post(
        tx, kind="password reset", recipient=user.email, subject="A new password for Flowdock", body=body
    )
    return Reset(user.email, url, posted)


def demand_good(tx: Transaction, key: str) -> Token:
    """Whose key this is; refuses (404) one that is unknown, used or too old."""
    found = tokens.find(tx, token_digest(key), kinds=("reset",))
    if found is None or found.expires_at is None or found.expires_at <= tx.now:
        raise not_found()
    return found


def reset(tx: Transaction, key: str, password_hash: str) -> None:
    """Give somebody this password, and sign them out of all browsers; the key and all others of theirs are used up."""
    user_id = demand_good(tx, key).user_id
    people.lock(tx, user_id)
    demand_good(tx, key)
    profiles.set_password(tx, user_id, password_hash)
