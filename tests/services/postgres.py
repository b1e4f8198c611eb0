"""PostgreSQL for tests: a server of their own, or a running one they were given, and new databases in little time."""

import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from psycopg.sql import SQL, Identifier

from tests.services.machine import HOST, program
from tests.services.service import Service

USER = "flowdock"
MOST_CONNECTIONS = 200
_FOLDERS = "usr/lib/postgresql/*/bin"
_PACKAGE = "postgresql"
# Making a database takes 12 ms in memory, but up to 400 ms on the disks of some virtual machines.
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 << 30
# Its log is in memory too, so it keeps little of it. What its processes share is in the folder, and goes with it.
_QUICK = {"fsync": "off", "max_wal_size": "256MB", "dynamic_shared_memory_type": "mmap"}
_LINE_OF_SHARED_MEMORY = 6


class Databases:
    """The databases of a server: makes and drops them."""

    copies_files = False
    """Whether to make databases by copying files, which is quickest where nobody waits for the disk."""

    def __init__(self, url: str) -> None:
        """`url` is that of a database which is there already, with a user that may create others."""
        self._address = urlsplit(url)
        self._made: list[str] = []
        self._templates: dict[str, str] = {}

    def url(self, database: str) -> str:
        """Where a database is, for psycopg and for `--database`."""
        return self._address._replace(path=f"/{database}").geturl()

    def create(self, database: str, *, template: str | None = None) -> str:
        """Make a database and return its URL: an empty one, or a copy of another, to which nobody may be connected."""
        words = SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(database), Identifier(template or "template1"))
        with self._connect() as connection:
            if self.copies_files and connection.info.server_version >= 150_000:
                words += SQL(" STRATEGY file_copy")
            connection.execute(words)
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database if it is there, and cut off who is connected to it."""
        with self._connect() as connection:
            connection.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(database)))

    def create_unnamed(self, *, template: str | None = None) -> str:
        """Make a database with a name nobody else has and return the name; `drop_made` removes it."""
        name = f"flowdock_{uuid4().hex}"
        self._made.append(name)
        self.create(name, template=template)
        return name

    def template(self, purpose: str, prepare: Callable[[str], object]) -> str:
        """The name of a database that `prepare` has filled, given its URL, when this purpose was first mentioned."""
        if purpose not in self._templates:
            name = self.create_unnamed()
            prepare(self.url(name))
            self._templates[purpose] = name
        return self._templates[purpose]

    def drop_made(self) -> None:
        """Drop what `create_unnamed` and `template` made."""
        self._templates.clear()
        while self._made:
            self.drop(self._made.pop())

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._address.geturl(), autocommit=True)


class Postgres(Service, Databases):
    """A PostgreSQL of our own. Names sort as in English there, not by their bytes, as in most installations.

    Without `durable` it does not wait for the disk and, where there is room, lives in memory: what it acknowledged
    survives its own death, though not the machine's, and all is faster than in real life. Measure with `durable`.
    """

    name: ClassVar[str] = "postgres"
    stopped_by: ClassVar[signal.Signals] = signal.SIGINT
    # Its first process then ends the others; alone it would be followed only by those that have nothing to do.
    abandoned_by: ClassVar[signal.Signals] = signal.SIGQUIT
    refuses_root: ClassVar[bool] = True

    def __init__(
        self, folder: Path | None = None, *, durable: bool = False, settings: Mapping[str, str] | None = None
    ) -> None:
        """`settings` are more of PostgreSQL's own, such as `{"log_statement": "all"}`."""
        Service.__init__(self, folder)
        Databases.__init__(self, f"postgresql://{USER}@{HOST}:{self.port}/postgres")
        self.copies_files = not durable
        self._settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": str(MOST_CONNECTIONS),
            **({} if durable else _QUICK),
            **(settings or {}),
        }

    def close(self) -> None:
        try:
            self.stop()
            self._free_shared_memory()
        finally:
            super().close()

    def place(self) -> Path | None:
        roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
        return _MEMORY if self.copies_files and roomy else None

    def prepare(self) -> None:
        options = ["--username", USER, "--auth=trust", "--encoding=UTF8", "--no-sync", "--no-instructions"]
        initdb = _program("initdb")
        locale = ["--locale=C.UTF-8"]
        if "--icu-locale" in subprocess.check_output([initdb, "--help"], text=True):
            locale += ["--locale-provider=icu", "--icu-locale=en-US"]
        self.run_to_end([initdb, "--pgdata", self._data, *options, *locale])

    def command(self) -> list[str]:
        settings = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        return [_program("postgres"), "-D", self._data, *settings]

    def answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _free_shared_memory(self) -> None:
        # Whoever is killed leaves a segment behind, of which a system has a few thousand; a start would take it over.
        noted = self._folder and self._folder / "data" / "postmaster.pid"
        if noted and noted.exists():
            segment = noted.read_text().splitlines()[_LINE_OF_SHARED_MEMORY].split()[1]
            subprocess.run(["ipcrm", "-m", segment], check=True)

    @property
    def _data(self) -> str:
        return str(self.folder / "data")


def _program(name: str) -> str:
    return program(name, package=_PACKAGE, folders=_FOLDERS)
