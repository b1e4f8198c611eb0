"""Streams kept as JSON Lines: what happened once can happen again, in a test or at a desk."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any


def record(events: Iterable[Mapping[str, Any]], path: str | PathLike[str]) -> Iterator[Mapping[str, Any]]:
    """The events of a stream, each of which is written to a file before it is handed on.

    A line is `{"after": seconds since the one before, "event": …}`.

    Example:
        for event in record(flow.events(since=msg["id"] - 1), "monday.jsonl"):
            break
    """
    before = time.monotonic()
    with Path(path).open("a", encoding="utf-8") as file:
        for event in events:
            now = time.monotonic()
            after, before = now - before, now
            file.write(json.dumps({"after": round(after, 3), "event": event}, ensure_ascii=False) + "\n")
            file.flush()
            yield event


def replay(path: str | PathLike[str], *, speed: float | None = None) -> Iterator[Mapping[str, Any]]:
    """The events of a recording, or of a file with one event a line, as `flowdock tail --json` writes it.

    They come at once; with `speed=1` as far apart as they came then, with 2 twice as fast.

    Example:
        for event in replay("monday.jsonl"):
            print(event["event"])

    Raises:
        ValueError: a line is not JSON; the text says which.
    """
    with Path(path).open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                kept = json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number} of {path} is {line[:40].strip()!r}, which is no event") from error
            if speed and "after" in kept:
                time.sleep(kept["after"] / speed)
            yield kept["event"] if "after" in kept else kept
