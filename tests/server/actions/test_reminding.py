"""Mail about what waits for somebody."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from flowdock.server.actions import editing, membership, notifying, reminding, sending
from flowdock.server.actions.reminding import PATIENCE
from flowdock.server.store import people
from flowdock.server.store.store import Chance
from flowdock.server.store.transaction import Transaction
from tests.server.stage import PLACE, Stage

Later = Callable[[int], None]


@pytest.fixture
def later(stage: Stage) -> Later:
    """Lets milliseconds pass on a server that sends mail and takes it."""
    moment = [stage.store.now() + PATIENCE]
    site = replace(stage.store.site, sends_mail=True, takes_mail=True)
    stage.store._around = replace(stage.store._around, site=site, chance=Chance(clock=lambda: moment[0]))

    def pass_by(milliseconds: int) -> None:
        moment[0] += milliseconds

    return pass_by


def mails(stage: Stage) -> list[dict[str, Any]]:
    """What lies in the outbox once everybody who is due was written to."""
    stage.write(lambda tx: reminding.remind(tx, 20))
    columns = ("recipient", "subject", "body", "reply_to", "message_id")
    rows = stage.read(lambda tx: tx.rows(f"SELECT {', '.join(columns)} FROM outbox ORDER BY id"))
    return [dict(zip(columns, row, strict=True)) for row in rows]


def test_who_was_mentioned_gets_one_mail_after_ten_minutes(stage: Stage, later: Later) -> None:
    first = stage.send("@bob the lamp is dark")
    stage.send("@bob still dark")
    later(PATIENCE - 1)
    assert mails(stage) == []

    later(1)
    [mail] = mails(stage)
    assert (mail["recipient"], mail["subject"]) == ("bob@example.com", "2 messages wait for you")
    assert "alice in Main:\n  @bob the lamp is dark\n" in mail["body"]
    assert f"/app/acme/main/messages/{first['id']}" in mail["body"]
    assert mails(stage) == [mail]


def test_what_was_read_meanwhile_is_not_told(stage: Stage, later: Later) -> None:
    stage.send("@bob look")
    stage.act(stage.bob, notifying.mark_read, **PLACE)
    later(PATIENCE)
    assert mails(stage) == []


def test_who_is_here_is_told_once_they_have_gone(stage: Stage, later: Later) -> None:
    stage.send("@bob look")
    later(PATIENCE - 1)
    stage.write(lambda tx: people.seen(tx, stage.bob.user_id, active=True))
    later(1)
    assert mails(stage) == []

    later(PATIENCE)
    assert [mail["subject"] for mail in mails(stage)] == ["alice mentioned you in Main"]


def test_private_messages_are_told_too(stage: Stage, later: Later) -> None:
    stage.act(stage.alice, sending.send_privately, user_id=stage.bob.user_id, event="message", content="psst")
    later(PATIENCE)
    [mail] = mails(stage)
    assert (mail["subject"], mail["reply_to"]) == ("alice wrote to you", None)
    assert f"/app/private/{stage.alice.user_id}" in mail["body"]


def test_a_mention_that_an_edit_brings_counts(stage: Stage, later: Later) -> None:
    message = stage.send("look")
    stage.act(stage.alice, editing.edit_message, **PLACE, id=message["id"], content="@bob look")
    later(PATIENCE)
    assert [mail["recipient"] for mail in mails(stage)] == ["bob@example.com"]


def test_an_answer_by_mail_would_join_the_thread(stage: Stage, later: Later) -> None:
    stage.send("@bob look")
    later(PATIENCE)
    [mail] = mails(stage)
    assert mail["reply_to"] == "main@acme.flowdock.example"
    assert stage.row("SELECT number FROM mails WHERE message_id = ?", mail["message_id"]) == (0,)


def test_who_left_or_wants_no_mail_gets_none(stage: Stage, later: Later) -> None:
    def unwanted(tx: Transaction) -> None:
        tx.execute("UPDATE users SET mail_notices = 0 WHERE id = ?", (stage.carol.user_id,))

    stage.write(unwanted)
    stage.send("@bob @carol look")
    stage.act(stage.bob, membership.update_flow_user, **PLACE, user_id=stage.bob.user_id, disabled=True)
    later(PATIENCE)
    assert mails(stage) == []


@pytest.mark.parametrize("tag", [":unread:", ":unread:x", ":unread:99999999999999999999999", ":unread:424242"])
def test_a_tag_that_means_nobody_tells_nobody(stage: Stage, later: Later, tag: str) -> None:
    stage.send("look", tags=[tag])
    later(PATIENCE)
    assert mails(stage) == []


def test_a_server_that_sends_no_mail_notes_nothing(stage: Stage) -> None:
    stage.send("@bob look")
    assert stage.row("SELECT count(*) FROM notices") == (0,)
