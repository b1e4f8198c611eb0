"""Pages of messages: which of a log's messages a list shows, always oldest first, as stored JSON.

Source: wire facts 2.2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flowdock.server.store import search
from flowdock.server.store.keys import span_of
from flowdock.server.store.transaction import Transaction

DEFAULT_LIMIT = 30
LARGEST_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Range:
    """Messages between two ids (exclusive), of some kinds; `limit` keeps the newest, or the oldest when ascending."""

    limit: int = DEFAULT_LIMIT
    ascending: bool = False
    since_id: int = 0
    until_id: int | None = None
    events: tuple[str, ...] = ()
    thread_key: int | None = None


@dataclass(frozen=True, slots=True)
class Matches:
    """Messages by words and tags: all of the tags, or any of them united with those that have the words."""

    words: tuple[str, ...] | None
    tags: tuple[str, ...]
    mode: Literal["and", "or"] = "and"
    skip: int = 0
    limit: int = DEFAULT_LIMIT
    ascending: bool = False
    since_id: int = 0
    until_id: int | None = None
    thread_key: int | None = None


def in_range(tx: Transaction, log_id: int, page: Range) -> list[bytes]:
    """The messages of a range."""
    low, high = span_of(log_id, after=page.since_id, before=page.until_id)
    direction = "ASC" if page.ascending else "DESC"
    found: list[tuple[int, bytes]] = []
    for condition, values in _conditions(page):
        found += tx.rows(
            f"SELECT key, message FROM events WHERE key BETWEEN ? AND ? AND message IS NOT NULL{condition}"
            f" ORDER BY key {direction} LIMIT ?",
            (low, high, *values, page.limit),
        )
    # Several kinds came from several queries; what is left of them is the end that `limit` keeps.
    found.sort(reverse=not page.ascending)
    kept = found[: page.limit]
    return [json for _, json in (kept if page.ascending else reversed(kept))]


def _conditions(page: Range) -> list[tuple[str, Sequence[int | str]]]:
    """One query per rare kind, each on the index of rare kinds; a single scan of the log otherwise."""
    if page.thread_key is not None:
        marks = ", ".join("?" for _ in page.events)
        kinds = f" AND event IN ({marks})" if page.events else ""
        return [(f" AND thread_key = ?{kinds}", (page.thread_key, *page.events))]
    if not page.events:
        return [("", ())]
    conditions: list[tuple[str, Sequence[int | str]]] = []
    for event in page.events:
        rare = "" if event == "message" else " AND event <> 'message'"
        conditions.append((f" AND event = ?{rare}", (event,)))
    return conditions


def matching(tx: Transaction, log_id: int, page: Matches) -> list[bytes]:
    """The messages that match, after the newest `skip`, or the oldest when ascending."""
    wanted = page.skip + page.limit
    keys: set[int] = set()
    for words, tags in _alternatives(page):
        keys.update(
            search.having(
                tx,
                log_id,
                words=words,
                tags=tags,
                limit=wanted,
                thread_key=page.thread_key,
                span=span_of(log_id, after=page.since_id, before=page.until_id),
                ascending=page.ascending,
            )
        )
    chosen = sorted(sorted(keys, reverse=not page.ascending)[page.skip : wanted])
    if not chosen:
        return []
    marks = ", ".join("?" for _ in chosen)
    return [row[0] for row in tx.rows(f"SELECT message FROM events WHERE key IN ({marks}) ORDER BY key", chosen)]


def _alternatives(page: Matches) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The combinations of words and tags any of which is enough."""
    searching = page.words is not None
    nothing_to_find = searching and not page.words
    if page.mode == "and":
        return [] if nothing_to_find else [(page.words or (), page.tags)]
    by_words = [(page.words, ())] if page.words else []
    return [*by_words, *(((), (tag,)) for tag in page.tags)]
