"""Finding messages by everything at once: words, beginnings of words, tags and author, log after log, newest first."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from flowdock.server.store import logs
from flowdock.server.store.keys import LAST_NUMBER, key_of, log_of, number_of, span_of
from flowdock.server.store.search import distinct
from flowdock.server.store.transaction import Transaction, Value

_decode = msgspec.json.Decoder(dict[str, Any]).decode


class _Sent(msgspec.Struct):
    """The moment of a message, without the rest of it."""

    sent: int


_decode_sent = msgspec.json.Decoder(_Sent).decode

Gathered = Mapping[int, Sequence[int]]
"""Keys by log, the lowest first."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a message must have; `author` is whose it is, 0 of nobody in particular."""

    words: Sequence[str] = ()
    beginnings: Sequence[str] = ()
    tags: Sequence[str] = ()
    author: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A message as it is stored."""

    key: int
    thread_key: int | None
    message: dict[str, Any]


def gathered(tx: Transaction, sought: Sought) -> Gathered | None:
    """Where all logs' messages are that have the words, if that takes no longer than finding those of one log."""
    if not (sought.beginnings and tx.words.beginnings_cost_all_logs):
        return None
    index = tx.words
    by_log: dict[int, list[int]] = {}
    asked = index.sought(0, distinct(sought.words), sought.beginnings)
    for (key,) in tx.rows(f"SELECT {index.key} FROM words WHERE {index.matching} ORDER BY {index.key}", (asked,)):
        by_log.setdefault(log_of(key), []).append(key)
    return by_log


def newest(
    tx: Transaction, log_id: int, sought: Sought, *, below: int, limit: int, among: Gathered | None = None
) -> list[Found]:
    """The newest messages of a log under this number that may be sought ones, the newest first.

    Tags and author of those `among` which were gathered remain to be looked at.
    """
    if among is not None:
        there = among.get(log_id, ())
        end = bisect_left(there, key_of(log_id, below))
        return _found(tx, there[max(0, end - limit) : end])
    if not (sought.words or sought.beginnings):
        return _found(tx, _by_rest(tx, log_id, sought, below=below, limit=limit))
    return _found(tx, _by_words(tx, log_id, sought, below=below, limit=limit))


def _by_words(tx: Transaction, log_id: int, sought: Sought, *, below: int, limit: int) -> list[int]:
    index = tx.words
    asked = index.sought(log_id, distinct(sought.words), sought.beginnings)
    more, values = _conditions(sought, f"words.{index.key}")
    keys: list[int] = []
    attempts = [(index.key, below - index.recent)] if index.recent else []
    for order, after in (*attempts, (index.by_index, 0)):
        rows = tx.rows(
            f"SELECT {index.key} FROM words WHERE {index.matching} AND {order} BETWEEN ? AND ?{more}"
            f" ORDER BY {order} DESC LIMIT ?",
            (asked, *span_of(log_id, after=after, before=below), *values, limit),
        )
        keys = [row[0] for row in rows]
        if len(keys) == limit:
            break
    return keys


def _by_rest(tx: Transaction, log_id: int, sought: Sought, *, below: int, limit: int) -> list[int]:
    span = span_of(log_id, before=below)
    if sought.tags:
        first, *others = sought.tags
        more, values = _conditions(Sought(tags=others, author=sought.author), "t.key")
        sql = f"SELECT t.key FROM tags t WHERE t.tag = ? AND t.key BETWEEN ? AND ?{more} ORDER BY t.key DESC LIMIT ?"
        return [row[0] for row in tx.rows(sql, (first.casefold(), *span, *values, limit))]
    by_author, author = (" AND author = ?", [sought.author]) if sought.author is not None else ("", [])
    rows = tx.rows(
        f"SELECT key FROM events WHERE key BETWEEN ? AND ?{by_author} AND message IS NOT NULL"
        " ORDER BY key DESC LIMIT ?",
        (*span, *author, limit),
    )
    return [row[0] for row in rows]


def _conditions(sought: Sought, key: str) -> tuple[str, list[Value]]:
    """What a message with this key must have besides."""
    sql = ""
    values: list[Value] = []
    if sought.tags:
        wanted = list(dict.fromkeys(tag.casefold() for tag in sought.tags))
        marks = ", ".join("?" for _ in wanted)
        sql += f" AND (SELECT count(*) FROM tags o WHERE o.key = {key} AND o.tag IN ({marks})) = ?"
        values += [*wanted, len(wanted)]
    if sought.author is not None:
        sql += f" AND EXISTS (SELECT 1 FROM events e WHERE e.key = {key} AND e.author = ?)"
        values.append(sought.author)
    return sql, values


def _found(tx: Transaction, keys: Sequence[int]) -> list[Found]:
    if not keys:
        return []
    marks = ", ".join("?" for _ in keys)
    rows = tx.rows(
        f"SELECT key, thread_key, message FROM events WHERE key IN ({marks}) AND message IS NOT NULL ORDER BY key DESC",
        list(keys),
    )
    return [Found(key, thread_key, _decode(json)) for key, thread_key, json in rows]


def beside(tx: Transaction, found: Found, *, count: int, is_private: bool) -> tuple[list[Any], list[Any]]:
    """What was said just before a message and just after it, in its thread or its conversation, the oldest first."""
    if found.thread_key is None and not is_private:
        return [], []
    condition, values = "thread_key = ?", [found.thread_key]
    if found.thread_key is None:
        condition, values = "key BETWEEN ? AND ?", [*span_of(log_of(found.key))]
    sides = []
    for comparison, direction in (("<", "DESC"), (">", "ASC")):
        rows = tx.rows(
            f"SELECT message FROM events WHERE {condition} AND key {comparison} ? AND message IS NOT NULL"
            f" ORDER BY key {direction} LIMIT ?",
            (*values, found.key, count),
        )
        sides.append([_decode(json) for (json,) in rows])
    return sides[0][::-1], sides[1]


def number_at(tx: Transaction, log_id: int, moment: int) -> int:
    """The number under which all messages of a log are that were sent before a moment."""
    low, high = 1, logs.head(tx, log_id).last_number + 1
    while low < high:
        middle = (low + high) // 2
        row = tx.one(
            "SELECT key, message FROM events WHERE key BETWEEN ? AND ? AND message IS NOT NULL ORDER BY key LIMIT 1",
            span_of(log_id, after=middle - 1, before=high),
        )
        if row is None or _decode_sent(row[1]).sent >= moment:
            high = middle
        else:
            low = number_of(row[0]) + 1
    return min(low, LAST_NUMBER)
