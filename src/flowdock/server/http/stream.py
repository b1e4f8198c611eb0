"""Streams: both framings, several flows and private messages at once, resumed where the reader left off.

The answer's head goes out at once. Then the connection belongs to a reader, where the server allows that; the rest of
the work is the same either way.

Source: wire facts 5.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field

from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive, Scope, Send

from flowdock.server.actions import streaming
from flowdock.server.actions.streaming import Subscription
from flowdock.server.domain import cursors
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import STREAM_FLOW
from flowdock.server.domain.refusals import unavailable
from flowdock.server.http import parameters, takeover
from flowdock.server.http.answering import Headers, Service, refusal_of, refuse, user_header
from flowdock.server.http.following import PAGE, Following, Style
from flowdock.server.http.presence import Company
from flowdock.server.http.readers import ConnectionReader, WaitingReader
from flowdock.server.hub.hub import Heard, Hub

log = logging.getLogger("flowdock.http")

_YES = ("1", "true", True, 1)
_END: Message = {"type": "http.response.body", "body": b"", "more_body": False}


@dataclass(slots=True)
class Streams:
    """All streams of a server."""

    service: Callable[[], Service]
    hub: Hub
    company: Company
    limit: int
    closing: bool = False
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a stream."""
        actor: Actor | None = None
        try:
            service = self.service()
            actor = await service.credentials.from_header(scope, STREAM_FLOW)
            given = await parameters.read(Request(scope, receive), limits=service.limits)
            actor = actor or await service.credentials.from_parameters(given, STREAM_FLOW)
            self._refuse_when_full()
            subscription = await self._subscribe(service, actor, scope, given)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - every failure gets its answer
            await refuse(scope, send, refusal_of(error), user_header(actor))
            return
        await self._stream(scope, receive, send, subscription, given)

    async def keep_alive(self, seconds: float) -> None:
        """Show all readers again and again that their stream lives."""
        while True:
            await asyncio.sleep(seconds)
            for reader in list(self.hub.readers):
                reader.keep_alive()

    def finish(self) -> None:
        """Take no more streams and end the open ones in good order."""
        self.closing = True
        self.hub.finish()

    def _refuse_when_full(self) -> None:
        if len(self.hub.readers) >= self.limit:
            raise unavailable("No more streams now; try again")

    async def _subscribe(self, service: Service, actor: Actor, scope: Scope, given: dict[str, object]) -> Subscription:
        path = scope["path_params"]
        if "org" in path:
            names = [f"{path['org']}/{path['flow']}"]
        else:
            wanted = given.get("filter") or ""
            listed = wanted if isinstance(wanted, list) else str(wanted).split(",")
            names = [str(name).strip() for name in listed if str(name).strip()]
        cursor = _header(scope, b"last-event-id")
        return await service.store.read(
            lambda tx: streaming.subscribe(
                tx, actor, names=names, private=given.get("user") in _YES, cursor=cursor or None
            )
        )

    async def _stream(
        self, scope: Scope, receive: Receive, send: Send, subscription: Subscription, given: dict[str, object]
    ) -> None:
        feeds = [self.hub.follow(log_id, end) for log_id, end in subscription.ends.items()]
        positions = dict(subscription.positions)
        accept = f"{given.get('accept') or ''},{_header(scope, b'accept')}"
        server_sent = "text/event-stream" in accept
        headers = _head(subscription, server_sent=server_sent)
        try:
            # Another process may have shown its readers what did not come through here yet.
            await self.hub.come_up_to(subscription.ends)
        except BaseException as error:
            self.hub.unfollow(feeds)
            if not isinstance(error, TimeoutError):
                raise
            await refuse(scope, send, unavailable(), [(b"flowdock-user", str(subscription.user_id).encode())])
            return
        try:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        except BaseException:
            self.hub.unfollow(feeds)
            raise
        if self.closing or scope["method"] == "HEAD":
            self.hub.unfollow(feeds)
            await send(_END)
            return
        # Asked only now: while the head was sent, the client may have gone, or have sent the next request.
        connection = takeover.offered_by(scope)
        style = Style(server_sent=server_sent, chunked=connection is not None)
        following = Following(self.hub, feeds, positions, style, compound=subscription.is_compound)
        if connection is not None:
            own = ConnectionReader(
                subscription.user_id,
                following,
                token_id=subscription.token_id,
                gone=connection.forget,
                read_on=self._read_on,
            )
            own.begin(connection.take_over(own))
            self._appear(own, subscription, given)
        else:
            waiting = WaitingReader(subscription.user_id, following, token_id=subscription.token_id)
            self._appear(waiting, subscription, given)
            await self._serve(waiting, receive, send)

    def _appear(
        self, reader: ConnectionReader | WaitingReader, subscription: Subscription, given: dict[str, object]
    ) -> None:
        """Let others know that somebody is there, and somebody who else is, as they ask for it."""
        active = str(given.get("active", "")).lower()
        if active in ("1", "true", "idle"):
            self.company.appear(reader, subscription, idle=active == "idle")
        if given.get("presence") in _YES:
            write = reader.write if isinstance(reader, ConnectionReader) else reader.push
            self.company.watch(reader, reader.following, write)

    def _read_on(self, reader: ConnectionReader) -> None:
        if not reader.reading:
            reader.reading = True
            self._start(self._catch_up(reader))

    async def _catch_up(self, reader: ConnectionReader) -> None:
        try:
            while reader.wants_more():
                async for content in reader.following.catch_up(reader, self._replay):
                    reader.write(content)
                    if not reader.wants_more():
                        return
                if not reader.following.is_behind(reader):
                    return
        except Exception:
            log.exception("the log cannot be read now; a stream ends, and its client resumes from its cursor")
            reader.finish()
        finally:
            reader.reading = False

    async def _serve(self, reader: WaitingReader, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_disconnected(receive, reader))
        try:
            await self._pass_on(reader, send)
        except Exception:
            log.exception("the log cannot be read now; a stream ends, and its client resumes from its cursor")
        finally:
            gone.cancel()
            reader.leave()
        await send(_END)

    async def _pass_on(self, reader: WaitingReader, send: Send) -> None:
        while not reader.finished:
            if reader.following.is_behind(reader):
                async for content in reader.following.catch_up(reader, self._replay):
                    reader.push(content)
                    await send(_body(reader.take()))
            await reader.something.wait()
            reader.something.clear()
            if content := reader.take():
                await send(_body(content))

    async def _replay(self, log_id: int, number: int) -> Sequence[Heard]:
        return await self.service().store.read_aside(lambda tx: streaming.replay(tx, log_id, number, limit=PAGE))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _head(subscription: Subscription, *, server_sent: bool) -> Headers:
    positions = subscription.positions
    cursor = cursors.of(positions, compound=subscription.is_compound)
    kind = b"text/event-stream" if server_sent else b"application/json"
    return [
        (b"content-type", kind + b"; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"x-accel-buffering", b"no"),
        (b"transfer-encoding", b"chunked"),
        (b"flowdock-user", str(subscription.user_id).encode()),
        (b"flowdock-cursor", cursor.encode()),
        *([(b"flowdock-gap", subscription.gap.encode())] if subscription.gap else []),
    ]


def _header(scope: Scope, name: bytes) -> str:
    for one, value in scope["headers"]:
        if one == name:
            return str(value.decode("latin-1"))
    return ""


def _body(content: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": content, "more_body": True}


async def _disconnected(receive: Receive, reader: WaitingReader) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    reader.finish()
