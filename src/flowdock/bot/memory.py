"""What a bot keeps between its lives: how far it has come, what it has dealt with beyond that, and its state.

One SQLite file. What a handler changed in its state and the mark that it is done are written in one step, so that a bot
which is killed and handles an event again finds the state as it was before.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeAlias

from flowdock.protocol.errors import BadSetting

Scope: TypeAlias = str
"""Whose state it is: `bot`, `user 42`, a thread's id."""
Change: TypeAlias = tuple[Scope, str, Any]
"""A value, by its name, that is remembered from now on; None for what is forgotten."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS position (id INTEGER PRIMARY KEY CHECK (id = 1), cursor TEXT);
CREATE TABLE IF NOT EXISTS identity (id INTEGER PRIMARY KEY CHECK (id = 1), salt TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS done (event TEXT, handler TEXT, PRIMARY KEY (event, handler)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (scope TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (scope, name)) WITHOUT ROWID;
"""


class Memory:
    """The file of one bot; `:memory:` forgets everything when the bot ends."""

    def __init__(self, path: str | PathLike[str]) -> None:
        try:
            if fspath(path) != ":memory:":
                Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = sqlite3.connect(fspath(path), isolation_level=None, check_same_thread=False)
            # What the system has taken survives the bot; only a loss of power may take the last moments back.
            self._file.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {_SCHEMA}")
            self._file.execute("INSERT OR IGNORE INTO identity VALUES (1, ?)", (secrets.token_hex(16),))
            self.salt = str(self._file.execute("SELECT salt FROM identity").fetchone()[0])
        except (OSError, sqlite3.Error) as error:
            raise BadSetting(f"the bot's memory {fspath(path)} cannot be used: {error}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    @property
    def cursor(self) -> str | None:
        """Everything up to there was dealt with; None before the bot's first life."""
        row = self._file.execute("SELECT cursor FROM position").fetchone()
        return None if row is None else row[0]

    def done(self) -> set[tuple[str, str]]:
        """What was dealt with beyond that: events and the handlers that are done with them."""
        return set(self._file.execute("SELECT event, handler FROM done"))

    def state(self, scope: Scope) -> dict[str, Any]:
        """What was remembered."""
        rows = self._file.execute("SELECT name, value FROM state WHERE scope = ?", (scope,))
        return {name: json.loads(value) for name, value in rows}

    def finish(self, event: str | None, handler: str, changes: Iterable[Change]) -> None:
        """Remember that a handler is done with an event, if there was one, and what it changed; None removes."""
        self._file.execute("BEGIN IMMEDIATE")
        try:
            if event is not None:
                self._file.execute("INSERT OR IGNORE INTO done VALUES (?, ?)", (event, handler))
            for scope, name, value in changes:
                if value is None:
                    self._file.execute("DELETE FROM state WHERE scope = ? AND name = ?", (scope, name))
                else:
                    self._file.execute("REPLACE INTO state VALUES (?, ?, ?)", (scope, name, json.dumps(value)))
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def advance(self, cursor: str | None, finished: Iterable[str]) -> None:
        """Remember that everything up to a position was dealt with, and forget the marks of these events."""
        self._file.execute("BEGIN IMMEDIATE")
        self._file.execute("REPLACE INTO position VALUES (1, ?)", (cursor,))
        self._file.executemany("DELETE FROM done WHERE event = ?", [(event,) for event in finished])
        self._file.execute("COMMIT")


class State(dict[str, Any]):
    """What a bot remembers of a thread, a person or itself: JSON values by name.

    What a handler changes is kept once it is done, together with the mark that it is. Setting None removes.

    Example:
        @bot.hears("count")
        async def count(message, user_state):
            user_state["times"] = user_state.get("times", 0) + 1
            await message.reply(f"{user_state['times']} times")
    """

    def __init__(self, scope: Scope, values: Mapping[str, Any]) -> None:
        super().__init__()
        self._scope = scope
        self._before: dict[str, str] = {}
        self.renew(values)

    def renew(self, values: Mapping[str, Any]) -> None:
        """Take what others remembered meanwhile; one's own changes stay."""
        changes = self.changes()
        self.clear()
        self.update(values)
        self._before = {name: json.dumps(value) for name, value in values.items()}
        for _, name, value in changes:
            self[name] = value

    def changes(self) -> list[Change]:
        """What is another than at the beginning, also inside of lists and dictionaries.

        Raises:
            TypeError: a value cannot be written as JSON.
        """
        now = {name: json.dumps(value) for name, value in self.items() if value is not None}
        gone = [(self._scope, name, None) for name in self._before if name not in now]
        return gone + [(self._scope, name, self[name]) for name in now if now[name] != self._before.get(name)]
