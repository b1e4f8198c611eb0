"""Whatever is public says how it is used, and what it says works."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from flowdock.client import profile
from flowdock.server import passwords
from flowdock.server.actions import setting_up
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.contract import oauth as asking
from tests.docs import shown
from tests.docs.cast import ORG, Cast
from tests.docs.shown import Documented

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63f8cfc0f01f0005000"
    "1ff56c72f0d0000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[bool, Server]]:
    """One for each flavour, because the same example runs in both."""
    with ExitStack() as running:
        made = {kind: running.enter_context(Server(tmp_path_factory.mktemp("server"))) for kind in (False, True)}
        for server in made.values():
            server.do(_make_people)
        yield made


@pytest.fixture
def server(one: Documented, servers: Mapping[bool, Server]) -> Server:
    return servers[one.is_async]


def _make_people(tx: Transaction) -> None:
    for nick, email in (("Ray_", "ray@example.com"), ("zoe", asking.EMAIL)):
        setting_up.create_user(
            tx, nick=nick, email=email, name=nick, password_hash=passwords.hashed(asking.PASSWORD), org=ORG, admin=False
        )


@pytest.fixture(scope="module")
def integration() -> Iterator[str]:
    """The address of a program that does what a button wants."""

    class Done(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Done) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/builds/42/again"
        running.shutdown()
        thread.join()


@pytest.fixture
def _at_home(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who has the server's address and some files at hand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLOWDOCK_API_URL", server.url)
    monkeypatch.setenv("FLOWDOCK_PROFILE", str(tmp_path / "no-profile.json"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    stored = {"api_url": server.url, "token": server.user.token}
    profile.write(profile.place(os.environ, "work"), stored)
    for name in ("diagram.png", "plan.png", "squirrel.png"):
        (tmp_path / name).write_bytes(PICTURE)
    (tmp_path / "diagrams").mkdir()


def test_whatever_is_made_or_called_with_something_has_an_example() -> None:
    assert [one.name for one in shown.everything() if one.wants_example and not one.example] == []


@pytest.mark.usefixtures("_at_home")
@pytest.mark.parametrize("one", [one for one in shown.everything() if one.example], ids=lambda one: one.name)
def test_an_example_does_what_it_says(one: Documented, server: Server, integration: str) -> None:
    Cast(server, one.example, is_async=one.is_async, integration=integration).run()
