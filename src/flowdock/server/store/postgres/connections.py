"""Connections to PostgreSQL: pooled, found again after a restart, prepared where the way there allows it."""

import time
from typing import Any

import psycopg
from psycopg.adapt import AdaptersMap, Buffer
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper
from psycopg.types.string import StrBinaryDumper, StrDumperUnknown, TextBinaryLoader, TextLoader
from psycopg_pool import ConnectionPool

from flowdock.server.store.transaction import Row

Connection = psycopg.Connection[Row]
Pool = ConnectionPool[Connection]

APPLICATION = "flowdock"
"""What the connections of servers are called in PostgreSQL's lists; `flowdock move` looks for them."""
CONNECT_SECONDS = 5
AT_LEAST_SECONDS = 0.05
"""How long a connection is waited for in any case; most are there at once."""
SESSION = """
SET idle_in_transaction_session_timeout = '30s';
SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;
SET tcp_user_timeout = 10000;
"""
"""A machine that vanishes in the middle of a write keeps a flow locked for some ten seconds, and not for hours.

The first is for what is not sent ahead; in a pipeline PostgreSQL does not count itself idle.
"""
STATEMENTS_KEPT = 500

_ESCAPE = "\U0010ffff"
"""No character, and never will be one; it stands before what PostgreSQL's texts cannot hold."""


class _TextDumper(StrDumperUnknown):
    """Texts, in which PostgreSQL allows every character but U+0000."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(_escaped(obj))


class _TextBinaryDumper(StrBinaryDumper):
    """The same for what is copied."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(_escaped(obj))


class _TextLoader(TextLoader):
    def load(self, data: Buffer) -> bytes | str:
        return _restored(super().load(data))


class _TextBinaryLoader(TextBinaryLoader):
    def load(self, data: Buffer) -> bytes | str:
        return _restored(super().load(data))


def _escaped(text: str) -> str:
    if "\0" in text or _ESCAPE in text:
        return text.replace(_ESCAPE, _ESCAPE + "1").replace("\0", _ESCAPE + "0")
    return text


def _restored(text: bytes | str) -> bytes | str:
    if isinstance(text, str) and _ESCAPE in text:
        return text.replace(_ESCAPE + "0", "\0").replace(_ESCAPE + "1", _ESCAPE)
    return text


class _Adapters:
    """How values travel: every integer as one of 64 bits, so that a statement is prepared once and not per width."""

    connection = None

    def __init__(self) -> None:
        self.adapters = AdaptersMap(psycopg.adapters)
        self.adapters.register_dumper(str, _TextBinaryDumper)
        self.adapters.register_dumper(str, _TextDumper)
        self.adapters.register_dumper(int, Int8Dumper)
        self.adapters.register_dumper(int, Int8BinaryDumper)
        self.adapters.register_loader("text", _TextLoader)
        self.adapters.register_loader("text", _TextBinaryLoader)


class Patience:
    """How long somebody has left to wait for a connection, who began to wait when this was made.

    While the database is away, what has queued for long fails at once: otherwise each would wait behind all the others.
    """

    def __init__(self) -> None:
        self._ends = time.monotonic() + CONNECT_SECONDS

    def left(self) -> float:
        """Seconds."""
        return max(self._ends - time.monotonic(), AT_LEAST_SECONDS)


def open_pool(url: str, *, size: int) -> Pool:
    """Up to `size` connections, opened when needed."""
    return ConnectionPool(
        url,
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        reconnect_timeout=CONNECT_SECONDS,
        kwargs=_arguments(),
        configure=_configure,
        open=True,
    )


def connect(url: str, *, application: str = "flowdock start") -> Connection:
    """One connection for work at the start, or for other work that is no server's, under a name of its own.

    Raises:
        psycopg.OperationalError: there is no database, or it does not let us in.
    """
    connection: Connection = psycopg.connect(url, **_arguments() | {"application_name": application})
    _configure(connection)
    return connection


def _arguments() -> dict[str, Any]:
    return {
        "autocommit": True,  # transactions are begun and ended by statements of our own
        "context": _Adapters(),
        "client_encoding": "utf8",
        "application_name": APPLICATION,
        "connect_timeout": CONNECT_SECONDS,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,
        "prepare_threshold": None,
    }


def _configure(connection: Connection) -> None:
    """Prepare statements and set what holds for the session, unless sessions are lent by the transaction.

    A pooler such as pgbouncer answers with a process number of its own, by which it is known.
    """
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    if row is not None and row[0] == connection.info.backend_pid:
        connection.prepare_threshold = 1
        connection.prepared_max = STATEMENTS_KEPT
        connection.execute(SESSION)
