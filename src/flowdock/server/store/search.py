"""The search index: which words and which tags each message has.

Messages enter it in batches after they were stored; each log remembers how far it is indexed, so that nothing is missed
after a crash. Whoever asks brings the log up to date first, and finds everything at once.

The words live in an FTS5 table without contents: to take a message out, its old words are needed again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from flowdock.server.store import logs
from flowdock.server.store.keys import number_of, span_of
from flowdock.server.store.transaction import Transaction

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Entry:
    """Under which words and tags a message is found."""

    key: int
    words: Sequence[str]
    tags: Sequence[str]


def unindexed(tx: Transaction, log_id: int, *, limit: int) -> tuple[list[tuple[int, dict[str, Any]]], int]:
    """Messages of a log that are not yet indexed, by key, and the number up to which this covers the log."""
    head = logs.head(tx, log_id)
    low, high = span_of(log_id, after=head.indexed_number)
    rows = tx.rows("SELECT key, message FROM events WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?", (low, high, limit))
    covered = number_of(rows[-1][0]) if len(rows) == limit else head.last_number
    return [(key, _decode(text)) for key, text in rows if text is not None], covered


def add(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Let the messages be found."""
    tx.connection.executemany(
        "INSERT INTO words (rowid, text) VALUES (?, ?)", [(entry.key, _text(entry.words)) for entry in entries]
    )
    tx.connection.executemany("INSERT INTO tags (tag, key) VALUES (?, ?)", _tag_rows(entries))


def discard(tx: Transaction, entry: Entry) -> None:
    """Let a message be found no more; the entry is the one it was added with."""
    tx.execute("INSERT INTO words (words, rowid, text) VALUES ('delete', ?, ?)", (entry.key, _text(entry.words)))
    tx.connection.executemany("DELETE FROM tags WHERE tag = ? AND key = ?", _tag_rows([entry]))


def newest_with(
    tx: Transaction, log_id: int, *, words: Sequence[str], tags: Sequence[str], limit: int, thread_key: int | None
) -> list[int]:
    """Keys of the newest messages of a log that have all these words and all these tags, newest first."""
    low, high = span_of(log_id)
    values: list[int | str]
    if words:
        sql, values = "SELECT rowid AS key FROM words WHERE words MATCH ? AND rowid BETWEEN ? AND ?", [_match(words)]
        name, rest = "rowid", list(tags)
    else:
        sql, values = "SELECT key FROM tags WHERE tag = ? AND key BETWEEN ? AND ?", [tags[0].casefold()]
        name, rest = "key", list(tags[1:])
    values += [low, high]
    table = "words" if words else "tags"
    for tag in rest:
        sql += f" AND EXISTS (SELECT 1 FROM tags other WHERE other.tag = ? AND other.key = {table}.{name})"
        values.append(tag.casefold())
    if thread_key is not None:
        sql += f" AND EXISTS (SELECT 1 FROM events e WHERE e.key = {table}.{name} AND e.thread_key = ?)"
        values.append(thread_key)
    rows = tx.rows(f"{sql} ORDER BY {name} DESC LIMIT ?", [*values, limit])
    return [row[0] for row in rows]


def _tag_rows(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    return [(tag, entry.key) for entry in entries for tag in dict.fromkeys(tag.casefold() for tag in entry.tags)]


def _text(words: Iterable[str]) -> str:
    joined = " ".join(dict.fromkeys(words))
    return joined if joined.isascii() else " ".join(_plain(word) for word in joined.split(" "))


def _match(words: Iterable[str]) -> str:
    return " ".join(f'"{_plain(word)}"' for word in words)


def _plain(word: str) -> str:
    """The word in ASCII: what counts as a letter is then Python's decision alone, not the database's."""
    return word if word.isascii() else f"_{word.encode().hex()}"
