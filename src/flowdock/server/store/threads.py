"""Threads of a flow: inside each has the key of the event that began it, and outside its 27 characters."""

from typing import Any

import msgspec

from flowdock.server.records import ThreadState
from flowdock.server.store.transaction import NotFound, Transaction

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode

_COLUMNS = (
    "key, id, title, initial_message, created_at, updated_at, source_id, external_id, body, external_url,"
    " status, fields, actions, activities, internal_comments, external_comments"
)


def get(tx: Transaction, log_id: int, thread_id: str) -> ThreadState:
    """A thread of this flow; NotFound when it has none of this id."""
    row = tx.one(f"SELECT {_COLUMNS} FROM threads WHERE id = ? AND log_id = ?", (thread_id, log_id))
    if row is None:
        raise NotFound
    return _thread(row)


def by_key(tx: Transaction, key: int) -> ThreadState | None:
    """A thread by its key."""
    row = tx.one(f"SELECT {_COLUMNS} FROM threads WHERE key = ?", (key,))
    return None if row is None else _thread(row)


def find_external(tx: Transaction, source_id: int, external_id: str) -> ThreadState | None:
    """The thread that a source knows by an id of its own."""
    row = tx.one(f"SELECT {_COLUMNS} FROM threads WHERE source_id = ? AND external_id = ?", (source_id, external_id))
    return None if row is None else _thread(row)


def newest(
    tx: Transaction,
    log_id: int,
    *,
    limit: int,
    since: int | None,
    until: int | None,
    until_key: int = 0,
    empty: bool = False,
) -> list[ThreadState]:
    """The threads of a flow by `updated_at`, newest first; both bounds are exclusive, in milliseconds.

    Of the millisecond `until` itself those come that follow the thread with `until_key`.

    Those of people which have no messages left are among them only if asked for. An integration's stands for an item
    of its own outside, with messages or without.
    """
    filled = "" if empty else " AND (source_id IS NOT NULL OR activities + internal_comments + external_comments > 0)"
    high = 1 << 62 if until is None else until
    rows = tx.rows(
        f"SELECT {_COLUMNS} FROM threads WHERE log_id = ? AND updated_at > ? AND updated_at <= ?"
        f" AND (updated_at < ? OR key < ?){filled}"
        " ORDER BY updated_at DESC, key DESC LIMIT ?",
        (log_id, -1 if since is None else since, high, high, until_key, limit),
    )
    return [_thread(row) for row in rows]


def insert(tx: Transaction, log_id: int, thread: ThreadState) -> None:
    """Store a new thread."""
    tx.execute(
        f"INSERT INTO threads (log_id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            log_id,
            thread.key,
            thread.id,
            thread.title,
            thread.initial_message,
            thread.created_at,
            thread.updated_at,
            thread.source_id,
            thread.external_id,
            *_state(thread),
        ),
    )


def update(tx: Transaction, thread: ThreadState) -> None:
    """Store a thread's new state and counters."""
    tx.execute(
        "UPDATE threads SET title = ?, initial_message = ?, updated_at = ?, body = ?, external_url = ?, status = ?,"
        " fields = ?, actions = ?, activities = ?, internal_comments = ?, external_comments = ? WHERE key = ?",
        (thread.title, thread.initial_message, thread.updated_at, *_state(thread), thread.key),
    )


def _state(thread: ThreadState) -> tuple[str | int | None, ...]:
    return (
        thread.body,
        thread.external_url,
        _json(thread.status),
        _json(thread.fields),
        _json(thread.actions),
        thread.activities,
        thread.internal_comments,
        thread.external_comments,
    )


def _json(value: object) -> str | None:
    return _encode(value).decode() if value else None


def _thread(row: tuple[Any, ...]) -> ThreadState:
    key, thread_id, title, initial_message, created_at, updated_at, source_id, external_id, body, external_url = row[
        :10
    ]
    status, fields, actions = (_decode(text) if text else None for text in row[10:13])
    activities, internal_comments, external_comments = row[13:]
    return ThreadState(
        key=key,
        id=thread_id,
        title=title,
        initial_message=initial_message,
        created_at=created_at,
        updated_at=updated_at,
        source_id=source_id,
        external_id=external_id,
        body=body,
        external_url=external_url,
        status=status,
        fields=fields or [],
        actions=actions or [],
        activities=activities,
        internal_comments=internal_comments,
        external_comments=external_comments,
    )
