"""Opening SQLite as the log needs it: write-ahead, flushed at each commit, checkpoints by a thread of their own."""

import sqlite3
from pathlib import Path

BUSY_TIMEOUT_SECONDS = 10


def open_writer(path: Path, *, durable: bool) -> sqlite3.Connection:
    """The one connection that writes. Without `durable` a power cut may lose the last commits: for tests."""
    connection = open_existing(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA cache_size = -16000")
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads."""
    connection = open_existing(path)
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -8000")
    return connection


def checkpoint(connection: sqlite3.Connection, mode: str = "PASSIVE") -> None:
    """Move what the write-ahead log holds into the database file, as far as readers allow."""
    connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()


def open_existing(path: Path) -> sqlite3.Connection:
    """A connection to a database that is there: where somebody removed it, no empty one must take its place."""
    # Each connection stays with one thread at a time by construction; the module's own check would only forbid closing.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
