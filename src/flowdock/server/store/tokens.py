"""Tokens of people, by digest: the token itself is never stored."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from flowdock.protocol.resources import SCOPES, Scope
from flowdock.server.store.transaction import Row, Transaction

Kind: TypeAlias = Literal["personal", "oauth", "session", "reset"]
"""What a token is: one's own, an application's, a browser's that is signed in, or the way to a new password."""

_COLUMNS = (
    "t.id, t.user_id, t.label, t.scopes, COALESCE(g.application_id, 0), t.created_at, t.expires_at, t.last_used_at"
)
_JOINS = "FROM tokens t LEFT JOIN grants g ON g.id = t.grant_id"


@dataclass(frozen=True, slots=True)
class Token:
    """A token as stored. `scopes` None means everything; moments are milliseconds since 1970."""

    id: int
    user_id: int
    label: str
    scopes: tuple[Scope, ...] | None
    application_id: int
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
    """A user's own tokens and those of applications, the oldest first."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} {_JOINS} WHERE t.user_id = ? AND g.revoked_at IS NULL"
        " AND t.kind IN ('personal', 'oauth') ORDER BY t.id",
        (user_id,),
    )
    return [_token(row) for row in rows]


def remove(tx: Transaction, token_id: int) -> None:
    """From now on nobody comes in with it."""
    tx.execute("DELETE FROM tokens WHERE id = ?", (token_id,))
    tx.credentials_changed = True


def end_sessions(tx: Transaction, user_id: int) -> None:
    """Sign a user out of all browsers, and forget what was to lead them to a new password."""
    tx.execute("DELETE FROM tokens WHERE user_id = ? AND kind IN ('session', 'reset')", (user_id,))
    tx.credentials_changed = True


def used(tx: Transaction, token_id: int) -> None:
    """Remember when it was used last."""
    tx.execute("UPDATE tokens SET last_used_at = ? WHERE id = ?", (tx.now, token_id))


def _token(row: Row) -> Token:
    token_id, user_id, label, words, application_id, created_at, expires_at, last_used_at = row
    scopes = None if words is None else tuple(scope for scope in SCOPES if scope in words.split())
    return Token(token_id, user_id, label, scopes, application_id, created_at, expires_at, last_used_at)
