"""Tokens of people, by digest: the token itself is never stored."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypeAlias

from flowdock.protocol.resources import SCOPES, Scope
from flowdock.server.store.keys import pieces
from flowdock.server.store.transaction import NotFound, Row, Transaction

Kind: TypeAlias = Literal["personal", "oauth", "session", "reset"]
"""What a token is: one's own, an application's, a browser's that is signed in, or the way to a new password."""

_COLUMNS = (
    "t.id, t.user_id, t.label, t.scopes, t.grant_id, COALESCE(g.application_id, 0), a.name, t.created_at,"
    " t.expires_at, t.last_used_at"
)
_JOINS = "FROM tokens t LEFT JOIN grants g ON g.id = t.grant_id LEFT JOIN applications a ON a.id = g.application_id"
_RENEWABLE = "EXISTS (SELECT 1 FROM refresh_tokens r WHERE r.grant_id = t.grant_id AND r.used_at IS NULL)"
"""Whether there is a refresh token in place of an expired access token: what it was made for has not ended."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as stored. `scopes` None means everything; moments are milliseconds since 1970.

    An application's token belongs to a grant; of others `application_id` is 0.
    """

    id: int
    user_id: int
    label: str
    scopes: tuple[Scope, ...] | None
    grant_id: int | None
    application_id: int
    application: str | None
    created_at: int
    expires_at: int | None
    last_used_at: int | None


def create(
    tx: Transaction,
    digest: bytes,
    *,
    user_id: int,
    label: str,
    kind: Kind = "personal",
    scopes: tuple[Scope, ...] | None = None,
    grant_id: int | None = None,
    expires_at: int | None = None,
) -> int:
    """A user's new token's id."""
    row = tx.returned(
        "INSERT INTO tokens (digest, user_id, kind, label, scopes, grant_id, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            digest,
            user_id,
            kind,
            label,
            None if scopes is None else " ".join(scopes),
            grant_id,
            tx.now,
            expires_at,
        ),
    )
    return int(row[0])


def find(tx: Transaction, digest: bytes, *, kinds: tuple[Kind, ...] = ("personal", "oauth")) -> Token | None:
    """The token of an enabled user, expired ones included."""
    marks = ", ".join("?" for _ in kinds)
    row = tx.one(
        f"SELECT {_COLUMNS} {_JOINS} JOIN users u ON u.id = t.user_id"
        f" WHERE t.digest = ? AND u.disabled = 0 AND g.revoked_at IS NULL AND t.kind IN ({marks})",
        (digest, *kinds),
    )
    return None if row is None else _token(row)


def of_user(tx: Transaction, user_id: int) -> list[Token]:
    """A user's own tokens and those of applications, the oldest first; expired ones only while they can be renewed."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} {_JOINS} WHERE t.user_id = ? AND g.revoked_at IS NULL"
        f" AND t.kind IN ('personal', 'oauth')"
        f" AND (t.expires_at IS NULL OR t.expires_at > ? OR {_RENEWABLE}) ORDER BY t.id",
        (user_id, tx.now),
    )
    return [_token(row) for row in rows]


def get_of_user(tx: Transaction, user_id: int, token_id: int) -> Token:
    """One of them by id; NotFound when there is none."""
    for token in of_user(tx, user_id):
        if token.id == token_id:
            return token
    raise NotFound


def good(tx: Transaction, token_ids: Collection[int]) -> set[int]:
    """Those of these tokens that are there, not expired, and of enabled users."""
    return {
        int(row[0])
        for some in pieces(token_ids)
        for row in tx.rows(
            "SELECT t.id FROM tokens t JOIN users u ON u.id = t.user_id WHERE u.disabled = 0"
            f" AND (t.expires_at IS NULL OR t.expires_at > ?) AND t.id IN ({', '.join('?' for _ in some)})",
            (tx.now, *some),
        )
    }


def remove(tx: Transaction, token_id: int) -> None:
    """From now on nobody comes in with it."""
    tx.execute("DELETE FROM tokens WHERE id = ?", (token_id,))
    tx.credentials_changed = True


def end_sessions(tx: Transaction, user_id: int) -> None:
    """Sign a user out of all browsers, and forget what was to lead them to a new password."""
    tx.execute("DELETE FROM tokens WHERE user_id = ? AND kind IN ('session', 'reset')", (user_id,))
    tx.credentials_changed = True


def remove_of_grant(tx: Transaction, grant_id: int, *, since: int = 0) -> None:
    """From now on nobody comes in with any token of a grant that was made `since` then."""
    tx.execute("DELETE FROM tokens WHERE grant_id = ? AND created_at >= ?", (grant_id, since))
    tx.credentials_changed = True


def remove_expired(tx: Transaction, user_id: int) -> None:
    """Forget a user's tokens of every kind that are over for good."""
    tx.execute(
        f"DELETE FROM tokens AS t WHERE t.user_id = ? AND t.expires_at <= ? AND NOT {_RENEWABLE}",
        (user_id, tx.now),
    )


def remove_renewed(tx: Transaction, grant_id: int) -> None:
    """Forget the expired tokens of a grant, which has a newer one."""
    tx.execute("DELETE FROM tokens WHERE grant_id = ? AND expires_at <= ?", (grant_id, tx.now))


def used(tx: Transaction, token_ids: Collection[int]) -> None:
    """Remember that these were used just now."""
    tx.execute_each("UPDATE tokens SET last_used_at = ? WHERE id = ?", [(tx.now, one) for one in sorted(token_ids)])


def _token(row: Row) -> Token:
    token_id, user_id, label, words, *more = row
    scopes = None if words is None else tuple(scope for scope in SCOPES if scope in words.split())
    return Token(token_id, user_id, label, scopes, *more)
