"""Sources: one integration of one flow each, known by its flow token's digest."""

from dataclasses import dataclass

from flowdock.server.store.transaction import NotFound, Transaction

_COLUMNS = (
    "s.id, s.log_id, s.name, s.external_url, s.error_message, s.configuration_url, s.creator, s.created_at,"
    " s.updated_at, s.removed_at, a.id, a.name, a.icon_url, a.setup_uri, o.parameterized_name, f.parameterized_name"
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
    error_message: str
    configuration_url: str | None
    creator: int | None
    created_at: int
    updated_at: int
    removed_at: int | None
    application_id: int
    application: str
    icon_url: str | None
    setup_uri: str | None
    organization: str
    flow: str


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
    """A source by id, removed ones included."""
    row = tx.one(f"SELECT {_COLUMNS} {_JOINS} WHERE s.id = ?", (source_id,))
    return None if row is None else Source(*row)


def of_flow(tx: Transaction, log_id: int) -> list[Source]:
    """The sources of a flow that were not removed."""
    rows = tx.rows(f"SELECT {_COLUMNS} {_JOINS} WHERE s.log_id = ? AND s.removed_at IS NULL ORDER BY s.id", (log_id,))
    return [Source(*row) for row in rows]


def get_of_flow(tx: Transaction, log_id: int, source_id: int) -> Source:
    """One of them by id; NotFound when there is none."""
    row = None
    if source_id < 1 << 63:
        row = tx.one(
            f"SELECT {_COLUMNS} {_JOINS} WHERE s.id = ? AND s.log_id = ? AND s.removed_at IS NULL", (source_id, log_id)
        )
    if row is None:
        raise NotFound
    return Source(*row)


def visible_to(tx: Transaction, user_id: int) -> list[Source]:
    """The sources of all flows a user is in, those that were removed excepted."""
    rows = tx.rows(
        f"SELECT {_COLUMNS} {_JOINS} JOIN flow_users m ON m.log_id = s.log_id"
        " WHERE m.user_id = ? AND m.in_flow = 1 AND s.removed_at IS NULL ORDER BY s.id",
        (user_id,),
    )
    return [Source(*row) for row in rows]


def update(
    tx: Transaction,
    source_id: int,
    *,
    name: str,
    external_url: str | None,
    error_message: str,
    configuration_url: str | None,
) -> None:
    """What a source says of itself from now on."""
    tx.execute(
        "UPDATE sources SET name = ?, external_url = ?, error_message = ?, configuration_url = ?, updated_at = ?"
        " WHERE id = ?",
        (name, external_url, error_message, configuration_url, tx.now, source_id),
    )


def remove(tx: Transaction, source_id: int) -> None:
    """From now on its flow token is gone."""
    tx.execute("UPDATE sources SET removed_at = ? WHERE id = ?", (tx.now, source_id))
    tx.credentials_changed = True
