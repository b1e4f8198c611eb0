"""Checkpoints: a file that remembers how far a program has come in its streams.

SQLite, because one write of it is either whole or not there, whenever the program or the machine dies. The only module
of the client that knows SQL.
"""

import sqlite3
import threading
from os import PathLike, fspath

from flowdock.client.reading import Reader
from flowdock.protocol.errors import BadSetting

_SCHEMA = """
CREATE TABLE IF NOT EXISTS streams (name TEXT PRIMARY KEY, cursor TEXT);
CREATE TABLE IF NOT EXISTS places (stream TEXT, place TEXT, last INTEGER NOT NULL, PRIMARY KEY (stream, place));
"""


class Checkpoint:
    """The position of one stream in a file, which may hold those of others as well."""

    def __init__(self, path: str | PathLike[str], name: str) -> None:
        self._name = name
        self._kept: str | None = None
        self._lasts: dict[str, int] = {}
        self._lock = threading.Lock()
        try:
            self._file = sqlite3.connect(fspath(path), isolation_level=None, check_same_thread=False)
            # What the system has taken survives the program; only a loss of power may take the last moments back.
            self._file.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_SCHEMA}")
        except sqlite3.Error as error:
            raise BadSetting(f"the checkpoint {fspath(path)} cannot be used: {error}") from error

    def read(self) -> Reader | None:
        """Where the stream stood; None if it was never opened."""
        with self._lock:
            row = self._file.execute("SELECT cursor FROM streams WHERE name = ?", (self._name,)).fetchone()
            lasts = dict(self._file.execute("SELECT place, last FROM places WHERE stream = ?", (self._name,)))
        if row is None:
            return None
        self._kept, self._lasts = row[0], dict(lasts)
        return Reader(cursor=row[0], last=lasts, is_behind=row[0] is None and bool(lasts))

    def keep(self, cursor: str | None, last: dict[str, int]) -> None:
        """Remember a position, in one step."""
        fresh = [(self._name, place, at) for place, at in last.items() if self._lasts.get(place) != at]
        if cursor == self._kept and not fresh:
            return
        with self._lock:
            self._file.execute("BEGIN IMMEDIATE")
            self._file.execute("REPLACE INTO streams VALUES (?, ?)", (self._name, cursor))
            self._file.executemany("REPLACE INTO places VALUES (?, ?, ?)", fresh)
            self._file.execute("COMMIT")
        self._kept, self._lasts = cursor, dict(last)

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
