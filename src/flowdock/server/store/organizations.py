"""Organizations: they hold flows and people."""

from dataclasses import dataclass

from flowdock.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization and how many people it has."""

    id: int
    name: str
    parameterized_name: str
    user_limit: int
    active: bool
    user_count: int


def create(tx: Transaction, *, name: str, parameterized_name: str) -> int:
    """A new organization's id."""
    row = tx.returned(
        "INSERT INTO organizations (name, parameterized_name, created_at) VALUES (?, ?, ?) RETURNING id",
        (name, parameterized_name, tx.now),
    )
    return int(row[0])


def find(tx: Transaction, parameterized_name: str) -> Organization | None:
    """An organization by its name in addresses."""
    row = tx.one("SELECT id FROM organizations WHERE parameterized_name = ?", (parameterized_name,))
    return None if row is None else of_id(tx, row[0])


def of_id(tx: Transaction, organization_id: int) -> Organization:
    """An organization that is known to exist."""
    row = tx.returned(
        "SELECT id, name, parameterized_name, user_limit, active,"
        " (SELECT count(*) FROM organization_users u WHERE u.organization_id = organizations.id)"
        " FROM organizations WHERE id = ?",
        (organization_id,),
    )
    return Organization(*row)
