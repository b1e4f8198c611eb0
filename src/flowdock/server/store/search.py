"""The search index: which words and which tags each message has.

Messages enter it in batches after they were stored; each log remembers how far it is indexed, so that nothing is missed
after a crash. Whoever asks brings the log up to date first, and finds everything at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import msgspec

from flowdock.server.store import logs
from flowdock.server.store.keys import key_of, number_of, span_of
from flowdock.server.store.logs import Head
from flowdock.server.store.transaction import Transaction

MESSAGE_BYTES = 256 * 1024
"""By so many bytes of distinct words, with blanks between them, a message can be found.

A `tsvector` of PostgreSQL ends at four times as much, the log's number before each word included, and says nothing.
"""

WORD_BYTES = 1024
"""Of a longer word its digest is kept: PostgreSQL takes 2,046 bytes, and SQLite looks at the first 32,768 alone."""
DIGEST_BYTES = 64

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
    tx.words.add(tx, [(entry.key, distinct(entry.words)) for entry in entries])
    tx.execute_each("INSERT INTO tags (tag, key) VALUES (?, ?)", _tag_rows(entries))


def discard(tx: Transaction, entry: Entry) -> None:
    """Let a message be found no more; the entry is the one it was added with."""
    tx.words.discard(tx, entry.key, distinct(entry.words))
    tx.execute_each("DELETE FROM tags WHERE tag = ? AND key = ?", _tag_rows([entry]))


def having(
    tx: Transaction,
    log_id: int,
    *,
    words: Sequence[str],
    tags: Sequence[str],
    limit: int,
    thread_key: int | None,
    span: tuple[int, int] | None = None,
    ascending: bool = False,
) -> list[int]:
    """Keys of messages of a log that have all these words and all these tags, the newest first or ascending.

    `span` is the lowest and the highest key to look at.
    """
    low, high = span or span_of(log_id)
    if not words:
        first, *others = tags
        source = _Source("tags", "key", "tag = ?", first.casefold())
        return _keys(tx, source, (low, high), others, limit, thread_key, ascending=ascending)
    index = tx.words
    source = _Source("words", index.key, index.matching, index.sought(log_id, distinct(words)))
    if index.recent and not ascending:
        newest = min(high, key_of(log_id, logs.head(tx, log_id).last_number))
        found = _keys(tx, source, (max(low, newest - index.recent), high), tags, limit, thread_key)
        if len(found) == limit:
            return found
    source = source._replace(order=index.by_index)
    return _keys(tx, source, (low, high), tags, limit, thread_key, ascending=ascending)


class _Source(NamedTuple):
    """Where the first condition is looked up, and what a key is there; `order` is the key in other words."""

    table: str
    key: str
    condition: str
    value: str
    order: str = ""


def _keys(  # noqa: PLR0917 - private, and in the order of the statement
    tx: Transaction,
    source: _Source,
    span: tuple[int, int],
    tags: Sequence[str],
    limit: int,
    thread_key: int | None,
    *,
    ascending: bool = False,
) -> list[int]:
    table, key, condition, value, order = source
    sql = f"SELECT {key} FROM {table} WHERE {condition} AND {order or key} BETWEEN ? AND ?"
    values: list[int | str] = [value, *span]
    if tags:
        # One count, not one condition for each: PostgreSQL plans hundreds of those for half a minute.
        wanted = list(dict.fromkeys(tag.casefold() for tag in tags))
        marks = ", ".join("?" for _ in wanted)
        counted = f"SELECT count(*) FROM tags other WHERE other.key = {table}.{key} AND other.tag IN ({marks})"
        sql += f" AND ({counted}) = ?"
        values += [*wanted, len(wanted)]
    if thread_key is not None:
        sql += f" AND EXISTS (SELECT 1 FROM events e WHERE e.key = {table}.{key} AND e.thread_key = ?)"
        values.append(thread_key)
    rows = tx.rows(f"{sql} ORDER BY {order or key} {'ASC' if ascending else 'DESC'} LIMIT ?", [*values, limit])
    return [row[0] for row in rows]


def _tag_rows(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    return [(tag, entry.key) for entry in entries for tag in dict.fromkeys(tag.casefold() for tag in entry.tags)]


def distinct(words: Iterable[str]) -> list[str]:
    """Each word once, and no more of them than any database can hold for one message."""
    kept, room = [], MESSAGE_BYTES
    for word in dict.fromkeys(words):
        encoded = word.encode()
        is_long = len(encoded) > WORD_BYTES
        room -= (DIGEST_BYTES if is_long else len(encoded)) + 1
        if room < 0:
            break
        kept.append(sha256(encoded).hexdigest() if is_long else word)
    return kept
