"""The wire: one pool of connections, and whatever goes wrong on it told in Flowdock's errors.

The only module that knows the HTTP client library. Nothing is opened before it is needed: the pool, and with it the
context for encrypted connections, is made by the first request. Credentials go to the server they were given for; to
any other leads a pool of its own, which has none.
"""

import asyncio
import logging
import random
import socket
import ssl
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol, TypeVar

import httpx2

from flowdock.client import addresses, patience, tracing
from flowdock.client.attachments import Attachment, attachment
from flowdock.client.calls import Call
from flowdock.client.patience import Attempt, Patience
from flowdock.client.progress import Progress
from flowdock.client.settings import Route, Settings, Timeouts
from flowdock.client.subscriptions import Subscription
from flowdock.client.tracing import Tracer
from flowdock.protocol.errors import (
    ApiError,
    BadSetting,
    ConnectionFailed,
    FlowdockError,
    StreamBroken,
    TimedOut,
    from_answer,
)

Result = TypeVar("Result")

logger = logging.getLogger("flowdock")

IDLE_SECONDS = 30.0
"""An unused connection is kept for so long."""
LONGEST_REDIRECTION = 5
CLOSED = "this client was closed; connect again"
USER_AGENT = f"flowdock httpx2/{httpx2.__version__}"

# Bytes are counted and stored as they are, so nobody on the way should pack them.
_UNPACKED = {"Accept-Encoding": "identity"}
_NEVER_REACHED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


class AsyncAnswer:
    """An answer whose body is still to come."""

    def __init__(self, response: httpx2.Response, *, asked: str) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        """By their names, whose case does not matter."""
        self._response = response
        self._asked = asked
        self._chunks = response.aiter_bytes()

    async def next_chunk(self) -> bytes:
        """The bytes that have arrived since, `b""` at the end."""
        with _translated(self._asked, self._response.request):
            return await anext(self._chunks, b"")

    def cut(self) -> None:
        """End the connection also for another thread that waits for the next bytes, which closing would not wake."""
        with suppress(OSError):
            self._response.extensions["network_stream"].get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class AsyncRenewable(Protocol):
    """An access token that may end before the client does, and be followed by another."""

    async def access_token(self) -> str:
        """The token as it is now."""

    async def renewed(self, refused: str) -> str | None:
        """Another one than the one that was refused; None when there is no way to one."""


class AsyncTransport:
    """The connections of one `connect`; made when needed, ended by `close`."""

    def __init__(
        self,
        settings: Settings,
        *,
        authorization: str | None = None,
        renewable: AsyncRenewable | None = None,
        timeouts: Timeouts | None = None,
        patience: Patience | None = None,
        route: Route | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.settings = settings
        self.patience = patience or Patience()
        self._timeouts = timeouts or Timeouts()
        self._route = route or Route()
        self._tracer = tracer
        self._was_answered = False
        self._authorization = authorization
        self._renewable = renewable
        self._pools: dict[bool, httpx2.AsyncClient] = {}
        self._streams: set[AsyncAnswer] = set()
        self._lock = threading.Lock()
        self.closed = False

    async def answer(self, call: Call[Result], *, progress: Progress | None = None) -> Result:
        """What the server says to a call, which is sent again where that helps and cannot do a thing twice."""
        if self._tracer is None:
            return await self._answer(call, call.headers, progress=progress)
        with tracing.traced(self._tracer, call) as headers:
            return await self._answer(call, {**call.headers, **headers}, progress=progress)

    async def _answer(self, call: Call[Result], headers: Mapping[str, str], *, progress: Progress | None) -> Result:
        timeout = self._timeout(read=self._timeouts.upload if call.files else self._timeouts.answer)
        with _opened(call.files, progress) as files:
            pool = self._pool(own=True)
            request = pool.build_request(
                call.endpoint.method,
                f"{self.settings.api_url}{call.path}",
                params=call.query or None,
                json=call.json,
                data=call.form,
                files=files or None,
                headers=headers or None,
                timeout=timeout,
            )
            response = await self._patiently(
                pool,
                request,
                asked=call.request,
                is_done=call.is_done,
                repeatable=call.repeatable,
                deadline=None if call.files else self._timeouts.deadline,
            )
        try:
            return call.read(response.content)
        except ValueError as error:
            raise ConnectionFailed(
                f"{call.request} was answered {response.status_code} with something that is not JSON: "
                f"{response.text[:80]!r}; is {self.settings.api_url} a Flowdock server?"
            ) from error

    @asynccontextmanager
    async def fetch(self, path: str, *, headers: Mapping[str, str]) -> AsyncGenerator[AsyncAnswer]:
        """The file of this path, or the range of it that `headers` ask for, at the address that the server leads to."""
        asked, url = f"GET {path}", addresses.file_url(self.settings.api_url, path)
        for _ in range(LONGEST_REDIRECTION):
            pool = self._pool(own=addresses.same_origin(url, self.settings.api_url))
            request = pool.build_request(
                "GET", url, headers={**_UNPACKED, **headers}, timeout=self._timeout(read=self._timeouts.answer)
            )
            response = await self._patiently(
                pool,
                request,
                asked=asked,
                is_done=_is_found,
                repeatable=True,
                deadline=self._timeouts.deadline,
                stream=True,
            )
            if response.status_code in {200, 206}:
                break
            await self._body(response, asked=asked)
            url = addresses.redirected(url, response.headers.get("location"))
        else:
            raise ConnectionFailed(f"{asked} leads from one address to the next without end")
        try:
            yield AsyncAnswer(response, asked=asked)
        finally:
            await response.aclose()

    @asynccontextmanager
    async def listen(self, subscription: Subscription, *, cursor: str | None) -> AsyncGenerator[AsyncAnswer]:
        """A stream of server-sent events, from right after the cursor on; it is asked for once."""
        headers = {"Accept": "text/event-stream", **_UNPACKED}
        if cursor is not None:
            headers["Last-Event-ID"] = cursor
        pool = self._pool(own=True)
        request = pool.build_request(
            "GET",
            f"{self.settings.stream_url}{subscription.path}",
            params=subscription.query or None,
            headers={name.encode(): value.encode() for name, value in headers.items()},
            timeout=self._timeout(read=self.patience.silence),
        )
        asked = f"GET {request.url.path}"
        response = await self._send(pool, request, asked=asked, stream=True)
        answer = AsyncAnswer(response, asked=asked)
        self._streams.add(answer)
        try:
            if response.status_code != 200:
                raise await self._refusal(response, asked=asked)
            kind = response.headers.get("content-type", "nothing that has a type")
            if not kind.startswith("text/event-stream"):
                raise StreamBroken(
                    f"{asked} was answered with {kind} instead of a stream of events; "
                    f"is {self.settings.stream_url} the streaming address?"
                )
            yield answer
        finally:
            self._streams.discard(answer)
            await response.aclose()

    async def close(self) -> None:
        """End all connections; nothing can be asked any more."""
        self.closed = True
        for stream in tuple(self._streams):
            stream.cut()
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()

    async def _patiently(
        self,
        pool: httpx2.AsyncClient,
        request: httpx2.Request,
        *,
        asked: str,
        is_done: Callable[..., bool],
        repeatable: bool,
        deadline: float | None,
        stream: bool = False,
    ) -> httpx2.Response:
        tries, again, begin = 0, False, time.monotonic()
        while True:
            try:
                response = await self._send(pool, request, asked=asked, stream=stream)
                self._was_answered = True
                if is_done(response.status_code, again=again):
                    return response
                raise await self._refusal(response, asked=asked)
            except FlowdockError as error:
                tries += 1
                again = again or patience.may_have_been_done(error)
                spent = time.monotonic() - begin
                attempt = Attempt(
                    tries=tries,
                    repeatable=repeatable,
                    left=None if deadline is None else deadline - spent,
                    known=self._was_answered,
                    outlasts_silence=self._timeouts.outlasts_silence,
                )
                chance = random.random()  # noqa: S311 - spreads tries, keeps no secret
                wait = patience.wait_before_retry(error, attempt, chance=chance, patience=self.patience)
                if wait is None or self.closed:
                    _note_tries(error, tries=tries, seconds=spent)
                    raise
                logger.info("%s; trying again in %.1f s", error, wait)
            await asyncio.sleep(wait)

    async def _send(
        self, pool: httpx2.AsyncClient, request: httpx2.Request, *, asked: str, stream: bool
    ) -> httpx2.Response:
        if self.closed:
            raise ConnectionFailed(CLOSED)
        with _translated(asked, request):
            return await pool.send(request, stream=stream)

    async def _body(self, response: httpx2.Response, *, asked: str) -> bytes:
        with _translated(asked, response.request):
            return await response.aread()

    async def _refusal(self, response: httpx2.Response, *, asked: str) -> ApiError:
        body = await self._body(response, asked=asked)
        retry_after = patience.seconds_of(response.headers.get("retry-after"), now=datetime.now(UTC))
        return from_answer(response.status_code, body, request=asked, retry_after=retry_after)

    def _timeout(self, *, read: float | None) -> httpx2.Timeout:
        return httpx2.Timeout(connect=self._timeouts.connect, read=read, write=self._timeouts.answer, pool=None)

    def _pool(self, *, own: bool) -> httpx2.AsyncClient:
        """The connections to the server itself, or those to any other, which know no credentials."""
        with self._lock:
            if self.closed:
                raise ConnectionFailed(CLOSED)
            if own not in self._pools:
                urls = (self.settings.api_url, self.settings.stream_url)
                encrypted = not own or any(url.startswith("https:") for url in urls)
                credentials = (self._authorization, self._renewable) if own else (None, None)
                self._pools[own] = _new_pool(*credentials, encrypted=encrypted, route=self._route)
            return self._pools[own]


class _Renewing(httpx2.Auth):
    """Credentials that a refusal renews, once per request; then the request goes out again."""

    def __init__(self, renewable: AsyncRenewable) -> None:
        self._renewable = renewable

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The request, and the request again."""
        token = await self._renewable.access_token()
        request.headers["Authorization"] = f"Bearer {token}"
        response = yield request
        if _is_ours(response) and (other := await self._renewable.renewed(token)):
            request.headers["Authorization"] = f"Bearer {other}"
            yield request


def _is_ours(response: httpx2.Response) -> bool:
    """Whether the credentials were refused, rather than by an integration those that a person has there."""
    return response.status_code == 401 and not response.headers.get("www-authenticate", "").startswith("Flowdock-Token")


def _new_pool(
    authorization: str | None, renewable: AsyncRenewable | None, *, encrypted: bool, route: Route
) -> httpx2.AsyncClient:
    headers = {"User-Agent": USER_AGENT} | ({} if authorization is None else {"Authorization": authorization})
    # Loading all certificates takes 40 ms, which a server without encryption need not cost; the empty context that
    # stands for them would trust nobody.
    verify: ssl.SSLContext | bool = True if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if encrypted and route.ca is not None:
        verify = _trusting(route.ca)
    # As many streams may be open as anybody likes.
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=IDLE_SECONDS)
    auth = None if renewable is None else _Renewing(renewable)
    return httpx2.AsyncClient(auth=auth, headers=headers, verify=verify, limits=limits, proxy=route.proxy)


def _trusting(file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except ssl.SSLError as error:
        raise BadSetting(f"ca is {file!r}, in which there are no certificates ({error.reason})") from error


def _note_tries(error: FlowdockError, *, tries: int, seconds: float) -> None:
    error.tries = tries
    if tries > 1 and isinstance(error, ConnectionFailed):
        error.args = (f"{error}; tried {tries} times in {seconds:.1f} s",)


@contextmanager
def _opened(
    wanted: Mapping[str, Path | Attachment], progress: Progress | None
) -> Generator[dict[str, tuple[str, BinaryIO, str | None]]]:
    with ExitStack() as stack:
        files: dict[str, tuple[str, BinaryIO, str | None]] = {}
        for field, file in wanted.items():
            one = attachment(file) if isinstance(file, Path) else file
            files[field] = (one.name, one.opened(stack, progress), one.content_type)
        yield files


def _is_found(status: int, *, again: bool) -> bool:
    del again
    return status in {200, 206, 301, 302, 303, 307, 308}


@contextmanager
def _translated(asked: str, request: httpx2.Request) -> Generator[None]:
    try:
        yield
    except httpx2.RequestError as error:
        server = f"{request.url.scheme}://{request.url.netloc.decode()}"
        reason = str(error) or type(error).__name__
        failure: ConnectionFailed
        if isinstance(error, httpx2.TimeoutException):
            failure = TimedOut(f"{asked} had no answer from {server} in time ({type(error).__name__})")
        elif "CERTIFICATE_VERIFY_FAILED" in reason:
            failure = ConnectionFailed(
                f"{asked} did not trust the certificate of {server} ({reason}); if it is your own, give ca="
            )
        elif isinstance(error, _NEVER_REACHED):
            failure = ConnectionFailed(f"{asked} did not reach {server} ({reason}); is the server running there?")
        else:
            failure = ConnectionFailed(f"{asked} was cut off by {server} ({reason})")
        failure.reached = not isinstance(error, _NEVER_REACHED)
        raise failure from error
