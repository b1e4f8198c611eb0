"""One request to an address that somebody chose: guarded, bounded in time and size, never redirected.

No cookie, no proxy of the environment, no credentials of ours. The name in a certificate is compared with the host of
the address, although the connection goes to an address of the network that was looked up and checked before.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import httpcore2
import httpx2

from flowdock.server.outgoing.failures import OutgoingError, TookTooLong, Unreachable
from flowdock.server.outgoing.guard import Guard
from flowdock.server.outgoing.names import Names

CONNECT_SECONDS = 5.0
ANSWER_BYTES = 64 * 1024
"""More of an answer is not read."""
IDLE_SECONDS = 15.0
CONNECTIONS = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; the body may be cut off. Names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the request was granted."""
        return 200 <= self.status < 300


class Outgoing:
    """Asks addresses that people chose. `close` it.

    `seconds` are for everything: looking the name up, connecting, sending, the answer. `trust` says which certificates
    are believed, those of the system when left out.
    """

    def __init__(self, guard: Guard, *, seconds: float, trust: ssl.SSLContext | None = None) -> None:
        self.guard = guard
        self._names = Names(guard)
        self._trust = trust
        self._seconds = seconds
        self._agent = f"Flowdock/{version('flowdock')}"
        self._opening = asyncio.Lock()
        self._pool: httpcore2.AsyncConnectionPool | None = None

    async def request(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request; any status is one.

        Raises:
            NotAllowed: the address may not be asked.
            Unreachable: there was no answer, or no sensible one.
            TookTooLong: there was none in time.
        """
        target = self.guard.checked(url)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._asked(method, target, headers, body)
        except OutgoingError:
            raise
        except (TimeoutError, httpcore2.TimeoutException) as error:
            raise TookTooLong(f"there was no answer within {self._seconds:g} seconds") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ConnectionNotAvailable) as error:
            raise Unreachable(_reason(error)) from error

    async def close(self) -> None:
        """End all connections."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _asked(self, method: str, target: httpx2.URL, headers: Mapping[str, str], body: bytes) -> Answer:
        sent = {"Host": target.netloc.decode("ascii"), "User-Agent": self._agent, "Accept-Encoding": "identity"}
        sent |= {"Content-Length": str(len(body)), **headers}
        url = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        async with (await self._opened()).stream(
            method, url, headers=[(name.encode(), value.encode()) for name, value in sent.items()], content=body
        ) as response:
            read = bytearray()
            async with aclosing(response.aiter_stream()) as pieces:
                async for piece in pieces:
                    read += piece
                    if len(read) >= ANSWER_BYTES:
                        break
            said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            return Answer(response.status, said, bytes(read[:ANSWER_BYTES]))

    async def _opened(self) -> httpcore2.AsyncConnectionPool:
        async with self._opening:
            if self._pool is None:
                # Loading all certificates takes a while.
                trust = self._trust or await asyncio.to_thread(ssl.create_default_context)
                self._pool = httpcore2.AsyncConnectionPool(
                    ssl_context=trust,
                    max_connections=CONNECTIONS,
                    keepalive_expiry=IDLE_SECONDS,
                    network_backend=_Checked(self._names),
                )
            return self._pool


class _Checked(httpcore2.AsyncNetworkBackend):
    """Connects to no address but those that a name may mean."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore2.AsyncNetworkStream:
        """A connection to one of the host's addresses, the first that answers."""
        del timeout
        addresses = await self._names.resolve(host, port)
        for address in addresses[:-1]:
            with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                return await self._network.connect_tcp(address, port, CONNECT_SECONDS, local_address, socket_options)
        return await self._network.connect_tcp(addresses[-1], port, CONNECT_SECONDS, local_address, socket_options)

    async def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        """Never: nobody chooses a file."""
        raise NotImplementedError(path)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def _reason(error: Exception) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not valid: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "it speaks no TLS that this server understands"
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpcore2.ConnectError | httpcore2.ConnectTimeout):
        return "nobody answers there"
    return "the connection was cut off" if isinstance(error, httpcore2.NetworkError) else "what answers is not HTTP"
