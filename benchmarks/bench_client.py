"""The client: calls beside the bare HTTP library, plain and over TLS; events per second; memory of a long stream.

python -m benchmarks.bench_client            (with a number of events, a million if not given)

The other side is a program of its own on the other core that answers with fixed bytes: measured is the client.
"""

import asyncio
import multiprocessing
import os
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import httpx2
import trustme

import flowdock
from benchmarks import harness
from flowdock.protocol.stream import SseDecoder

CALLS, ROUNDS = 1500, 7
EVENT = (
    '{"event":"message","tags":["release",":thread"],"uuid":"nqGdA3gvqpVh4xLk","persist":false,"id":%d,'
    '"flow":"3f8b0a52-3c1c-4b7e-9a39-6a6ef5a0c1d2","content":"The build of the main branch has passed everywhere, so '
    'the release may go out today","sent":1600000000000,"app":"chat","created_at":"2020-09-13T12:26:40.000Z",'
    '"attachments":[],"user":"42","thread_id":"s4kd9Vq2p1","thread":{"id":"s4kd9Vq2p1","title":"Release",'
    '"initial_message":%d},"emojiReactions":{}}'
)
MESSAGE = (EVENT % (1, 1)).encode()
BLOCK = 100
"""Events in one piece, as a busy server writes them."""


def answer(told: Connection, certificate: str | None) -> None:
    """Serve on a free port: a stream to whoever asks for one, the same message to everybody else."""
    asyncio.run(_answer(told, certificate))


async def _answer(told: Connection, certificate: str | None) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(MESSAGE)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                if b" /stream/" in request:
                    await _stream(writer)
                writer.write(head + MESSAGE)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


async def _stream(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    number = 1
    while True:
        block = "".join(f"id: {at}\ndata: {EVENT % (at, at)}\n\n" for at in range(number, number + BLOCK)).encode()
        writer.write(b"%x\r\n%b\r\n" % (len(block), block))
        await writer.drain()
        number += BLOCK


@contextmanager
def other_side(certificate: str | None = None) -> Iterator[int]:
    """The port of a running answerer."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=answer, args=(there, certificate), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.kill()
        process.join()


def per_second(call: Callable[[], object]) -> float:
    """How often a call is made in a second."""
    begun = time.perf_counter()
    for _ in range(CALLS):
        call()
    return CALLS / (time.perf_counter() - begun)


def calls(url: str, ca: str | None) -> tuple[float, float, float]:
    """Calls per second of the bare library and of the client, and the median ratio of the rounds."""
    verify: ssl.SSLContext | bool = True if ca is None else ssl.create_default_context(cafile=ca)
    path = f"{url}/flows/acme/main/messages/1"
    with (
        httpx2.Client(headers={"Authorization": "Basic dDo="}, verify=verify) as bare,
        flowdock.connect(token="t", org="acme", flow="main", api_url=url, ca=ca) as flow,  # noqa: S106 - no secret
    ):
        rounds = [(per_second(lambda: bare.get(path).json()), per_second(lambda: flow.show(1))) for _ in range(ROUNDS)]
    ratios = [client / library for library, client in rounds]
    return *(statistics.median(column) for column in zip(*rounds, strict=True)), statistics.median(ratios)


def decoded(count: int) -> float:
    """Events per second that the decoder makes of bytes."""
    blocks = [
        "".join(f"id: {at}\ndata: {EVENT % (at, at)}\n\n" for at in range(begin, begin + BLOCK)).encode()
        for begin in range(1, count, BLOCK)
    ]
    decoder, begun = SseDecoder(), time.perf_counter()
    found = sum(len(decoder.decode(block)) for block in blocks)
    return found / (time.perf_counter() - begun)


def streamed(url: str, count: int) -> tuple[float, float, float]:
    """Events per second of a whole stream, and MiB of memory after a tenth and after all of it."""
    early = 0.0
    flow = flowdock.connect(token="t", org="acme", flow="main", api_url=url)  # noqa: S106 - no secret
    with closing(flow), flow.events() as stream:
        begun = time.perf_counter()
        for number, _ in enumerate(stream, 1):
            if number == count // 10:
                early = memory()
            if number == count:
                break
        seconds = time.perf_counter() - begun
    return count / seconds, early, memory()


async def streamed_async(url: str, count: int) -> float:
    """The same of an asynchronous one."""
    async with flowdock.connect_async(token="t", org="acme", flow="main", api_url=url) as flow:  # noqa: S106 - no secret
        begun, number = time.perf_counter(), 0
        async with flow.events() as stream:
            async for _ in stream:
                number += 1
                if number == count:
                    break
    return count / (time.perf_counter() - begun)


def memory() -> float:
    """Resident memory of this process."""
    return harness.Running(0, os.getpid(), "", "", Path()).rss_mib()


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        authority = trustme.CA()
        trusted, own = Path(folder, "ca.pem"), Path(folder, "own.pem")
        authority.cert_pem.write_to_path(str(trusted))
        authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(own))
        for name, scheme, ca, certificate in (
            ("plain", "http", None, None),
            ("TLS", "https", str(trusted), str(own)),
        ):
            with other_side(certificate) as port:
                library, client, ratio = calls(f"{scheme}://127.0.0.1:{port}", ca)
            rows.append((f"sequential calls, {name}, bare HTTP library", f"{library:,.0f} /s", ""))
            rows.append((f"sequential calls, {name}, this client", f"{client:,.0f} /s", f"{ratio:.0%} of it"))
    rows.append(("events decoded from bytes", f"{decoded(200_000):,.0f} /s", ""))
    with other_side() as port:
        url = f"http://127.0.0.1:{port}"
        speed, early, late = streamed(url, count)
        rows.append(("events of a stream, one by one", f"{speed:,.0f} /s", ""))
        rows.append(("events of a stream, asynchronous", f"{asyncio.run(streamed_async(url, count // 4)):,.0f} /s", ""))
        rows.append((f"memory after {count // 10:,} and {count:,} events", f"{early:.1f} and {late:.1f} MiB", ""))
    harness.table("The client", rows, columns=("what", "reached", ""))


if __name__ == "__main__":
    main()
