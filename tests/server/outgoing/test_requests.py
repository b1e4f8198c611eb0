import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from flowdock.server.outgoing import Answer, Guard, NotAllowed, Outgoing, TookTooLong, Unreachable
from flowdock.server.outgoing.answers import ANSWER_BYTES
from tests.server.outgoing.receiver import Receiver, Reply

HERE = Guard([ip_network("127.0.0.0/8")])


def ask(
    url: str, *, guard: Guard = HERE, trust: ssl.SSLContext | None = None, seconds: float = 10, times: int = 1
) -> Answer:
    async def asked() -> Answer:
        outgoing = Outgoing(guard, trust=trust, seconds=seconds)
        try:
            answers = [
                await outgoing.request("POST", url, headers={"X-Mine": "1"}, body=b"hello") for _ in range(times)
            ]
            return answers[-1]
        finally:
            await outgoing.close()

    return asyncio.run(asked())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def test_what_is_answered_comes_back(receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(418, b"teapot", {"X-Theirs": "2"})

    answer = ask(f"{receiver.url}/a%20b?c=d#e")

    assert (answer.status, answer.body, answer.headers["x-theirs"]) == (418, b"teapot", "2")
    request = receiver.next()
    assert (request.method, request.path, request.body) == ("POST", "/a%20b?c=d", b"hello")
    assert (request.headers["host"], request.headers["x-mine"]) == (f"127.0.0.1:{receiver.port}", "1")
    assert request.headers["user-agent"].startswith("Flowdock/")


def test_an_address_inside_is_not_even_connected_to(receiver: Receiver) -> None:
    for host in ("127.0.0.1", "localhost", "2130706433"):
        with pytest.raises(NotAllowed):
            ask(f"http://{host}:{receiver.port}", guard=Guard())
    assert receiver.came.empty()


def test_the_address_that_was_checked_is_the_one_that_is_asked(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = [], socket.getaddrinfo

    def once_public_then_here(host: str, port: int, *rest: int, **more: int) -> object:
        asked.append(host)
        if host != "rebinding.example":
            return real(host, port, *rest, **more)
        address = "192.0.2.7" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", once_public_then_here)
    guard = Guard([ip_network("192.0.2.0/24")])

    with pytest.raises((Unreachable, TookTooLong)):
        ask(f"http://rebinding.example:{receiver.port}", guard=guard, seconds=0.5)
    assert asked.count("rebinding.example") == 1
    assert receiver.came.empty()


def test_a_redirection_is_an_answer_like_any_other(receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(302, b"", {"Location": f"{receiver.url}/elsewhere", "Set-Cookie": "a=b"})

    assert ask(receiver.url, times=2).status == 302
    assert [receiver.next().path, receiver.next().headers.get("cookie")] == ["/", None]
    assert receiver.came.empty()


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert ask(receiver.url).status == 200
        assert proxy.came.empty()


def test_no_more_of_an_answer_is_read_than_is_needed(receiver: Receiver) -> None:
    receiver.answer = lambda _: Reply(200, b"x" * (50 * ANSWER_BYTES))
    assert ask(receiver.url, times=2).body == b"x" * ANSWER_BYTES


def test_who_does_not_answer_in_time_is_waited_for_no_longer(receiver: Receiver) -> None:
    release = threading.Event()
    receiver.answer = lambda _: Reply(release=release)
    with pytest.raises(TookTooLong, match=r"no answer within 0\.2 seconds"):
        ask(receiver.url, seconds=0.2)
    release.set()


def test_where_nobody_listens_nobody_is_reached() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match="nobody answers there"):
            ask(f"http://127.0.0.1:{taken.getsockname()[1]}")


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """Somebody who says this to whatever comes, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(10)


@pytest.mark.parametrize(
    "answer", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_what_is_not_http_is_no_answer(answer: bytes) -> None:
    with saying(answer) as url, pytest.raises(Unreachable) as failed:
        ask(url)
    assert "ESMTP" not in str(failed.value)


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side of TLS under this name, and that of somebody who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    return serving, ssl.create_default_context(cafile=path)


def test_a_certificate_has_to_be_for_the_name_in_the_address(tmp_path: Path) -> None:
    serving, trusting = certified(tmp_path, "localhost")
    with Receiver(tls=serving) as receiver:
        assert ask(f"https://localhost:{receiver.port}", trust=trusting).status == 200
        with pytest.raises(Unreachable, match="its certificate is not valid"):
            ask(f"https://127.0.0.1:{receiver.port}", trust=trusting)


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    serving, _ = certified(tmp_path, "localhost")
    with Receiver(tls=serving) as receiver, pytest.raises(Unreachable, match="its certificate is not valid"):
        ask(f"https://localhost:{receiver.port}")
