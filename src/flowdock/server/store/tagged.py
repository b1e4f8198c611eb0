"""Messages that have a tag right now: what waits for somebody, what mentions them.

The index of tags follows the log in batches. What it lacks is looked at in the log itself, so that every answer is
exact, however far the index is.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from flowdock.server.store import logs
from flowdock.server.store.keys import NUMBER_BITS, span_of
from flowdock.server.store.transaction import Transaction


class _Tags(msgspec.Struct):
    tags: list[str]


_decode = msgspec.json.Decoder(_Tags).decode


class Found(NamedTuple):
    """A message: its key, its REST JSON, and its thread's id if it is in one."""

    key: int
    json: bytes
    thread_id: str | None


def counts(tx: Transaction, log_ids: Collection[int], tag: str) -> dict[int, int]:
    """How many messages of each of these logs have a tag."""
    of_key = f"key / {1 << NUMBER_BITS}"
    rows = tx.rows(f"SELECT {of_key}, count(*) FROM tags WHERE tag = ? GROUP BY {of_key}", (tag.casefold(),))
    indexed = dict[int, int](rows)
    found = {log_id: int(indexed.get(log_id, 0)) for log_id in log_ids}
    for log_id, number in logs.behind_among(tx, log_ids):
        found[log_id] += len(_not_yet_indexed(tx, log_id, [tag], after=number))
    return found


def newest(
    tx: Transaction,
    log_id: int,
    tags: Sequence[str],
    *,
    limit: int,
    thread_key: int | None = None,
    until: int | None = None,
) -> list[Found]:
    """The newest messages of a log that have any of these tags, newest first, up to and including number `until`."""
    before = None if until is None else until + 1
    indexed = logs.head(tx, log_id).indexed_number
    low, high = span_of(log_id, before=indexed + 1 if before is None else min(indexed + 1, before))
    keys = set(_not_yet_indexed(tx, log_id, tags, after=indexed, before=before, thread_key=thread_key))
    sought, values = "t.tag = ? AND t.key BETWEEN ? AND ?", [low, high]
    if thread_key is not None:
        sought += " AND EXISTS (SELECT 1 FROM events e WHERE e.key = t.key AND e.thread_key = ?)"
        values.append(thread_key)
    for tag in tags:
        sql = f"SELECT t.key FROM tags t WHERE {sought} ORDER BY t.key DESC LIMIT ?"
        keys.update(row[0] for row in tx.rows(sql, (tag.casefold(), *values, limit)))
    chosen = sorted(keys, reverse=True)[:limit]
    if not chosen:
        return []
    marks = ", ".join("?" for _ in chosen)
    rows = tx.rows(
        "SELECT e.key, e.message, t.id FROM events e LEFT JOIN threads t ON t.key = e.thread_key"
        f" WHERE e.key IN ({marks}) AND e.message IS NOT NULL ORDER BY e.key DESC",
        chosen,
    )
    return [Found(*row) for row in rows]


def forget(tx: Transaction, key: int, tag: str) -> None:
    """Let a message not be found by a tag that it has no more."""
    tx.execute("DELETE FROM tags WHERE tag = ? AND key = ?", (tag.casefold(), key))


def _not_yet_indexed(
    tx: Transaction,
    log_id: int,
    tags: Sequence[str],
    *,
    after: int,
    before: int | None = None,
    thread_key: int | None = None,
) -> list[int]:
    low, high = span_of(log_id, after=after, before=before)
    in_thread = "" if thread_key is None else " AND thread_key = ?"
    rows = tx.rows(
        f"SELECT key, message FROM events WHERE key BETWEEN ? AND ? AND message IS NOT NULL{in_thread}",
        (low, high, *(() if thread_key is None else (thread_key,))),
    )
    wanted = {tag.casefold() for tag in tags}
    # Most messages hold none of them anywhere, and need not be decoded for that.
    marks = [b":" + tag.rpartition(":")[2].encode() + b'"' for tag in wanted]
    return [
        key
        for key, json in rows
        if any(mark in json for mark in marks) and any(tag.casefold() in wanted for tag in _decode(json).tags)
    ]
