"""What one says, edits and shares: shown at once, and brought to the server in this order, once each."""

import asyncio
import os
import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Literal

from flowdock import AsyncFlow, ConnectionFailed, FlowdockError
from flowdock.cli import lines
from flowdock.cli.chat.history import Message
from flowdock.cli.chat.place import Outgoing, Place
from flowdock.cli.chat.talk import Talk
from flowdock.cli.failures import sentence

LONGEST_WAIT_SECONDS = 15


class Saying:
    """Brings what is said to the server. A message keeps its uuid over all tries, so the server keeps one of it."""

    def __init__(self, talk: Talk, *, changed: Callable[[], None]) -> None:
        self._talk = talk
        self._changed = changed
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def say(
        self,
        place: Place,
        content: str,
        *,
        thread_id: str | None = None,
        kind: Literal["message", "line", "status", "file"] = "message",
    ) -> None:
        """Say something, in a thread if one is given; for a file `content` is its path."""
        uuid = secrets.token_urlsafe(16)
        sent = time.time_ns() // 1_000_000
        outgoing = Outgoing(uuid=uuid, content=content, kind=kind, thread_id=thread_id, sent=sent)
        place.outgoing.append(outgoing)
        self._changed()
        await self._bring(place, outgoing)

    async def retry(self, place: Place) -> None:
        """Try again what failed."""
        for outgoing in [one for one in place.outgoing if one.failed]:
            await self._bring(place, outgoing)

    def discard(self, place: Place) -> None:
        """Give up what failed."""
        place.outgoing = [one for one in place.outgoing if not one.failed]
        self._changed()

    async def _bring(self, place: Place, outgoing: Outgoing) -> None:
        wait = 1.0
        async with self._turns[place.key]:
            while outgoing in place.outgoing:
                outgoing.failed, outgoing.note = False, ""
                self._changed()
                try:
                    place.confirm(await self._sent(place, outgoing))
                except ConnectionFailed:
                    await self._reconnected(wait)
                    wait = min(wait * 2, LONGEST_WAIT_SECONDS)
                    continue
                except (FlowdockError, OSError) as error:
                    self._fail(outgoing, error)
                break
        self._changed()

    def _fail(self, outgoing: Outgoing, error: FlowdockError | OSError) -> None:
        outgoing.failed = True
        outgoing.note = f"✗ not sent: {sentence(error)} · Ctrl-R tries again, Ctrl-G gives up"

    async def _reconnected(self, seconds: float) -> None:
        """Wait until the stream is open again, but not longer than so."""
        if self._talk.is_open.is_set():
            await asyncio.sleep(seconds)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._talk.is_open.wait()
        except TimeoutError:
            pass

    async def _sent(self, place: Place, outgoing: Outgoing) -> Message:
        where, uuid = place.conversation, outgoing.uuid
        if outgoing.kind == "line":
            return await where.line(outgoing.content, uuid=uuid)
        if outgoing.kind == "status" and isinstance(where, AsyncFlow):
            return await where.status(outgoing.content, uuid=uuid)
        if outgoing.kind == "file":
            return await self._shared(place, outgoing)
        if isinstance(where, AsyncFlow):
            return await where.send(outgoing.content, thread_id=outgoing.thread_id, uuid=uuid)
        return await where.send(outgoing.content, uuid=uuid)

    async def _shared(self, place: Place, outgoing: Outgoing) -> Message:
        def show(so_far: int, total: int | None) -> None:
            share = f"{so_far * 100 // total} %" if total else lines.size(so_far)
            if outgoing.note != (note := f"sending… {share}"):
                outgoing.note = note
                self._changed()

        where, path = place.conversation, os.path.expanduser(outgoing.content)  # noqa: ASYNC240, PTH111
        if isinstance(where, AsyncFlow):
            return await where.upload(path, thread_id=outgoing.thread_id, uuid=outgoing.uuid, progress=show)
        return await where.upload(path, uuid=outgoing.uuid, progress=show)
