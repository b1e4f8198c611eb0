"""A mail to a flow's address comes in once, and answers to it join its thread."""

from typing import Any

import pytest

from flowdock.server.actions import flows, mail_arriving
from flowdock.server.actions.mailing import Mail
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import mails
from flowdock.server.store.transaction import NotFound, Transaction
from tests.server.stage import PLACE, Stage

MAIL = Mail("Server is down", "Look", [{"name": "Ann", "address": "ann@example.net"}], content_type="text/plain")


def arrive(stage: Stage, message_id: str, **more: Any) -> bool:
    return bool(
        stage.write(
            lambda tx: mail_arriving.take_in(tx, log_id=stage.flow_log, mail=MAIL, message_id=message_id, **more)
        )
    )


def mails_of(stage: Stage) -> list[dict[str, Any]]:
    return [stage.show(number) for number in stage.found(app="influx", event="mail")]


def test_a_mail_comes_in_once(stage: Stage) -> None:
    assert arrive(stage, "<a@x>", tags=["bug"])
    assert not arrive(stage, "<a@x>")

    (item,) = mails_of(stage)
    assert (item["user"], item["tags"]) == ("0", ["bug"])


def test_an_answer_joins_the_thread_of_what_it_refers_to(stage: Stage) -> None:
    arrive(stage, "<a@x>")
    arrive(stage, "<b@x>", refers_to=["<a@x>", "<unknown@x>"])
    arrive(stage, "<c@x>", refers_to=["<unknown@x>"])

    first, answer, other = sorted(mails_of(stage), key=lambda one: int(one["id"]))
    assert answer["thread_id"] == first["thread_id"] != other["thread_id"]


def test_two_brought_at_once_are_one(stage: Stage) -> None:
    def write(tx: Transaction) -> bool:
        return mail_arriving.take_in(tx, log_id=stage.flow_log, mail=MAIL, message_id="<a@x>")

    assert sorted(stage.together(write, write)) == [False, True]
    assert len(mails_of(stage)) == 1


def test_an_address_is_that_of_a_flow_which_may_have_it_already(stage: Stage) -> None:
    arrive(stage, "<a@x>")

    def look(message_id: str) -> Any:
        return stage.read(lambda tx: mail_arriving.addressed(tx, **PLACE, message_id=message_id))

    assert look("<a@x>") == mail_arriving.Addressed(stage.flow_log, has_it=True)
    assert look("<b@x>") == mail_arriving.Addressed(stage.flow_log, has_it=False)


def test_there_is_none_for_a_flow_that_is_unknown_or_archived(stage: Stage) -> None:
    with pytest.raises(NotFound):
        stage.read(lambda tx: mail_arriving.addressed(tx, org="acme", flow="absent"))
    stage.act(stage.alice, flows.update_flow, **PLACE, disabled=True)

    with pytest.raises(Refusal, match="403"):
        stage.read(lambda tx: mail_arriving.addressed(tx, **PLACE))
    with pytest.raises(Refusal, match="403"):
        arrive(stage, "<a@x>")


def test_what_refers_to_a_thread_that_is_no_more_begins_one(stage: Stage) -> None:
    stage.write(lambda tx: mails.put(tx, stage.flow_log, "<a@x>", thread_key=123456, number=0))

    assert arrive(stage, "<b@x>", refers_to=["<a@x>"])
    assert mails_of(stage)[0]["thread"]["title"] == "Server is down"
