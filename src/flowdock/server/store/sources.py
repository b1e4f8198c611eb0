"""Sources: one integration of one flow each, known by its flow token's digest."""

from dataclasses import dataclass

from flowdock.server.store.transaction import Transaction

_COLUMNS = (
    "s.id, s.log_id, s.name, s.external_url, s.created_at, s.updated_at, s.removed_at, a.id, a.name, a.icon_url,"
    " o.parameterized_name, f.parameterized_name"
)
_JOINS = (
    "FROM sources s JOIN applications a ON a.id = s.application_id JOIN flows f ON f.log_id = s.log_id"
    " JOIN organizations o ON o.id = f.organization_id"
)


@dataclass(frozen=True, slots=True)
class Source:
    """An integration of a flow, the application behind it, and the names of where it is."""

    id: int
    log_id: int
    name: str
    external_url: str | None
    created_at: int
    updated_at: int
    removed_at: int | None
    application_id: int
    application: str
    icon_url: str | None
    organization: str
    flow: str


def application_named(tx: Transaction, name: str) -> int:
    """The id of the application of this name, new if there was none."""
    row = tx.one("SELECT id FROM applications WHERE name = ? AND client_id IS NULL", (name,))
    if row is None:
        row = tx.returned("INSERT INTO applications (name, created_at) VALUES (?, ?) RETURNING id", (name, tx.now))
    return int(row[0])


def create(
    tx: Transaction,
    token_digest: bytes,
    *,
    log_id: int,
    application_id: int,
    name: str,
    external_url: str | None,
    creator: int | None,
) -> int:
    """A new source's id."""
    row = tx.returned(
        "INSERT INTO sources"
        " (log_id, application_id, name, external_url, creator, token_digest, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (log_id, application_id, name, external_url, creator, token_digest, tx.now, tx.now),
    )
    return int(row[0])


def find_by_token(tx: Transaction, token_digest: bytes) -> Source | None:
    """The source a flow token belongs to, removed ones included."""
    row = tx.one(f"SELECT {_COLUMNS} {_JOINS} WHERE s.token_digest = ?", (token_digest,))
    return None if row is None else Source(*row)


def find(tx: Transaction, source_id: int) -> Source | None:
    """A source by id."""
    row = tx.one(f"SELECT {_COLUMNS} {_JOINS} WHERE s.id = ?", (source_id,))
    return None if row is None else Source(*row)


def of_flow(tx: Transaction, log_id: int) -> list[Source]:
    """The sources of a flow that were not removed."""
    rows = tx.rows(f"SELECT {_COLUMNS} {_JOINS} WHERE s.log_id = ? AND s.removed_at IS NULL ORDER BY s.id", (log_id,))
    return [Source(*row) for row in rows]


def remove(tx: Transaction, source_id: int) -> None:
    """From now on its flow token is gone."""
    tx.execute("UPDATE sources SET removed_at = ? WHERE id = ?", (tx.now, source_id))
