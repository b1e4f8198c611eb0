"""pgbouncer before a PostgreSQL of ours, as companies run it: a connection belongs to a client for one transaction."""

import signal
from pathlib import Path
from typing import ClassVar

import psycopg

from tests.services.machine import HOST, program
from tests.services.postgres import USER, Postgres
from tests.services.service import Service

POOL_SIZE = 4
"""How many connections to PostgreSQL all clients of a database share."""
_MOST_CLIENTS = 1_000


class PgBouncer(Service):
    """A pooler in transaction mode; what lives in a session (LISTEN, SET, prepared statements) breaks behind it."""

    name: ClassVar[str] = "pgbouncer"
    # It keeps nothing, and which signal ends it without waiting for its clients depends on the version.
    stopped_by: ClassVar[signal.Signals] = signal.SIGKILL
    refuses_root: ClassVar[bool] = True

    def __init__(self, postgres: Postgres, *, folder: Path | None = None, pool_size: int = POOL_SIZE) -> None:
        super().__init__(folder)
        self._postgres = postgres
        self._pool_size = pool_size

    def url(self, database: str) -> str:
        """Where a database of the PostgreSQL behind it is."""
        return f"postgresql://{USER}@{HOST}:{self.port}/{database}"

    def prepare(self) -> None:
        lines = (
            "[databases]",
            f"* = host={HOST} port={self._postgres.port} user={USER}",
            "[pgbouncer]",
            f"listen_addr = {HOST}",
            f"listen_port = {self.port}",
            "unix_socket_dir =",
            "auth_type = any",
            "pool_mode = transaction",
            f"default_pool_size = {self._pool_size}",
            f"max_client_conn = {_MOST_CLIENTS}",
        )
        (self.folder / "pgbouncer.ini").write_text("\n".join(lines) + "\n")

    def command(self) -> list[str]:
        return [program("pgbouncer", package="pgbouncer"), "pgbouncer.ini"]

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True
