"""Files on their way from a server to memory, to a file, or to anything that can be written to."""

import asyncio
import logging
import random
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from flowdock.client import addresses, patience
from flowdock.client._async.transport import AsyncTransport
from flowdock.client.partial import Partial
from flowdock.client.progress import Progress
from flowdock.protocol.errors import ConnectionFailed

logger = logging.getLogger("flowdock")


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
    """Put all of a file somewhere; after a cut go on where it was, for as long as each time something comes."""
    partial, cuts = Partial(path), 0
    while True:
        before, cut = partial.done, await _some(transport, partial, put, progress=progress)
        if cut is None:
            return
        cuts = cuts + 1 if partial.done == before else 1
        if cuts >= transport.patience.tries or transport.closed:
            raise cut
        wait = patience.backoff(cuts, chance=random.random(), patience=transport.patience)  # noqa: S311
        logger.info("%s; going on at byte %d in %.1f s", cut, partial.done, wait)
        await asyncio.sleep(wait)


async def _some(
    transport: AsyncTransport, partial: Partial, put: Callable[[bytes], object], *, progress: Progress | None
) -> ConnectionFailed | None:
    """Put as much somewhere as comes, and tell what ended it too early."""
    async with transport.fetch(partial.path, headers=partial.headers()) as answer:
        partial.answered(answer.status, answer.headers)
        while True:
            try:
                chunk = await answer.next_chunk()
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
