"""Applications: the software behind sources. Those that a developer made know OAuth, by a client id."""

from dataclasses import dataclass

from flowdock.server.store.transaction import NotFound, Row, Transaction

_COLUMNS = "id, redirect_uri, name, icon_url, owner, client_id, secret_generation, confidential, setup_uri, created_at"


@dataclass(frozen=True, slots=True)
class Application:
    """A developer's application. `created_at` is in milliseconds since 1970.

    `secret_generation` counts how often its client secret was renewed; one that is not confidential need not show it.
    """

    id: int
    redirect_uris: tuple[str, ...]
    name: str
    icon_url: str | None
    owner: int
    client_id: str
    secret_generation: int
    confidential: bool
    setup_uri: str | None
    created_at: int


def named(tx: Transaction, name: str) -> int:
    """The id of the application of this name that no developer made, new if there was none."""
    row = tx.one("SELECT id FROM applications WHERE name = ? AND client_id IS NULL", (name,))
    if row is None:
        row = tx.returned(
            "INSERT INTO applications (name, created_at) VALUES (?, ?)"
            " ON CONFLICT (name) WHERE client_id IS NULL DO UPDATE SET name = excluded.name RETURNING id",
            (name, tx.now),
        )
    return int(row[0])


def name_of(tx: Transaction, application_id: int) -> str:
    """What an application is called; NotFound when there is none."""
    row = tx.one("SELECT name FROM applications WHERE id = ?", (application_id,))
    if row is None:
        raise NotFound
    return str(row[0])


def create(tx: Transaction, *, owner: int, client_id: str, name: str) -> int:
    """A developer's new application's id."""
    row = tx.returned(
        "INSERT INTO applications (name, owner, client_id, created_at) VALUES (?, ?, ?, ?) RETURNING id",
        (name, owner, client_id, tx.now),
    )
    return int(row[0])


def update(
    tx: Transaction,
    application_id: int,
    *,
    name: str,
    redirect_uris: tuple[str, ...],
    icon_url: str | None,
    setup_uri: str | None,
    confidential: bool,
) -> None:
    """What an application says of itself from now on."""
    tx.execute(
        "UPDATE applications SET name = ?, redirect_uri = ?, icon_url = ?, setup_uri = ?, confidential = ?"
        " WHERE id = ?",
        (name, " ".join(redirect_uris) or None, icon_url, setup_uri, int(confidential), application_id),
    )


def renew_secret(tx: Transaction, application_id: int) -> int:
    """From now on it has another client secret: that of this generation."""
    row = tx.returned(
        "UPDATE applications SET secret_generation = secret_generation + 1 WHERE id = ? RETURNING secret_generation",
        (application_id,),
    )
    return int(row[0])


def remove(tx: Transaction, application_id: int) -> None:
    """From now on nobody signs in through it; its sources stay."""
    tx.execute("UPDATE applications SET removed_at = ? WHERE id = ?", (tx.now, application_id))


def get_of_owner(tx: Transaction, owner: int, application_id: int) -> Application:
    """A developer's application by id; NotFound when it is not theirs."""
    row = None
    if application_id < 1 << 63:
        tx.lock("SELECT 1 FROM applications WHERE id = ?", (application_id,))
        row = tx.one(
            f"SELECT {_COLUMNS} FROM applications WHERE id = ? AND owner = ? AND removed_at IS NULL",
            (application_id, owner),
        )
    if row is None:
        raise NotFound
    return _application(row)


def of_owner(tx: Transaction, owner: int) -> list[Application]:
    """A developer's applications, the oldest first."""
    rows = tx.rows(f"SELECT {_COLUMNS} FROM applications WHERE owner = ? AND removed_at IS NULL ORDER BY id", (owner,))
    return [_application(row) for row in rows]


def find_by_client(tx: Transaction, client_id: str) -> Application | None:
    """The application that has this client id."""
    row = tx.one(f"SELECT {_COLUMNS} FROM applications WHERE client_id = ? AND removed_at IS NULL", (client_id,))
    return None if row is None else _application(row)


def secret_of_any(tx: Transaction, application_id: int) -> str:
    """The secret by which an application knows this server, also of one that no developer made or that is gone."""
    row = tx.one("SELECT client_id, secret_generation FROM applications WHERE id = ?", (application_id,))
    if row is None:
        raise NotFound
    client_id, generation = row
    return tx.site.client_secret(client_id or f"application {application_id}", generation)


def _application(row: Row) -> Application:
    application_id, redirect_uri, *more = row
    return Application(application_id, tuple((redirect_uri or "").split()), *more)
