"""Mail to a flow's address, brought as a mail server brings it, and what comes of it."""

import smtplib
from collections.abc import Iterator
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from flowdock.server.mail.listener import RECIPIENTS
from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Caller
from tests.contract.recorded import recorded
from tests.contract.shapes import differences
from tests.server.mail.letters import PNG, rich, written

SENDER = "ann@example.net"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server"), mail_listen="lmtp") as running:
        yield running


@pytest.fixture
def lmtp(server: Server) -> Iterator[smtplib.LMTP]:
    with closing(smtplib.LMTP("127.0.0.1", server.mail_port, timeout=20)) as connection:
        yield connection


@pytest.fixture
def address(alice: Caller, new_flow: NewFlow) -> str:
    return str(alice.get(new_flow.path).json["email"])


def mails(alice: Caller, flow: NewFlow) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = alice.get(f"{flow.path}/messages", event="mail").json
    return found


def tagged(address: str, *tags: str) -> str:
    return address.replace("@", "".join(f"+{tag}" for tag in tags) + "@")


def test_a_mail_has_the_shape_of_the_recorded_one(
    lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str
) -> None:
    with alice.stream(f"/stream/flows?filter={new_flow.id}") as stream:
        lmtp.sendmail(SENDER, [address], written().as_bytes())
        event = stream.next()

    assert differences(recorded("oulu-events/flowdock_events/email_event.json"), event) == {
        "+ thread",
        "+ thread_id",
        "+ uuid",
        "+ created_at",
        "+ emojiReactions",
    }
    assert (event["user"], event["content"]["subject"]) == ("0", "Server is down")
    assert event["content"]["from"] == [{"name": "Ann Example", "address": "ann@example.net"}]


def test_its_files_are_fetched_as_they_were_sent(
    lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str
) -> None:
    lmtp.sendmail(SENDER, [address], rich().as_bytes())

    (item,) = mails(alice, new_flow)
    assert item["tags"] == [":file"]
    fetched = {}
    for one in item["attachments"]:
        answer = alice.get(quote(one["path"]))
        moved = answer.headers["Location"]
        fetched[one["file_name"]] = alice.get(moved.removeprefix(alice.url)).body if moved else answer.body
    assert fetched == {"inside.png": PNG, "zahlen.csv": b"a,b\n1,2\n", "nötes.txt": b"notes\n"}


def test_tags_of_the_address_are_tags_of_the_item_whichever_it_was_sent_to(
    lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str
) -> None:
    lmtp.sendmail(SENDER, [tagged(address, "bug"), tagged(address, "urgent", "bug"), address], written().as_bytes())

    (item,) = mails(alice, new_flow)
    assert item["tags"] == ["bug", "urgent"]


def test_a_mail_brought_twice_is_stored_once_and_an_answer_joins_its_thread(
    lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str
) -> None:
    question, answer = written(Message_ID="<q@x>"), written("Re: it", Message_ID="<a@x>", In_Reply_To="<q@x>")
    for message in (question, question, answer):
        assert lmtp.sendmail(SENDER, [address], message.as_bytes()) == {}

    first, second = mails(alice, new_flow)
    assert first["thread_id"] == second["thread_id"]


def test_each_recipient_has_an_answer_of_its_own(
    lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str
) -> None:
    absent, foreign = "absent" + address[address.index("@") :], "main@example.org"

    refused = lmtp.sendmail(SENDER, [absent, address, foreign], written().as_bytes())

    assert {one: answer[0] for one, answer in refused.items()} == {absent: 550, foreign: 550}
    assert len(mails(alice, new_flow)) == 1


def test_an_archived_flow_takes_none(lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str) -> None:
    alice.put(new_flow.path, disabled=True)

    with pytest.raises(smtplib.SMTPRecipientsRefused, match="archived"):
        lmtp.sendmail(SENDER, [address], written().as_bytes())


@pytest.mark.parametrize("sender_and_reason", [("", "no"), (SENDER, "auto-replied")])
def test_bounces_and_automatic_replies_are_taken_and_left_out(
    lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str, sender_and_reason: tuple[str, str]
) -> None:
    sender, reason = sender_and_reason
    message = written(Auto_Submitted=reason)

    assert lmtp.sendmail(sender, [address], message.as_bytes()) == {}
    assert mails(alice, new_flow) == []


def test_what_this_site_itself_sent_is_left_out(
    server: Server, lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str
) -> None:
    name = server.do(lambda tx: tx.site.name)

    lmtp.sendmail(SENDER, [address], written(X_Flowdock=name).as_bytes())
    lmtp.sendmail(SENDER, [address], written("Another", X_Flowdock="another-site").as_bytes())

    assert [one["content"]["subject"] for one in mails(alice, new_flow)] == ["Another"]


def test_recipients_are_so_many(lmtp: smtplib.LMTP, address: str) -> None:
    lmtp.ehlo_or_helo_if_needed()
    lmtp.mail(SENDER)
    codes = [lmtp.rcpt(tagged(address, str(number)))[0] for number in range(RECIPIENTS + 1)]

    assert codes == [250] * RECIPIENTS + [452]


def test_a_mail_that_is_announced_too_large_is_refused_at_once(lmtp: smtplib.LMTP) -> None:
    lmtp.ehlo_or_helo_if_needed()

    assert lmtp.mail(SENDER, ["SIZE=1000000000"])[0] == 552


def test_a_line_that_is_too_long_is_refused_for_each_recipient(
    lmtp: smtplib.LMTP, alice: Caller, new_flow: NewFlow, address: str
) -> None:
    refused = [address, tagged(address, "bug")]
    with pytest.raises(smtplib.SMTPDataError):
        lmtp.sendmail(SENDER, refused[:1], b"\r\n" + b"x" * 200_000)

    lmtp.mail(SENDER)
    for one in refused:
        lmtp.rcpt(one)
    lmtp.putcmd("data")
    assert lmtp.getreply()[0] == 354
    lmtp.send(b"x" * 200_000 + b"\r\n.\r\n")
    assert [lmtp.getreply()[0] for _ in refused] == [500, 500]
    assert lmtp.noop()[0] == 250


def test_there_is_no_sign_in(lmtp: smtplib.LMTP) -> None:
    lmtp.ehlo_or_helo_if_needed()

    assert not lmtp.has_extn("auth")
    assert lmtp.docmd("AUTH", "PLAIN AGEAYg==")[0] >= 500


@pytest.mark.parametrize("command", [b"MAIL FROM:<((((", b"RCPT TO:<>", b"DATA", b"\x00", b"X" * 900])
def test_hostile_commands_are_answered(lmtp: smtplib.LMTP, command: bytes) -> None:
    lmtp.ehlo_or_helo_if_needed()
    lmtp.send(command + b"\r\n")

    assert 500 <= lmtp.getreply()[0] < 600
    assert lmtp.noop()[0] == 250


def test_by_smtp_all_recipients_have_one_answer(tmp_path: Path) -> None:
    with Server(tmp_path, mail_listen="smtp") as server:
        alice = Caller(server.url, {"Authorization": f"Bearer {server.user.token}"})
        path = f"/flows/{server.org}/{server.flow}"
        address = alice.get(path).json["email"]
        with smtplib.SMTP("127.0.0.1", server.mail_port, timeout=20) as connection:
            message: EmailMessage = written()
            refused = connection.sendmail(SENDER, [address, "main@example.org"], message.as_bytes())

        assert list(refused) == ["main@example.org"]
        assert len(alice.get(f"{path}/messages", event="mail").json) == 1
