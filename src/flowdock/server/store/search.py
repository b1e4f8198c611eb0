"""The search index: which words and which tags each message has.

Messages enter it in batches after they were stored; each log remembers how far it is indexed, so that nothing is missed
after a crash. Whoever asks brings the log up to date first, and finds everything at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from flowdock.server.store.keys import number_of, span_of
from flowdock.server.store.logs import Head
from flowdock.server.store.transaction import Transaction

MESSAGE_BYTES = 256 * 1024
"""By so many bytes of distinct words a message can be found; a `tsvector` of PostgreSQL ends at four times as much."""

_decode = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Entry:
    """Under which words and tags a message is found."""

    key: int
    words: Sequence[str]
    tags: Sequence[str]


def unindexed(tx: Transaction, log_id: int, head: Head, *, limit: int) -> tuple[list[tuple[int, dict[str, Any]]], int]:
    """Messages of a log that are not yet indexed, by key, and the number up to which this covers the log."""
    low, high = span_of(log_id, after=head.indexed_number)
    rows = tx.rows("SELECT key, message FROM events WHERE key BETWEEN ? AND ? ORDER BY key LIMIT ?", (low, high, limit))
    covered = number_of(rows[-1][0]) if len(rows) == limit else head.last_number
    return [(key, _decode(text)) for key, text in rows if text is not None], covered


def add(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Let the messages be found."""
    tx.words.add(tx, [(entry.key, _distinct(entry.words)) for entry in entries])
    tx.execute_each("INSERT INTO tags (tag, key) VALUES (?, ?)", _tag_rows(entries))


def discard(tx: Transaction, entry: Entry) -> None:
    """Let a message be found no more; the entry is the one it was added with."""
    tx.words.discard(tx, entry.key, _distinct(entry.words))
    tx.execute_each("DELETE FROM tags WHERE tag = ? AND key = ?", _tag_rows([entry]))


def newest_with(
    tx: Transaction, log_id: int, *, words: Sequence[str], tags: Sequence[str], limit: int, thread_key: int | None
) -> list[int]:
    """Keys of the newest messages of a log that have all these words and all these tags, newest first."""
    low, high = span_of(log_id)
    values: list[int | str]
    if words:
        table, column, rest = "words", tx.words.key, list(tags)
        condition, values = tx.words.matching, [tx.words.sought(log_id, words)]
    else:
        table, column, rest = "tags", "key", list(tags[1:])
        condition, values = "tag = ?", [tags[0].casefold()]
    sql = f"SELECT {column} FROM {table} WHERE {condition} AND {column} BETWEEN ? AND ?"
    values += [low, high]
    for tag in rest:
        sql += f" AND EXISTS (SELECT 1 FROM tags other WHERE other.tag = ? AND other.key = {table}.{column})"
        values.append(tag.casefold())
    if thread_key is not None:
        sql += f" AND EXISTS (SELECT 1 FROM events e WHERE e.key = {table}.{column} AND e.thread_key = ?)"
        values.append(thread_key)
    rows = tx.rows(f"{sql} ORDER BY {column} DESC LIMIT ?", [*values, limit])
    return [row[0] for row in rows]


def _tag_rows(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    return [(tag, entry.key) for entry in entries for tag in dict.fromkeys(tag.casefold() for tag in entry.tags)]


def _distinct(words: Iterable[str]) -> list[str]:
    """Each word once, and no more of them than any database can hold for one message."""
    kept, room = [], MESSAGE_BYTES
    for word in dict.fromkeys(words):
        room -= len(word.encode())
        if room < 0:
            break
        kept.append(word)
    return kept
