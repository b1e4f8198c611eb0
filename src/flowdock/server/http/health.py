"""`GET /health`: whether requests should be sent here, for proxies, containers and people.

Nobody has to sign in for it, so it says nothing that is not for everybody.
"""

import asyncio
from collections.abc import Awaitable, Callable
from email.utils import formatdate

import msgspec
from starlette.types import Receive, Scope, Send

from flowdock.server.domain.refusals import Refusal
from flowdock.server.http.answering import answer, refusal_of

PATIENCE_SECONDS = 2.0
"""Of those who ask; a proxy's own is rarely shorter."""

_NEVER_KEPT = (b"cache-control", b"no-store")


class Health:
    """An ASGI application that answers 200 when `check` returns, 503 when it raises or takes too long.

    However many ask, one check at a time is under way: a database that does not answer must not gather questions.
    """

    def __init__(self, check: Callable[[], Awaitable[object]], *, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._check = check
        self._patience_seconds = patience_seconds
        self._checking: asyncio.Future[Refusal | None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        del receive
        refusal = await self._refusal()
        content = {"status": "ok"} if refusal is None else {"status": "unavailable", "message": refusal.message}
        status = 200 if refusal is None else 503
        # By the time somebody finds out that the clocks differ.
        date = formatdate(usegmt=True).encode()
        await answer(scope, send, status, msgspec.json.encode(content), [_NEVER_KEPT, (b"date", date)])

    async def _refusal(self) -> Refusal | None:
        if self._checking is None or self._checking.done():
            self._checking = asyncio.ensure_future(self._checked())
        done, _ = await asyncio.wait({self._checking}, timeout=self._patience_seconds)
        if not done:
            return Refusal(503, f"The database did not answer within {self._patience_seconds:g} s")
        return self._checking.result()

    async def _checked(self) -> Refusal | None:
        try:
            await self._check()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is no health
            return refusal_of(error)
        return None
