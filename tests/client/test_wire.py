"""What a client does with the network: deadlines, proxies, certificates, secrets, leaks, several threads and tasks."""

import asyncio
import gc
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import flowdock
from flowdock.testing import Server
from tests.client.flavours import HURRIED, Connect
from tests.client.peer import Exchange, Peer, Serve, eventually

TOKEN = "t0ken-that-nobody-may-see"
FLOW_TOKEN = "fl0w-token-that-nobody-may-see"


def flow_on(connect: Connect, url: str, **keywords: Any) -> Any:
    return connect(**{"token": TOKEN, "org": "acme", "flow": "main", "api_url": url} | keywords)


# Deadlines


def test_a_call_ends_at_its_deadline_and_says_how_often_it_was_tried(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(503, {"message": "later"}))
    patience = replace(HURRIED, tries=10_000, first_wait=0.01, longest_wait=0.01)

    begin = time.monotonic()
    with pytest.raises(flowdock.ServerError) as caught:
        flow_on(connect, peer.url, deadline=0.3, patience=patience).send("Hello")

    assert 0.1 < time.monotonic() - begin < 5
    assert caught.value.tries == len(peer.requests) > 3


def test_a_silent_server_is_asked_again_within_the_deadline(connect: Connect, serve: Serve) -> None:
    async def answer_the_third(exchange: Exchange) -> None:
        if exchange.number < 3:
            await exchange.reader.read()
            return
        await exchange.answer(200, [])

    peer = serve(answer_the_third)

    assert flow_on(connect, peer.url, timeout=0.1, deadline=30).list() == []


def test_a_connection_that_is_cut_again_and_again_is_named_with_its_tries(connect: Connect, serve: Serve) -> None:
    async def cut(exchange: Exchange) -> None:
        exchange.cut()

    peer = serve(cut)

    with pytest.raises(flowdock.ConnectionFailed, match=r"was cut off by .*; tried 4 times in \d+\.\d s") as caught:
        flow_on(connect, peer.url).list()
    assert caught.value.tries == len(peer.requests) == HURRIED.first_tries


def test_what_may_not_be_done_twice_is_not_asked_for_twice(connect: Connect, serve: Serve) -> None:
    async def cut(exchange: Exchange) -> None:
        exchange.cut()

    peer = serve(cut)

    with pytest.raises(flowdock.ConnectionFailed):
        connect(token=TOKEN, api_url=peer.url).create_token("backup")
    assert len(peer.requests) == 1


# Certificates and proxies


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


class Tunnel:
    """A proxy on this machine, or the end of TLS before a peer: passes bytes on, and notes what it is asked for."""

    def __init__(self, peer: Peer, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[str] = []
        self._target = ("127.0.0.1", int(peer.url.rpartition(":")[2]))
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._sockets: list[socket.socket] = [self._listening]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def stop(self) -> None:
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                self._serve(self._listening.accept()[0])

    def _serve(self, accepted: socket.socket) -> None:
        try:
            near = accepted if self._context is None else self._context.wrap_socket(accepted, server_side=True)
        except OSError:  # it does not trust us
            accepted.close()
            return
        far = socket.create_connection(self._target)
        self._sockets += [near, far]
        for one, other in ((near, far), (far, near)):
            self._threads.append(threading.Thread(target=self._pour, args=(one, other)))
            self._threads[-1].start()

    def _pour(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while piece := one.recv(1 << 16):
                self.asked.append(piece.decode("latin-1"))
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)


@pytest.fixture
def encrypted(serve: Serve, authority: trustme.CA) -> Iterator[Tunnel]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    tunnel = Tunnel(serve(lambda exchange: exchange.answer(200, [])), context)
    yield tunnel
    tunnel.stop()


def test_a_certificate_of_ones_own_is_trusted_when_given(connect: Connect, encrypted: Tunnel, trusted: Path) -> None:
    assert flow_on(connect, f"https://127.0.0.1:{encrypted.port}", ca=trusted).list() == []


def test_a_certificate_that_is_not_trusted_is_said_so_with_the_next_step(connect: Connect, encrypted: Tunnel) -> None:
    url = f"https://127.0.0.1:{encrypted.port}"

    with pytest.raises(flowdock.ConnectionFailed, match=f"did not trust the certificate of {url} .*give ca="):
        flow_on(connect, url).list()


@pytest.mark.parametrize(
    "keywords,words",
    [
        ({"ca": "/nowhere/ca.pem"}, "ca is '/nowhere/ca.pem', and there is no such file of certificates"),
        ({"proxy": "proxy.example.com:3128"}, "proxy is not an address such as http://proxy.example.com:3128"),
        ({"proxy": "ftp://user:s3cret@proxy"}, "proxy is not an address such as"),
    ],
)
def test_a_way_that_cannot_be_gone_is_refused_at_once(connect: Connect, keywords: dict[str, str], words: str) -> None:
    with pytest.raises(flowdock.BadSetting, match=words) as caught:
        flow_on(connect, "https://flowdock.example", **keywords)
    assert "s3cret" not in str(caught.value)


def test_a_file_without_certificates_is_said_so(connect: Connect, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing of the kind")

    with pytest.raises(flowdock.BadSetting, match=r"ca is '.*notes.txt', in which there are no certificates"):
        flow_on(connect, "https://127.0.0.1:1", ca=tmp_path / "notes.txt").list()


@pytest.mark.parametrize("given", ["argument", "environment"])
def test_a_proxy_is_gone_through(connect: Connect, serve: Serve, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    tunnel = Tunnel(serve(lambda exchange: exchange.answer(200, [])))
    address = f"http://127.0.0.1:{tunnel.port}"
    if given == "environment":
        monkeypatch.setenv("HTTP_PROXY", address)
    flow = flow_on(connect, "http://flowdock.example", **({"proxy": address} if given == "argument" else {}))
    try:
        assert flow.list() == []
    finally:
        flow.close()
        tunnel.stop()

    assert tunnel.asked[0].startswith("GET http://flowdock.example/flows/acme/main/messages HTTP/1.1\r\n")


# Secrets


def test_no_token_is_ever_shown(connect: Connect, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    with Server(tmp_path / "data") as server:
        file = tmp_path / "plan.txt"
        file.write_text("1. Coffee")
        client = connect(token=server.user.token, api_url=server.url)
        flow = client(org=server.org, flow=server.flow)
        service = connect(flow_token=server.flow_token, api_url=server.url)
        said = flow.upload(file)
        flow.download(said["content"]["path"])
        flow.send("Hello")
        service.present("T-1", flowdock.constructors.author("Ray"), "reported", thread={"title": "Lamp"})
        stream = flow.events(since=said["id"])
        next(stream)
        shown += [repr(one) for one in (client, flow, service, stream, client._transport.settings)]
        stream.close()
    with pytest.raises(flowdock.ConnectionFailed) as failed:
        flow.send("Nobody there")
    shown += [str(failed.value), repr(failed.value), repr(failed.value.__cause__), caplog.text]

    told = "\n".join(shown)
    for secret in (server.user.token, server.flow_token):
        assert secret not in told
    assert "signature=" not in told


# Leaks, and ends


OPEN_FILES = Path("/proc/self/fd")


def open_files() -> int:
    return len(list(OPEN_FILES.iterdir()))


@pytest.mark.skipif(not OPEN_FILES.is_dir(), reason="this system does not tell which files are open")
def test_nothing_is_left_open_whatever_goes_wrong(connect: Connect, serve: Serve, tmp_path: Path) -> None:
    async def misbehave(exchange: Exchange) -> None:
        kind = exchange.number % 5
        if kind == 0:
            await exchange.answer(200, [])
        elif kind == 1:
            exchange.cut()
        elif kind == 2:
            await exchange.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot all of it")
            exchange.cut()
        elif kind == 3:
            await exchange.answer(500, {"message": "no"})
        else:
            await exchange.reader.read()

    peer = serve(misbehave)
    gc.collect()
    before = open_files()
    flow = flow_on(connect, peer.url, timeout=0.02, stream_url=f"{peer.url}/stream")
    for _ in range(20):
        for call in (flow.list, lambda: flow.send("Hello"), lambda: flow.download("/files/1/x", to=tmp_path / "x")):
            with suppress(flowdock.FlowdockError):
                call()
    flow.close()

    eventually(lambda: peer.open_connections == 0)
    eventually(lambda: open_files() <= before)
    assert list(tmp_path.glob("*.part")) == []


def test_a_cancelled_call_leaves_a_client_that_goes_on(serve: Serve) -> None:
    async def slow_now_and_then(exchange: Exchange) -> None:
        if exchange.query.get("limit") == "1":
            await exchange.reader.read()
            return
        await exchange.answer(200, [])

    peer = serve(slow_now_and_then)

    async def cancel_many() -> list[Any]:
        async with flowdock.connect_async(token=TOKEN, org="acme", flow="main", api_url=peer.url) as flow:
            for pause in range(30):
                task = asyncio.create_task(flow.list(limit=1))
                # Each time it has come a little further.
                for _ in range(pause):
                    await asyncio.sleep(0)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            return list(await flow.list())

    assert asyncio.run(cancel_many()) == []
    eventually(lambda: peer.open_connections == 0)


def test_twenty_threads_get_their_own_answers(serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(200, {"id": int(exchange.path.rpartition("/")[2])}))
    wrong: list[int] = []

    def ask(flow: flowdock.Flow, number: int) -> None:
        mine = range(number * 100, number * 100 + 20)
        wrong.extend(at for at in mine if flow.show(at)["id"] != at)

    with flowdock.connect(token=TOKEN, org="acme", flow="main", api_url=peer.url) as flow:
        threads = [threading.Thread(target=ask, args=(flow, number)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert wrong == []
    assert len(peer.requests) == 400


def test_closing_while_others_ask_ends_their_calls_with_an_error(serve: Serve) -> None:
    async def say_nothing(exchange: Exchange) -> None:
        await exchange.reader.read()

    peer = serve(say_nothing)
    client, failures = flowdock.connect(token=TOKEN, api_url=peer.url, timeout=0.3), list[Exception]()

    def ask() -> None:
        try:
            client.me()
        except flowdock.FlowdockError as error:
            failures.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    eventually(lambda: len(peer.requests) == 1)
    client.close()
    thread.join(10)

    assert not thread.is_alive()
    assert len(failures) == 1


# Traces


def test_each_call_is_a_span_that_the_server_may_belong_to(connect: Connect, serve: Serve) -> None:
    async def away_at_first(exchange: Exchange) -> None:
        await exchange.answer(*((404, {"message": "no"}) if exchange.number > 1 else (200, [])))

    peer, exporter, provider = serve(away_at_first), InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    flow = flow_on(connect, peer.url, tracer=provider.get_tracer("test"))

    flow.list()
    with pytest.raises(flowdock.NotFound):
        flow.show(7)

    listed, shown = exporter.get_finished_spans()
    context = listed.get_span_context()
    assert context is not None
    assert (
        peer.requests[0].headers["traceparent"]
        == f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
    )
    assert listed.name == "GET /flows/{org}/{flow}/messages"
    assert shown.attributes is not None
    assert shown.attributes["http.response.status_code"] == 404
    assert shown.attributes["error.type"] == "NotFound"
    assert TOKEN not in listed.to_json() + shown.to_json()
