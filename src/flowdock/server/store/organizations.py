"""Organizations: they hold flows and people."""

from dataclasses import dataclass

from flowdock.server.store.people import COLUMNS, User, may_exist
from flowdock.server.store.transaction import NotFound, Transaction

_COLUMNS = (
    "o.id, o.name, o.parameterized_name, o.user_limit, o.active,"
    " (SELECT count(*) FROM organization_users c WHERE c.organization_id = o.id)"
)


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization and how many people it has."""

    id: int
    name: str
    parameterized_name: str
    user_limit: int
    active: bool
    user_count: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """A person in an organization."""

    user: User
    admin: bool


def create(tx: Transaction, *, name: str, parameterized_name: str) -> int:
    """A new organization's id."""
    row = tx.returned(
        "INSERT INTO organizations (name, parameterized_name, created_at) VALUES (?, ?, ?) RETURNING id",
        (name, parameterized_name, tx.now),
    )
    return int(row[0])


def find(tx: Transaction, parameterized_name: str) -> Organization | None:
    """An organization by its name in addresses."""
    row = tx.one(f"SELECT {_COLUMNS} FROM organizations o WHERE o.parameterized_name = ?", (parameterized_name,))
    return None if row is None else Organization(*row)


def get(tx: Transaction, organization_id: int) -> Organization:
    """An organization by id; NotFound when there is none."""
    if not may_exist(organization_id):
        raise NotFound
    row = tx.one(f"SELECT {_COLUMNS} FROM organizations o WHERE o.id = ?", (organization_id,))
    if row is None:
        raise NotFound
    return Organization(*row)


def of_user(tx: Transaction, user_id: int) -> list[Organization]:
    """The organizations a person is in, by name."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM organization_users m JOIN organizations o ON o.id = m.organization_id"
        " WHERE m.user_id = ? ORDER BY o.name, o.id",
        (user_id,),
    )
    return [Organization(*row) for row in rows]


def lock(tx: Transaction, organization_id: int) -> None:
    """Let nobody else change an organization, or who administers it, until the commit."""
    tx.lock("SELECT 1 FROM organizations WHERE id = ?", (organization_id,))


def rename(tx: Transaction, organization_id: int, name: str) -> None:
    """Give an organization another name for people."""
    tx.execute("UPDATE organizations SET name = ? WHERE id = ?", (name, organization_id))


def users(tx: Transaction, organization_id: int) -> list[Colleague]:
    """The people of an organization, by id."""
    rows = tx.rows(
        f"SELECT {COLUMNS}, c.admin FROM organization_users c JOIN users u ON u.id = c.user_id"
        " WHERE c.organization_id = ? ORDER BY u.id",
        (organization_id,),
    )
    return [Colleague(User(*row[:-1]), bool(row[-1])) for row in rows]


def find_user(tx: Transaction, organization_id: int, user_id: int) -> Colleague | None:
    """A person of an organization."""
    if not may_exist(user_id):
        return None
    row = tx.one(
        f"SELECT {COLUMNS}, c.admin FROM organization_users c JOIN users u ON u.id = c.user_id"
        " WHERE c.organization_id = ? AND c.user_id = ?",
        (organization_id, user_id),
    )
    return None if row is None else Colleague(User(*row[:-1]), bool(row[-1]))


def admins(tx: Transaction, organization_id: int) -> list[int]:
    """The ids of those who administer an organization and are not disabled."""
    rows = tx.rows(
        "SELECT c.user_id FROM organization_users c JOIN users u ON u.id = c.user_id"
        " WHERE c.organization_id = ? AND c.admin = 1 AND u.disabled = 0 ORDER BY c.user_id",
        (organization_id,),
    )
    return [int(row[0]) for row in rows]


def set_admin(tx: Transaction, organization_id: int, user_id: int, *, admin: bool) -> None:
    """Whether a person administers an organization."""
    tx.execute(
        "UPDATE organization_users SET admin = ? WHERE organization_id = ? AND user_id = ?",
        (int(admin), organization_id, user_id),
    )


def remove_user(tx: Transaction, organization_id: int, user_id: int) -> None:
    """Take a person out of an organization; their flows are another matter."""
    tx.execute("DELETE FROM organization_users WHERE organization_id = ? AND user_id = ?", (organization_id, user_id))


def last_seen(tx: Transaction, organization_id: int) -> dict[int, int]:
    """When each person of an organization was last here, in milliseconds since 1970; those who never were are left out.

    That is when they last had a stream open in one of its flows, or last used a token.
    """
    rows = tx.rows(
        "SELECT c.user_id,"
        " COALESCE((SELECT max(m.last_ping) FROM flow_users m JOIN flows f ON f.log_id = m.log_id"
        "  WHERE m.user_id = c.user_id AND f.organization_id = c.organization_id), 0),"
        " COALESCE((SELECT max(t.last_used_at) FROM tokens t WHERE t.user_id = c.user_id), 0)"
        " FROM organization_users c WHERE c.organization_id = ?",
        (organization_id,),
    )
    return {user_id: max(ping, used) for user_id, ping, used in rows if max(ping, used) > 0}
