"""A diagnosis names what is wrong, with the next step: of real peers with real faults."""

import json
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from flowdock.cli import doctor
from flowdock.cli.doctor import account, configured, here, network, streaming
from flowdock.cli.doctor import server as answers
from flowdock.cli.doctor.findings import Case, Check, Finding, State
from flowdock.client import profile, settings
from flowdock.testing import Account, Server
from tests.cli.programs import Run
from tests.client.conftest import serve as serve  # noqa: PLC0414 - the fixture
from tests.client.peer import Exchange, Serve


def case(url: str, token: str | None = "t0ken", silence: float = 0.2) -> Case:
    where = settings.resolve({"api_url": url, "token": token}, {}, {})
    return Case(where=where, silence_seconds=silence)


def only(check: Check, at: Case) -> Finding:
    """The last thing that a check finds."""
    return list(check(at))[-1]


def answering(status: int, content: object = None, **options: Any) -> Any:
    async def handle(exchange: Exchange) -> None:
        await exchange.answer(status, content, **options)

    return handle


@contextmanager
def encrypted(certificate: trustme.LeafCert) -> Iterator[str]:
    """A server that shows this certificate and says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def shake_hands() -> None:
            connection, _ = listening.accept()
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

        thread = threading.Thread(target=shake_hands, daemon=True)
        thread.start()
        yield f"https://localhost:{listening.getsockname()[1]}"
        thread.join(10)


def test_where_all_is_well_it_says_so_and_ends_with_0(home: Path, tmp_path: Path, run: Run) -> None:
    with Server(tmp_path / "lively", keep_alive_seconds=0.05) as running:
        assert run("login", "--api-url", running.url, "--token", running.user.token).code == 0
        diagnosis = run("doctor", "--json")

    found = {one["about"]: one for one in map(json.loads, diagnosis.out.splitlines())}
    assert diagnosis.code == 0, diagnosis
    assert [*found] == ["profile", "data", "connection", "server", "clock", "version", "token", "flows", "stream"]
    assert found["token"]["found"] == "of alice (alice@example.com), without limits"
    assert {one["state"] for one in found.values() if one["about"] != "data"} == {"fine"}
    assert set(found["token"]) == {"about", "state", "found", "then"}


def test_what_is_wrong_is_told_with_the_next_step_and_ends_with_1(alice: Account, run: Run) -> None:
    diagnosis = run("doctor", "--token", "wrong")

    assert diagnosis.code == 1
    assert "✗ token" in diagnosis.out
    assert "→ 'flowdock login' keeps another" in diagnosis.out
    assert "stream" not in diagnosis.out


def test_no_secret_is_told(alice: Account, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://user:s3cret@127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "")

    diagnosis = run("doctor", "--json")

    assert "FLOWDOCK_TOKEN" in diagnosis.out
    assert "http://127.0.0.1:1, as the environment says" in diagnosis.out
    assert alice.token not in diagnosis.out
    assert "s3cret" not in diagnosis.out


def test_a_setting_that_cannot_be_used_is_told(home: Path, run: Run) -> None:
    home.mkdir()
    (home / "profile.json").write_text("{")

    diagnosis = run("doctor")

    assert diagnosis.code == 1
    assert "✗ settings" in diagnosis.out
    assert "is not JSON" in diagnosis.out


def test_a_profile_that_others_may_read_is_noted(home: Path) -> None:
    profile.write(home / "profile.json", {"token": "t0ken"})
    (home / "profile.json").chmod(0o644)

    found = only(configured.stored, case("http://127.0.0.1:1"))

    assert (found.state, found.then) == (State.NOTE, f"chmod 600 {home / 'profile.json'}")


def test_an_address_that_puts_the_profile_out_of_use_is_noted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profile.write(home / "profile.json", {"api_url": "http://one.example", "token": "t0ken"})
    monkeypatch.setenv("FLOWDOCK_API_URL", "http://other.example")

    found = only(configured.variables, case("http://other.example"))

    assert found.found == "the token of the profile is for http://one.example and not used for http://other.example"


def test_a_name_without_an_address_is_told() -> None:
    found = only(network.name, case("http://nowhere.invalid"))

    assert found.state is State.WRONG
    assert found.is_end
    assert found.found.startswith("nowhere.invalid has no address: ")


def test_a_port_at_which_nothing_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    found = only(network.connection, case(f"http://127.0.0.1:{port}"))

    assert (found.found, found.then) == (f"127.0.0.1:{port}: Connection refused", "'flowdock up' starts one")


def test_a_proxy_that_does_not_answer_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "")

    found = only(network.connection, case("http://chat.example"))

    assert (found.found, found.then) == (
        "127.0.0.1:1: Connection refused",
        "that is the proxy; NO_PROXY=chat.example goes the direct way",
    )


def test_a_certificate_of_an_unknown_authority_is_told_and_can_be_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")

    with encrypted(certificate) as url:
        unknown = only(network.encryption, case(url))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    with encrypted(certificate) as url:
        known = only(network.encryption, case(url))

    assert unknown.found.startswith("the certificate of localhost is not trusted: ")
    assert unknown.then is not None
    assert unknown.then.startswith("SSL_CERT_FILE=FILE names the certificates to trust")
    assert known.state is State.FINE


@pytest.mark.parametrize(
    "name,days,told",
    [
        ("other.example", 90, "✗ use the name that stands in the certificate"),
        ("localhost", -1, "✗ have it renewed; is the clock of this machine right?"),
        ("localhost", 5, "· have it renewed"),
    ],
)
def test_a_certificate_that_does_not_fit_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, days: int, told: str
) -> None:
    authority, now = trustme.CA(), datetime.now(UTC)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    begins, ends = now - timedelta(days=30), now + timedelta(days=days, hours=1)

    with encrypted(authority.issue_cert(name, not_before=begins, not_after=ends)) as url:
        found = only(network.encryption, case(url))

    assert f"{'✗' if found.is_end else '·'} {found.then}".startswith(told)


def test_a_plain_server_at_an_encrypted_address_is_told(server: Server) -> None:
    found = only(network.encryption, case(server.url.replace("http:", "https:")))

    assert found.found.endswith("does not speak TLS: WRONG_VERSION_NUMBER")
    assert found.then == f"does it speak plain HTTP? then its address is {server.url}"


@pytest.mark.parametrize(
    "handler,told",
    [
        (answering(200, raw=b"<html>", headers={"Content-Type": "text/html", "Server": "nginx"}), "by nginx"),
        (answering(404, {"message": "not found"}), "is no Flowdock: it answered 404 application/json"),
        (answering(301, headers={"Location": "https://chat.example/health"}), "leads to https://chat.example"),
        (answering(503, {"status": "unavailable", "message": "disk full"}), "is not well: disk full"),
        (answering(502, raw=b"Bad Gateway"), "is no Flowdock: it answered 502"),
    ],
)
def test_something_else_at_the_port_is_told(serve: Serve, handler: Any, told: str) -> None:
    found = only(answers.health, case(serve(handler).url))

    assert found.is_end
    assert told in found.found


def test_a_server_that_cuts_every_connection_is_told(serve: Serve) -> None:
    async def cut(exchange: Exchange) -> None:
        exchange.cut()

    found = only(answers.health, case(serve(cut).url))

    assert "takes the connection and does not answer" in found.found
    assert found.then is not None
    assert found.then.startswith("something else has taken this port")


@pytest.mark.parametrize("seconds,state", [(0, State.FINE), (600, State.WRONG), (-600, State.WRONG)])
def test_clocks_that_differ_are_told(serve: Serve, seconds: int, state: State) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)

    found = only(answers.health, case(serve(answering(200, {"status": "ok"}, headers={"Date": date})).url))

    assert (found.about, found.state) == ("clock", state)


def test_a_server_of_another_generation_is_noted(serve: Serve) -> None:
    found = only(answers.version, case(serve(answering(200, {"info": {"version": "3.1.0"}})).url))

    assert (found.state, found.found) == (State.NOTE, "3.1.0 there, 2.0.0 here")


def test_without_a_token_there_is_a_way_to_one() -> None:
    found = only(account.token, case("http://127.0.0.1:1", token=None))

    assert found.is_end
    assert found.found == "there is none for http://127.0.0.1:1"


def test_a_limited_token_is_told(server: Server, alice: Account, run: Run) -> None:
    limited = json.loads(run("tokens", "create", "for flows", "--scope", "flow", "--json").out)["token"]

    found = only(account.token, case(server.url, token=limited))

    assert "limited" in found.found
    assert limited not in found.found


def test_somebody_in_no_flow_is_told(server: Server) -> None:
    found = only(account.flows, case(server.url, token=server.stranger().token))

    assert (found.state, found.found) == (State.WRONG, "you are in none")


def test_a_stream_that_something_holds_back_is_told_with_what_stands_between(serve: Serve) -> None:
    async def hold(exchange: Exchange) -> None:
        await exchange.open_stream({"Via": "1.1 office-proxy"})
        await exchange.pause(10)

    found = only(streaming.stream, case(serve(hold).url))

    assert found.found == "it opens, and nothing came for 0.2 s, through via: 1.1 office-proxy"
    assert found.then is not None
    assert "proxy_buffering off" in found.then


@pytest.mark.parametrize(
    "handler,told",
    [
        (answering(200, {"flows": []}), "answered 200 application/json instead of a stream"),
        (answering(404, {"message": "not found"}), "answered 404 application/json instead of a stream"),
    ],
)
def test_a_streaming_address_that_is_none_is_told(serve: Serve, handler: Any, told: str) -> None:
    assert told in only(streaming.stream, case(serve(handler).url)).found


def test_a_stream_that_ends_at_once_is_told(serve: Serve) -> None:
    async def end(exchange: Exchange) -> None:
        await exchange.open_stream()
        await exchange.chunk(b"")

    assert only(streaming.stream, case(serve(end).url)).found == "it opens and ends at once"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everything may be written here")
def test_a_data_folder_that_cannot_be_written_is_told(home: Path) -> None:
    folder = home / "data" / "flowdock"
    folder.mkdir(parents=True)
    (folder / "flowdock.db").touch(0o400)

    found = only(here.data, case("http://127.0.0.1:3569"))

    assert (found.state, found.found) == (State.WRONG, f"{folder / 'flowdock.db'} cannot be written by this user")


def test_a_data_folder_with_room_is_fine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "data" / "flowdock").mkdir(parents=True)

    assert list(here.data(case("https://flowdock.example.com"))) == []
    assert only(here.data, case("http://127.0.0.1:3569")).found.startswith(str(home / "data" / "flowdock"))


def test_a_diagnosis_never_asks_what_a_fault_before_has_answered(serve: Serve) -> None:
    peer = serve(answering(404, {"message": "not found"}))

    found = list(doctor.diagnosis(token="t0ken", api_url=peer.url, silence=0.2))

    assert [one.about for one in found if one.state is State.WRONG] == ["server"]
    assert len(peer.requests) == 1
