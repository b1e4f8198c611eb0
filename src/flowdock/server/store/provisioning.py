"""What an organization's provisioner knows: its own token, and the organization's people by names of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from flowdock.server.store.people import COLUMNS, User, may_exist
from flowdock.server.store.transaction import NotFound, Row, Transaction

_COLUMNS = f"{COLUMNS}, c.external_id, c.user_name, u.created_at, u.updated_at"
_PEOPLE = "FROM organization_users c JOIN users u ON u.id = c.user_id WHERE c.organization_id = ?"

Condition = tuple[str, tuple[str, ...]]
"""A condition and its values."""


def called(name: str) -> Condition:
    """Who has this name of the provisioner's, or this nick if they have none."""
    return "(c.user_name = ? OR (c.user_name IS NULL AND u.nick_folded = ?))", (name, name.casefold())


def with_email(email: str) -> Condition:
    """Who has this address."""
    return "u.email_folded = ?", (email.casefold(),)


def with_external_id(external_id: str) -> Condition:
    """Who has this id of the provisioner's."""
    return "c.external_id = ?", (external_id,)


@dataclass(frozen=True, slots=True)
class Provisioned:
    """A person of an organization. `external_id` and `user_name` are what the provisioner calls them, if it did."""

    user: User
    external_id: str | None
    user_name: str | None
    created_at: int
    updated_at: int


def find(tx: Transaction, uid: str) -> tuple[int, bytes] | None:
    """The organization that is provisioned under this name, and the digest of its token."""
    row = tx.one("SELECT id, scim_digest FROM organizations WHERE scim_uid = ? AND scim_digest IS NOT NULL", (uid,))
    return None if row is None else (int(row[0]), bytes(row[1]))


def uid_of(tx: Transaction, organization_id: int) -> str | None:
    """The name under which an organization is provisioned, None where it never was."""
    row = tx.one("SELECT scim_uid FROM organizations WHERE id = ?", (organization_id,))
    return None if row is None else row[0]


def set_token(tx: Transaction, organization_id: int, *, uid: str, digest: bytes) -> None:
    """Let whoever has this token provision an organization, and nobody else."""
    tx.execute("UPDATE organizations SET scim_uid = ?, scim_digest = ? WHERE id = ?", (uid, digest, organization_id))


def remove_token(tx: Transaction, organization_id: int) -> None:
    """From now on nobody provisions an organization."""
    tx.execute("UPDATE organizations SET scim_digest = NULL WHERE id = ?", (organization_id,))


def people(tx: Transaction, organization_id: int, where: Sequence[Condition] = ()) -> list[Provisioned]:
    """The people of an organization by id: all, or those who meet one of these conditions."""
    alternatives = " OR ".join(condition for condition, _ in where)
    values = [value for _, some in where for value in some]
    condition = f" AND ({alternatives})" if where else ""
    rows = tx.rows(f"SELECT {_COLUMNS} {_PEOPLE}{condition} ORDER BY u.id", (organization_id, *values))
    return [_provisioned(row) for row in rows]


def get(tx: Transaction, organization_id: int, user_id: int) -> Provisioned:
    """One of them; NotFound when there is none."""
    row = None
    if may_exist(user_id):
        row = tx.one(f"SELECT {_COLUMNS} {_PEOPLE} AND u.id = ?", (organization_id, user_id))
    if row is None:
        raise NotFound
    return _provisioned(row)


def name(
    tx: Transaction, organization_id: int, user_id: int, *, external_id: str | None, user_name: str | None
) -> None:
    """What the provisioner calls somebody; None stays."""
    tx.execute(
        "UPDATE organization_users SET external_id = COALESCE(?, external_id), user_name = COALESCE(?, user_name)"
        " WHERE organization_id = ? AND user_id = ?",
        (external_id, user_name, organization_id, user_id),
    )


def is_elsewhere(tx: Transaction, organization_id: int, user_id: int) -> bool:
    """Whether somebody belongs to other organizations, or is in a flow of one."""
    row = tx.one(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM organization_users WHERE user_id = ? AND organization_id <> ?)"
        " OR EXISTS (SELECT 1 FROM flow_users m JOIN flows f ON f.log_id = m.log_id"
        "  WHERE m.user_id = ? AND m.in_flow = 1 AND f.organization_id <> ?)",
        (user_id, organization_id, user_id, organization_id),
    )
    return row is not None


def set_disabled(tx: Transaction, user_id: int, *, disabled: bool) -> None:
    """Whether somebody may not come in any more. Who is disabled has no token left that would work later."""
    tx.execute("UPDATE users SET disabled = ?, updated_at = ? WHERE id = ?", (int(disabled), tx.now, user_id))
    if disabled:
        tx.execute(
            "UPDATE grants SET revoked_at = ? WHERE user_id = ? AND revoked_at IS NULL",
            (tx.now, user_id),
        )
        tx.execute("DELETE FROM tokens WHERE user_id = ?", (user_id,))
    tx.credentials_changed = True


def _provisioned(row: Row) -> Provisioned:
    return Provisioned(User(*row[:8]), *row[8:])
