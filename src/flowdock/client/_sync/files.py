# Generated from src/flowdock/client/_async/files.py by tools/unasync.py; edit that file instead
"""Files on their way from a server to memory, to a file, or to anything that can be written to."""

import logging
import random
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from flowdock.client import addresses, patience
from flowdock.client._sync.transport import Transport
from flowdock.client.partial import Partial
from flowdock.client.progress import Progress
from flowdock.protocol.errors import ConnectionFailed

logger = logging.getLogger("flowdock")


def read(transport: Transport, path: str, *, progress: Progress | None) -> bytes:
    """The content of a file."""
    chunks: list[bytes] = []
    _pour(transport, path, chunks.append, progress=progress)
    return b"".join(chunks)


def write(transport: Transport, path: str, file: BinaryIO, *, progress: Progress | None) -> None:
    """Write the content of a file to something open."""
    _pour(transport, path, file.write, progress=progress)


def save(transport: Transport, path: str, to: Path, *, progress: Progress | None) -> Path:
    """Store a file, under its own name if `to` is a folder, and say where.

    Nothing is seen under that name before it is complete.
    """
    target = addresses.target_of(to, path)
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            _pour(transport, path, file.write, progress=progress)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _pour(transport: Transport, path: str, put: Callable[[bytes], object], *, progress: Progress | None) -> None:
    """Put all of a file somewhere; after a cut go on where it was, for as long as each time something comes."""
    partial, cuts = Partial(path), 0
    while True:
        before, cut = partial.done, _some(transport, partial, put, progress=progress)
        if cut is None:
            return
        cuts = cuts + 1 if partial.done == before else 1
        if cuts >= transport.patience.tries or transport.closed:
            raise cut
        wait = patience.backoff(cuts, chance=random.random(), patience=transport.patience)  # noqa: S311
        logger.info("%s; going on at byte %d in %.1f s", cut, partial.done, wait)
        time.sleep(wait)


def _some(
    transport: Transport, partial: Partial, put: Callable[[bytes], object], *, progress: Progress | None
) -> ConnectionFailed | None:
    """Put as much somewhere as comes, and tell what ended it too early."""
    with transport.fetch(partial.path, headers=partial.headers()) as answer:
        partial.answered(answer.status, answer.headers)
        while True:
            try:
                chunk = answer.next_chunk()
            except ConnectionFailed as error:
                return error
            if not chunk:
                break
            put(partial.fresh(chunk))
            if progress is not None and not partial.surplus:
                progress(partial.done, partial.total)
    if partial.is_short:
        return ConnectionFailed(f"GET {partial.path} ended after {partial.done} of {partial.total} bytes")
    return None
