"""Emoji of organizations' own: small pictures, known to the world by the digest of their bytes."""

from dataclasses import dataclass

from flowdock.server.store.transaction import NotFound, Transaction


@dataclass(frozen=True, slots=True)
class Emoji:
    """An emoji without its picture; `digest` is that of the picture, 64 hexadecimal digits."""

    name: str
    digest: str
    creator: int


def of_organization(tx: Transaction, organization_id: int) -> list[Emoji]:
    """An organization's emoji, by name."""
    rows = tx.rows(
        "SELECT name, digest, creator FROM emoji WHERE organization_id = ? ORDER BY name", (organization_id,)
    )
    return [Emoji(*row) for row in rows]


def find(tx: Transaction, organization_id: int, name: str) -> Emoji | None:
    """An organization's emoji of this name."""
    row = tx.one(
        "SELECT name, digest, creator FROM emoji WHERE organization_id = ? AND name = ?", (organization_id, name)
    )
    return None if row is None else Emoji(*row)


def get(tx: Transaction, organization_id: int, name: str) -> Emoji:
    """The same; NotFound when there is none."""
    found = find(tx, organization_id, name)
    if found is None:
        raise NotFound
    return found


def count(tx: Transaction, organization_id: int) -> int:
    """How many emoji an organization has."""
    row = tx.one("SELECT count(*) FROM emoji WHERE organization_id = ?", (organization_id,))
    return 0 if row is None else int(row[0])


def create(
    tx: Transaction,
    *,
    organization_id: int,
    name: str,
    digest: str,
    content_type: str,
    image: bytes,
    creator: int,
) -> None:
    """Store a new emoji."""
    tx.execute(
        "INSERT INTO emoji (organization_id, name, digest, content_type, image, creator, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (organization_id, name, digest, content_type, image, creator, tx.now),
    )


def remove(tx: Transaction, organization_id: int, name: str) -> None:
    """Take an emoji away; messages keep its name."""
    tx.execute("DELETE FROM emoji WHERE organization_id = ? AND name = ?", (organization_id, name))


def get_picture(tx: Transaction, digest: str) -> tuple[bytes, str]:
    """The bytes of a picture and their type, by their digest; NotFound when no emoji has it."""
    row = tx.one("SELECT image, content_type FROM emoji WHERE digest = ? LIMIT 1", (digest,))
    if row is None:
        raise NotFound
    return bytes(row[0]), str(row[1])
