"""The wire under outgoing requests: a pool of connections, each to an address that the guard has seen.

Loaded with the first request: with all it stands on it takes longer and more memory than the rest of a server that
asks nobody.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import aclosing, suppress
from typing import Any

import httpcore2
import httpx2

from flowdock.server.outgoing.answers import ANSWER_BYTES, Answer
from flowdock.server.outgoing.failures import TookTooLong, Unreachable
from flowdock.server.outgoing.names import Names

CONNECT_SECONDS = 5.0
IDLE_SECONDS = 15.0
CONNECTIONS = 100


class Wire:
    """Connections to whomever the guard allows. `close` it."""

    def __init__(self, names: Names, trust: ssl.SSLContext) -> None:
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=trust,
            max_connections=CONNECTIONS,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=_Checked(names),
        )

    async def ask(self, method: str, target: httpx2.URL, *, headers: Mapping[str, str], body: bytes) -> Answer:
        """The answer to one request.

        Raises:
            NotAllowed: the address may not be asked.
            Unreachable: there was no answer, or no sensible one.
            TookTooLong: a connection could not be made in time.
        """
        try:
            return await self._asked(method, target, headers, body)
        except httpcore2.TimeoutException as error:
            raise TookTooLong(f"there was no connection within {CONNECT_SECONDS:g} seconds") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.ConnectionNotAvailable) as error:
            raise Unreachable(_reason(error)) from error

    async def close(self) -> None:
        """End all connections."""
        await self._pool.aclose()

    async def _asked(self, method: str, target: httpx2.URL, headers: Mapping[str, str], body: bytes) -> Answer:
        sent = {"Host": target.netloc.decode("ascii"), "Accept-Encoding": "identity"}
        sent |= {"Content-Length": str(len(body)), **headers}
        url = httpcore2.URL(scheme=target.raw_scheme, host=target.raw_host, port=target.port, target=target.raw_path)
        async with self._pool.stream(
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
