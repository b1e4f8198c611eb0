"""Bringing a database to the schema that this version needs.

Alembic is loaded only when there is something to do: it is the largest import of the server.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flowdock.server.store.postgres.connections import Connection
    from flowdock.server.store.transaction import Row

HEAD = "0003"
"""The newest revision in `migrations/versions`; they are numbered in order."""

LOCK = 3569
"""The number of the lock under which one process at a time migrates a PostgreSQL database."""

UNFINISHED_MOVE = "unfinished move"
"""The row of the table `site` that a database has while a site is moved into it."""

_REVISION = "SELECT version_num FROM alembic_version"
_MARK = f"SELECT 1 FROM site WHERE name = '{UNFINISHED_MOVE}'"


class UnusableDatabase(Exception):
    """The database is there, and this version can do nothing with it; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class State:
    """What a database is like before anything is done to it; `place` is its name for people."""

    place: str
    revision: str | None
    """That of its tables, None where there are none."""
    is_half_a_site: bool
    """Whether a move to it was not finished."""


def upgrade(path: Path) -> None:
    """Create or migrate the database file of somebody who is about to use it.

    Raises:
        UnusableDatabase: a newer version wrote it, it is no database, or a move to it was not finished.
    """
    _refuse_half_a_site(state_of(path))
    migrate(path)


def migrate(path: Path) -> None:
    """Create or migrate the database file: all of it or nothing, also when the process dies meanwhile.

    Raises:
        UnusableDatabase: a newer version wrote it, or it is no database.
    """
    if _is_needed(state_of(path)):
        # Left to itself the driver commits every statement; without a mode of its own it leaves transactions to us.
        _run("sqlite://", lambda: sqlite3.connect(path, isolation_level=None), first="BEGIN IMMEDIATE")


def state_of(path: Path) -> State:
    """What a database file is like, which need not be there.

    Raises:
        UnusableDatabase: it is no database.
    """
    revision = _row(path, _REVISION)
    return State(str(path), None if revision is None else str(revision[0]), _row(path, _MARK) is not None)


def upgrade_postgres(url: str) -> None:
    """Create or migrate the tables of a PostgreSQL database for somebody who is about to use them.

    Raises:
        UnusableDatabase: see `migrate_postgres`; or a move to it was not finished.
    """
    state = state_of_postgres(url)
    _refuse_half_a_site(state)
    _migrate_postgres(url, state)


def migrate_postgres(url: str) -> None:
    """Create or migrate the tables of a PostgreSQL database: all or nothing, one process at a time.

    Raises:
        UnusableDatabase: it cannot be reached, is not in UTF-8, or a newer version wrote it.
    """
    _migrate_postgres(url, state_of_postgres(url))


def state_of_postgres(url: str) -> State:
    """What a PostgreSQL database is like.

    Raises:
        UnusableDatabase: it cannot be reached, or is not in UTF-8.
    """
    import psycopg  # noqa: PLC0415 - only where it is used need it be installed

    from flowdock.server.store.postgres import connections  # noqa: PLC0415

    try:
        with connections.connect(url) as connection:
            place = _named(connection)
            encoding = _first(connection.execute("SHOW server_encoding").fetchone())
            if encoding != "UTF8":
                raise UnusableDatabase(f"{place} is encoded in {encoding}; create one with ENCODING 'UTF8'")
            tables = "SELECT to_regclass('alembic_version') IS NOT NULL, to_regclass('site') IS NOT NULL"
            [[is_known, has_site]] = connection.execute(tables).fetchall()
            revision = connection.execute(_REVISION).fetchone() if is_known else None
            mark = connection.execute(_MARK).fetchone() if is_known and has_site else None
    except psycopg.Error as error:
        raise unusable(error) from error
    return State(place, None if revision is None else str(revision[0]), is_half_a_site=mark is not None)


def unusable(error: Exception) -> UnusableDatabase:
    """What is wrong with a PostgreSQL database, in the driver's words where these hold no password."""
    import psycopg  # noqa: PLC0415 - only where it is used need it be installed

    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        # No server said so: the driver cannot read the address, and quotes from it.
        return UnusableDatabase(
            "the address of the PostgreSQL database cannot be read; it is of the form"
            " postgresql://user:password@host/name, with %2F for / in a password, %40 for @, %23 for #, %25 for %"
        )
    return UnusableDatabase(f"the PostgreSQL database cannot be used: {_line(error)}")


def _migrate_postgres(url: str, state: State) -> None:
    if not _is_needed(state):
        return
    import psycopg  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415 - see the module's docstring

    lock = f"SELECT pg_advisory_xact_lock({LOCK})"
    try:
        _run("postgresql+psycopg://", lambda: psycopg.connect(url), first=lock)
    except DBAPIError as error:
        raise UnusableDatabase(f"the tables of {state.place} cannot be made: {_line(error.orig or error)}") from error


def _refuse_half_a_site(state: State) -> None:
    if state.is_half_a_site:
        raise UnusableDatabase(
            f"{state.place} holds a part of a site, as a move to it was not finished;"
            " run the same 'flowdock move' again"
        )


def _is_needed(state: State) -> bool:
    if state.revision is not None and state.revision > HEAD:
        raise UnusableDatabase(
            f"{state.place} has schema {state.revision}, this version of Flowdock knows schemas up to {HEAD};"
            " start the version that wrote it, or a newer one"
        )
    return state.revision != HEAD


def _run(dialect: str, connect: Callable[[], object], *, first: str) -> None:
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    engine = create_engine(dialect, creator=connect, poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(first)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()


def _row(path: Path, sql: str) -> "Row | None":
    """The first row of a query; None without the file or the table."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        try:
            row: Row | None = connection.execute(sql).fetchone()
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError as error:
            raise UnusableDatabase(f"{path} cannot be read: {error}; put a backup in its place") from error
    return row


def _named(connection: "Connection") -> str:
    info = connection.info
    return f"the database {info.dbname!r} on {info.host}:{info.port}"


def _first(row: "Row | None") -> object:
    return None if row is None else row[0]


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
