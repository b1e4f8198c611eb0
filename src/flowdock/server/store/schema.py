"""Bringing a database to the schema that this version needs.

Alembic is loaded only when there is something to do: it is the largest import of the server.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

HEAD = "0001"
"""The newest revision in `migrations/versions`; they are numbered in order."""


class UnusableDatabase(Exception):
    """The file is there, and this version can do nothing with it; the text says why and what to do."""


def upgrade(path: Path) -> None:
    """Create or migrate the database file: all of it or nothing, also when the process dies meanwhile.

    Raises:
        UnusableDatabase: a newer version wrote it, or it is no database.
    """
    revision = _revision(path)
    if revision == HEAD:
        return
    if revision is not None and revision > HEAD:
        raise UnusableDatabase(
            f"{path} has schema {revision}, this version of Flowdock knows schemas up to {HEAD};"
            " start the version that wrote it, or a newer one"
        )
    from alembic import command  # noqa: PLC0415 - see the module's docstring
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import URL, NullPool, create_engine  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    # Left to itself the driver commits every statement; without a mode of its own it leaves transactions to us.
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"isolation_level": None}, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _revision(path: Path) -> str | None:
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError as error:
            raise UnusableDatabase(f"{path} cannot be read: {error}; put a backup in its place") from error
    return None if row is None else str(row[0])
