"""Everything that happens, as it happens, without end and without a gap."""

import asyncio
import logging
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from os import PathLike
from types import TracebackType
from typing import Protocol, Self, cast

from flowdock.client import patience, reading
from flowdock.client._async.missing import missed, unknown
from flowdock.client._async.transport import AsyncAnswer, AsyncTransport
from flowdock.client.checkpoints import Checkpoint
from flowdock.client.reading import OnState, Reader, State
from flowdock.client.subscriptions import Subscription
from flowdock.protocol.errors import FlowdockError, Forbidden, NotFound, StreamGap
from flowdock.protocol.stream import SseDecoder
from flowdock.protocol.types import Event

logger = logging.getLogger("flowdock")

NAP_SECONDS = 0.25
"""So soon a stream that waits notices that it was closed."""


class Subscribe(Protocol):
    """How a stream learns what to listen to, each time it is opened; finding it out may take a question."""

    async def __call__(self) -> Subscription: ...


class AsyncStream:
    """Events as they happen: an iterator without end, until it is closed or left as a context manager.

    When the connection is cut, ends or falls silent, it is opened again right after the last event. Nothing is asked
    before the first event is asked for.

    Example:
        async with flow.events(checkpoint="seen.db") as stream:
            async for event in stream:
                print(stream.cursor, event["event"])
    """

    def __init__(
        self,
        transport: AsyncTransport,
        subscribe: Subscribe,
        *,
        since: str | int | Mapping[str, int] | None = None,
        checkpoint: str | PathLike[str] | None = None,
        on_state: OnState | None = None,
    ) -> None:
        self._transport = transport
        self._subscribe = subscribe
        self._since = since
        self._path = checkpoint
        self._on_state = on_state
        self._state: State = "closed"
        self._subscription: Subscription | None = None
        self._reader = Reader(cursor=since if isinstance(since, str) else None)
        self._checkpoint: Checkpoint | None = None
        self._answer: AsyncAnswer | None = None
        self._is_outgrown = False
        self._outgrown_at: tuple[str | None] | None = None
        self._refusals = 0
        self._refused: FlowdockError | None = None
        self._retry: float | None = None
        self._closed = False
        self._events = self._follow()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.state} after {self.cursor} on {self._transport.settings.stream_url}>"

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        self.handled()
        try:
            return await anext(self._events)
        except StopAsyncIteration:
            raise
        except BaseException:
            # Whoever asks again after a gap, a refusal or a time limit goes on there.
            self._events = self._follow()
            raise

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def cursor(self) -> str | None:
        """The position right after the last event that was handed out, to give as `since`; None if nobody knows yet."""
        return self._reader.cursor

    @property
    def state(self) -> State:
        """How it stands: "connecting", "backfilling", "open", "waiting" (to be opened again) or "closed"."""
        return self._state

    def handled(self) -> None:
        """Let the checkpoint know that the last event was dealt with, as asking for the next one does by itself."""
        if self._checkpoint is not None:
            self._checkpoint.keep(self._reader.cursor, self._reader.last)

    async def close(self) -> None:
        """End it and its connection, also while another task or thread waits for the next event."""
        self._closed = True
        try:
            await self._events.aclose()
        except (RuntimeError, ValueError):  # it is being waited for, and ends there
            if self._answer is not None:
                self._answer.cut()
        if self._checkpoint is not None:
            self._checkpoint.close()
            self._checkpoint = None

    async def _follow(self) -> AsyncGenerator[Event]:
        """The events of one connection after the other."""
        failure: FlowdockError | None = None
        try:
            subscription = await self._begin()
            while not self._is_over():
                try:
                    if self._reader.was_open:
                        subscription = await self._renewed(subscription, failure)
                    async with aclosing(self._heard(subscription)) as events:
                        async for event in events:
                            yield event
                    failure = None
                except FlowdockError as error:
                    if self._is_over():
                        return
                    if self._transport.closed or not self._may_resume(error, subscription):
                        raise
                    failure = error
                if not self._is_outgrown:
                    await self._wait(subscription, failure)
        finally:
            self._be("closed")

    async def _begin(self) -> Subscription:
        if self._subscription is None:
            subscription = await self._subscribe()
            reader = reading.begun(subscription, self._since)
            if self._path is not None:
                name = f"{self._transport.settings.stream_url} {subscription.name}"
                self._checkpoint = Checkpoint(self._path, name)
                reader = self._checkpoint.read() or reader
            self._subscription, self._reader = subscription, reader
        return self._subscription

    async def _renewed(self, subscription: Subscription, failure: FlowdockError | None) -> Subscription:
        """What to listen to from now on: one may have come into flows, or have gone."""
        if subscription.flows is None:
            return subscription
        renewed = await self._subscribe()
        if isinstance(failure, NotFound | Forbidden):
            # One may have gone after the flows were listed and have come back since, which looks the same each time.
            self._refusals = self._refusals + 1 if renewed.query == subscription.query else 0
            if self._refusals >= self._transport.patience.first_tries:
                self._refusals, self._refused = 0, failure
                raise failure
        return renewed

    async def _heard(self, subscription: Subscription) -> AsyncGenerator[Event]:
        """The events that one connection brings, after those that it cannot bring."""
        self._is_outgrown, self._retry = False, None
        self._be("connecting")
        async with self._transport.listen(subscription, cursor=self._reader.cursor) as answer:
            self._answer, self._refusals = answer, 0
            try:
                listed: dict[str, set[int]] = {}
                self._reader.opened(answer.headers.get("Flowdock-Cursor"), gap=answer.headers.get("Flowdock-Gap"))
                if self._reader.is_behind:
                    async with aclosing(self._missed(subscription, answer, listed)) as messages:
                        async for message in messages:
                            yield message
                self.handled()
                self._be("open")
                async with aclosing(self._streamed(subscription, answer, listed)) as events:
                    async for event in events:
                        yield event
            finally:
                self._answer = None

    async def _missed(
        self, subscription: Subscription, answer: AsyncAnswer, listed: dict[str, set[int]]
    ) -> AsyncGenerator[Event]:
        self._be("backfilling")
        reader, begins_at = self._reader, answer.headers.get("Flowdock-Cursor")
        if answer.headers.get("Flowdock-Gap") == "shorter":
            lost, reason = (
                tuple(subscription.places),
                "the server holds less than was read already; was a copy restored?",
            )
            reader.forget()
        else:
            lost = await unknown(self._transport, subscription, reader)
            reason = f"the server does not know the position {reader.cursor!r}"
            async with aclosing(missed(self._transport, subscription, reader, listed)) as messages:
                async for message in messages:
                    yield message
        reader.caught_up(begins_at)
        if lost:
            gap = StreamGap(f"events of {', '.join(lost)} may be missing: {reason}")
            gap.places = lost
            raise gap

    async def _streamed(
        self, subscription: Subscription, answer: AsyncAnswer, listed: dict[str, set[int]]
    ) -> AsyncGenerator[Event]:
        reader, decoder, me = self._reader, SseDecoder(), answer.headers.get("Flowdock-User")
        while chunk := await answer.next_chunk():
            reader.failures = 0
            frames = decoder.decode(chunk)
            self._retry = decoder.retry_seconds
            for event, cursor in frames:
                if not isinstance(event, dict):
                    reader.saw(cursor)
                    continue
                if subscription.is_outgrown_by(event) and self._outgrown_at != (reader.cursor,):
                    # The stream that is opened next brings it again, and what belongs to it.
                    self._is_outgrown, self._outgrown_at = True, (reader.cursor,)
                    return
                is_ours = subscription.holds(event, me=me)
                place, number = subscription.place_of(event, me=me) if is_ours else None, event.get("id")
                # A server may send an event twice, and the list may have brought what the stream brings as well.
                is_new = reader.is_new(place, number) and number not in listed.get(place or "", ())
                reader.saw(cursor, place, number)
                if is_ours and is_new:
                    yield cast("Event", event)

    def _may_resume(self, error: FlowdockError, subscription: Subscription) -> bool:
        if isinstance(error, StreamGap):
            return False
        if isinstance(error, NotFound | Forbidden) and subscription.flows is not None:
            return self._reader.was_open and error is not self._refused
        return patience.may_resume(error, self._reader, patience=self._transport.patience)

    async def _wait(self, subscription: Subscription, failure: FlowdockError | None) -> None:
        chance = random.random()  # noqa: S311 - spreads tries, keeps no secret
        wait = patience.wait_before_resuming(
            failure, self._reader, retry=self._retry, chance=chance, patience=self._transport.patience
        )
        self._reader.lost(failure)
        logger.info("%s: %s; going on in %.1f s", subscription.name, failure or "the stream ended", wait)
        self._be("waiting", failure)
        while wait > 0 and not self._is_over():
            await asyncio.sleep(min(wait, NAP_SECONDS))
            wait -= NAP_SECONDS

    def _is_over(self) -> bool:
        return self._closed or (self._transport.closed and self._reader.was_open)

    def _be(self, state: State, failure: FlowdockError | None = None) -> None:
        if state == self._state:
            return
        self._state = state
        if self._on_state is not None:
            self._on_state(state, failure)
