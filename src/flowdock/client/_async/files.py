"""Files on their way from a server to memory, to a file, or to anything that can be written to."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from flowdock.client import addresses
from flowdock.client._async.transport import AsyncTransport
from flowdock.client.progress import Progress


async def read(transport: AsyncTransport, path: str, *, progress: Progress | None) -> bytes:
    """The content of a file."""
    chunks: list[bytes] = []
    await _pour(transport, path, chunks.append, progress=progress)
    return b"".join(chunks)


async def write(transport: AsyncTransport, path: str, file: BinaryIO, *, progress: Progress | None) -> None:
    """Write the content of a file to something open."""
    await _pour(transport, path, file.write, progress=progress)


async def save(transport: AsyncTransport, path: str, to: Path, *, progress: Progress | None) -> Path:
    """Store a file, under its own name if `to` is a folder, and say where.

    Nothing is seen under that name before it is complete.
    """
    target = addresses.target_of(to, path)
    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with part.open("xb") as file:
            await _pour(transport, path, file.write, progress=progress)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


async def _pour(
    transport: AsyncTransport, path: str, put: Callable[[bytes], object], *, progress: Progress | None
) -> None:
    so_far = 0
    async with transport.fetch(path) as answer:
        while chunk := await answer.next_chunk():
            put(chunk)
            so_far += len(chunk)
            if progress is not None:
                progress(so_far, answer.total)
