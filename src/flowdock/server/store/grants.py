"""Grants: what a person allowed an application to do for them, with the codes and refresh tokens that stand for it.

Codes and refresh tokens are known by their digests. Used ones stay, so that whoever comes with one again is known for
a thief; all that belongs to a grant ends with it.
"""

from dataclasses import dataclass

from flowdock.protocol.resources import SCOPES, Scope
from flowdock.server.store import tokens
from flowdock.server.store.transaction import Row, Transaction


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted, to which application, by whom."""

    id: int
    application_id: int
    user_id: int
    scopes: tuple[Scope, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code as it was asked for. `redirect_uri` and `challenge` are None when none was given."""

    grant: Grant
    redirect_uri: str | None
    challenge: str | None
    challenge_method: str | None
    expires_at: int
    used_at: int | None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, used or not."""

    grant: Grant
    used_at: int | None


def create(tx: Transaction, *, application_id: int, user_id: int, scopes: tuple[Scope, ...]) -> Grant:
    """A new grant."""
    row = tx.returned(
        "INSERT INTO grants (application_id, user_id, scopes, created_at) VALUES (?, ?, ?, ?) RETURNING id",
        (application_id, user_id, " ".join(scopes), tx.now),
    )
    return Grant(int(row[0]), application_id, user_id, scopes)


def revoke(tx: Transaction, grant_id: int) -> None:
    """End a grant, with everything that stands for it."""
    tx.execute("UPDATE grants SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (tx.now, grant_id))
    tokens.remove_of_grant(tx, grant_id)


def revoke_of_application(tx: Transaction, application_id: int) -> None:
    """End everything that an application was granted."""
    rows = tx.rows("SELECT id FROM grants WHERE application_id = ? AND revoked_at IS NULL", (application_id,))
    for (grant_id,) in rows:
        revoke(tx, grant_id)


def add_code(
    tx: Transaction,
    digest: bytes,
    *,
    grant_id: int,
    redirect_uri: str | None,
    challenge: str | None,
    challenge_method: str | None,
    expires_at: int,
) -> None:
    """Store a new authorization code."""
    tx.execute(
        "INSERT INTO codes (digest, grant_id, redirect_uri, challenge, challenge_method, created_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (digest, grant_id, redirect_uri, challenge, challenge_method, tx.now, expires_at),
    )


def find_code(tx: Transaction, digest: bytes) -> Code | None:
    """A code of a grant that was not revoked, of an enabled user."""
    tx.lock("SELECT 1 FROM codes WHERE digest = ?", (digest,))
    row = tx.one(
        "SELECT g.id, g.application_id, g.user_id, g.scopes, c.redirect_uri, c.challenge, c.challenge_method,"
        " c.expires_at, c.used_at FROM codes c JOIN grants g ON g.id = c.grant_id JOIN users u ON u.id = g.user_id"
        " WHERE c.digest = ? AND g.revoked_at IS NULL AND u.disabled = 0",
        (digest,),
    )
    return None if row is None else Code(_grant(row[:4]), *row[4:])


def use_code(tx: Transaction, digest: bytes) -> None:
    """A code is good once."""
    tx.execute("UPDATE codes SET used_at = ? WHERE digest = ?", (tx.now, digest))


def add_refresh_token(tx: Transaction, digest: bytes, *, grant_id: int) -> None:
    """Store a new refresh token."""
    tx.execute("INSERT INTO refresh_tokens (digest, grant_id, created_at) VALUES (?, ?, ?)", (digest, grant_id, tx.now))


def find_refresh_token(tx: Transaction, digest: bytes) -> RefreshToken | None:
    """A refresh token of a grant that was not revoked, of an enabled user."""
    # The grant, because what is decided may concern the tokens that came after this one, too.
    tx.lock("SELECT 1 FROM grants WHERE id = (SELECT grant_id FROM refresh_tokens WHERE digest = ?)", (digest,))
    row = tx.one(
        "SELECT g.id, g.application_id, g.user_id, g.scopes, r.used_at FROM refresh_tokens r"
        " JOIN grants g ON g.id = r.grant_id JOIN users u ON u.id = g.user_id"
        " WHERE r.digest = ? AND g.revoked_at IS NULL AND u.disabled = 0",
        (digest,),
    )
    return None if row is None else RefreshToken(_grant(row[:4]), row[4])


def use_refresh_token(tx: Transaction, digest: bytes) -> None:
    """A refresh token is good once; the moment of the first use stays."""
    tx.execute("UPDATE refresh_tokens SET used_at = ? WHERE digest = ? AND used_at IS NULL", (tx.now, digest))


def was_renewed_since(tx: Transaction, grant_id: int, moment: int) -> bool:
    """Whether a refresh token was used that was given since."""
    row = tx.one(
        "SELECT 1 FROM refresh_tokens WHERE grant_id = ? AND created_at >= ? AND used_at >= created_at LIMIT 1",
        (grant_id, moment),
    )
    return row is not None


def supersede(tx: Transaction, grant_id: int, since: int) -> None:
    """What was given since then, and did not arrive, is over: its refresh tokens count as used, long ago."""
    tx.execute("UPDATE refresh_tokens SET used_at = 0 WHERE grant_id = ? AND used_at IS NULL", (grant_id,))
    tokens.remove_of_grant(tx, grant_id, since=since)


def _grant(row: Row) -> Grant:
    grant_id, application_id, user_id, words = row
    return Grant(grant_id, application_id, user_id, tuple(scope for scope in SCOPES if scope in words.split()))
