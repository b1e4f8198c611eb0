"""Handing mail over to a server that listens on this machine."""

import asyncio
from email.message import EmailMessage

import pytest

from flowdock.server.outgoing.smtp import BadMailServer, MailFailed, MailServer, Smtp, mail_server, sender
from tests.server.outgoing.mailbox import Mailbox


def send(url: str) -> None:
    message = EmailMessage()
    message["Subject"] = "Grüße"
    message.set_content("from Malmö")
    asyncio.run(Smtp(mail_server(url)).send(message, sender="a@x.example", recipient="b@x.example"))


def failure(url: str) -> MailFailed:
    with pytest.raises(MailFailed) as failed:
        send(url)
    return failed.value


@pytest.mark.parametrize(
    "url, server",
    [
        ("smtp://mail.example", MailServer("mail.example", 25, "try")),
        ("smtp://mail.example:587?starttls=yes", MailServer("mail.example", 587, "yes")),
        ("smtp://[::1]/?starttls=no", MailServer("::1", 25, "no")),
        ("smtps://me%40x:p%2Fw@mail.example", MailServer("mail.example", 465, "at once", "me@x", "p/w")),
    ],
)
def test_an_address_names_a_server(url: str, server: MailServer) -> None:
    assert mail_server(url) == server
    assert "p/w" not in repr(server)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://me:hunter2/x@mail.example",
        "smtp://mail.example:many",
        "smtp://mail.example:0",
        "smtp://mail.example/path",
        "smtp://mail.example?starttls=maybe",
        "smtp://mail.example?tls=yes",
        "smtp://mail.example?starttls=yes&starttls=no",
    ],
)
def test_what_names_none_is_told_without_the_password(url: str) -> None:
    with pytest.raises(BadMailServer) as refused:
        mail_server(url)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "flowdock", "a@x.example, b@x.example", "a@x.example\r\nBcc: b@x.example", "@"])
def test_mail_comes_from_one_address(text: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        sender(text)


def test_a_mail_arrives() -> None:
    with Mailbox() as mailbox:
        send(f"smtp://127.0.0.1:{mailbox.port}")
        came = mailbox.next()
    assert (came.sender, came.recipients) == ("a@x.example", ["b@x.example"])
    assert (came.message["Subject"], came.message.get_content()) == ("Grüße", "from Malmö\n")


def test_who_has_a_password_says_it_to_this_machine() -> None:
    with Mailbox(password="correct horse") as mailbox:
        send(f"smtp://flowdock:correct%20horse@127.0.0.1:{mailbox.port}")
        assert mailbox.next().gave_password


def test_a_wrong_password_is_not_told() -> None:
    with Mailbox(password="correct horse") as mailbox:
        failed = failure(f"smtp://flowdock:hunter2@127.0.0.1:{mailbox.port}")
    assert "does not accept the user name" in str(failed)
    assert "hunter2" not in str(failed)
    assert not failed.is_final


@pytest.mark.parametrize("answer, is_final", [("550 no such user", True), ("451 try later", False)])
def test_a_recipient_is_refused_for_good_or_for_now(answer: str, is_final: bool) -> None:
    with Mailbox() as mailbox:
        mailbox.answer = answer
        failed = failure(f"smtp://127.0.0.1:{mailbox.port}")
    assert str(failed) == f"127.0.0.1 says {answer}"
    assert failed.is_final is is_final


def test_where_tls_is_demanded_nothing_is_sent_without() -> None:
    with Mailbox() as mailbox:
        assert "offers no TLS" in str(failure(f"smtp://127.0.0.1:{mailbox.port}?starttls=yes"))
        assert "speaks no TLS" in str(failure(f"smtps://127.0.0.1:{mailbox.port}"))
        assert mailbox.asked.empty()


def test_where_nobody_listens_it_is_tried_again() -> None:
    with Mailbox() as mailbox:
        port = mailbox.port
    failed = failure(f"smtp://127.0.0.1:{port}")
    assert "cannot be reached" in str(failed)
    assert not failed.is_final
