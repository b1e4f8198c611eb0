"""Opening the shared database: its tables, and the secret that all processes of a site have in common."""

import secrets

import psycopg

from flowdock.server.store import schema
from flowdock.server.store.postgres import connections

SECRET_BYTES = 32


def prepare(url: str) -> bytes:
    """Bring the database to this version's schema; the site's secret, made by whoever comes first.

    Raises:
        UnusableDatabase: it cannot be reached, is not in UTF-8, holds half a move, or a newer version wrote it.
    """
    schema.upgrade_postgres(url)
    try:
        with connections.connect(url) as connection:
            while not (found := connection.execute("SELECT value FROM site WHERE name = 'secret'").fetchall()):
                connection.execute(
                    "INSERT INTO site (name, value) VALUES ('secret', %s) ON CONFLICT DO NOTHING",
                    (secrets.token_bytes(SECRET_BYTES),),
                )
    except psycopg.Error as error:
        raise schema.unusable(error) from error
    [[secret]] = found
    return bytes(secret)
