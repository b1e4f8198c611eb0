# Generated from src/flowdock/client/_async/files.py by tools/unasync.py; edit that file instead
"""Files on their way from a server to memory, to a file, or to anything that can be written to."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from flowdock.client import addresses
from flowdock.client._sync.transport import Transport
from flowdock.client.progress import Progress


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
    so_far = 0
    with transport.fetch(path) as answer:
        while chunk := answer.next_chunk():
            put(chunk)
            so_far += len(chunk)
            if progress is not None:
                progress(so_far, answer.total)
