"""Mails of the outbox, as an SMTP server on this machine gets them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flowdock.server.actions import posting
from flowdock.server.store.store import Chance, now
from flowdock.server.store.transaction import Transaction
from flowdock.testing import Server
from tests.conftest import FreshDatabase
from tests.journeys import talking
from tests.server.outgoing.mailbox import Mailbox


class Clock:
    """The present moment, which a test moves on."""

    ahead = 0

    def __call__(self) -> int:
        return now() + self.ahead


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as running:
        yield running


def post(server: Server, recipient: str = "bob@example.com", **more: Any) -> None:
    def put(tx: Transaction) -> bool:
        return posting.post(tx, kind="invitation", recipient=recipient, subject="Come\nin", body="Grüße", **more)

    assert server.do(put)


def rows(server: Server) -> list[tuple[Any, ...]]:
    return server.do(lambda tx: tx.rows("SELECT attempts, error, next_attempt_at FROM outbox ORDER BY id"))


def test_a_mail_is_sent_and_forgotten(tmp_path: Path, mailbox: Mailbox) -> None:
    with Server(tmp_path, mail=f"smtp://127.0.0.1:{mailbox.port}") as server:
        post(server, message_id="<1@x.example>", reply_to="main@acme.example")
        came = mailbox.next()
        talking.wait_until(lambda: not rows(server))
    assert came.recipients == ["bob@example.com"]
    assert came.message.get_content() == "Grüße\n"
    headers = {name: str(value) for name, value in came.message.items()}
    assert headers["Subject"] == "Come in"
    assert headers["Message-ID"] == "<1@x.example>"
    assert headers["Reply-To"] == "main@acme.example"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["From"] == "Flowdock <flowdock@127.0.0.1>"


def test_what_is_refused_for_good_is_given_up_and_says_why(tmp_path: Path, mailbox: Mailbox) -> None:
    mailbox.answer = "550 no such user"
    with Server(tmp_path, mail=f"smtp://127.0.0.1:{mailbox.port}") as server:
        post(server)
        talking.wait_until(lambda: rows(server) == [(1, "127.0.0.1 says 550 no such user", None)])


def test_who_is_nobody_is_given_up_without_asking(tmp_path: Path, mailbox: Mailbox) -> None:
    with Server(tmp_path, mail=f"smtp://127.0.0.1:{mailbox.port}") as server:
        post(server, "a@x.example,b@x.example")
        talking.wait_until(lambda: rows(server)[0][0] == 1)
        assert rows(server)[0][2] is None
    assert mailbox.asked.empty()


def test_what_is_refused_for_now_is_sent_later_also_by_the_next_server(tmp_path: Path, mailbox: Mailbox) -> None:
    clock = Clock()
    mailbox.answer = "451 try later"
    with Server(tmp_path, mail=f"smtp://127.0.0.1:{mailbox.port}", chance=Chance(clock=clock)) as server:
        post(server)
        talking.wait_until(lambda: rows(server)[0][0] == 1)
        server.stop()
        mailbox.answer = "250 OK"
        clock.ahead += 11_000
        server.start()
        mailbox.next()


def test_of_two_processes_one_sends_each_mail(tmp_path: Path, mailbox: Mailbox, fresh_database: FreshDatabase) -> None:
    database, mail = fresh_database(), f"smtp://127.0.0.1:{mailbox.port}"
    with (
        Server(tmp_path / "1", database=database, mail=mail) as first,
        Server(tmp_path / "2", database=database, mail=mail, beside=first),
    ):
        recipients = [f"{number}@x.example" for number in range(30)]
        for recipient in recipients:
            post(first, recipient)
        came = [mailbox.next().recipients[0] for _ in recipients]
        talking.wait_until(lambda: not rows(first))
    assert sorted(came) == sorted(recipients)
    assert mailbox.came.empty()
