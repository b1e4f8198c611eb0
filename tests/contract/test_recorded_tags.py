"""Which tags the service gave to which message, in which order, case by case."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import pytest

from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Answer, Caller
from tests.contract.recorded import recorded

Case: TypeAlias = Mapping[str, Any]

CASES = recorded("authored/tag-order-cases.json")["cases"]


def named(case: Case) -> str:
    where = "in private: " if "private_to" in case else ""
    return f"{where}{case.get('content', 'a file')}"


def sent(alice: Caller, flow: NewFlow, case: Case) -> Answer:
    if case.get("event") == "file":
        return alice.post_file(f"{flow.path}/messages", "file.txt", b"content")
    path = f"/private/{case['private_to']}" if "private_to" in case else flow.path
    return alice.post(f"{path}/messages", event="message", content=case["content"], tags=case["explicit"])


def test_the_people_are_those_of_the_recording(server: Server) -> None:
    people = (server.user, server.second_user, server.third_user)

    assert [(account.nick, account.id) for account in people] == [("alice", 1), ("bob", 2), ("carol", 3)]


@pytest.mark.parametrize("case", [case for case in CASES if "tags" in case], ids=named)
def test_a_message_is_tagged_as_recorded(alice: Caller, new_flow: NewFlow, case: Case) -> None:
    assert sent(alice, new_flow, case).json["tags"] == case["tags"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if "edit_to" in case], ids=lambda case: f"{case['edit_from']} → {case['edit_to']}"
)
def test_an_edit_changes_tags_as_recorded(alice: Caller, new_flow: NewFlow, case: Case) -> None:
    path = f"{new_flow.path}/messages"
    message_id = alice.post(path, event="message", content=case["edit_from"]).json["id"]

    with alice.stream(f"/stream/flows?filter={new_flow.id}") as stream:
        alice.put(f"{path}/{message_id}", content=case["edit_to"])
        edit, change = stream.next(), stream.next()

    assert edit["content"] == {"message": message_id, "updated_content": case["edit_to"]}
    assert change["content"] == {"message": message_id, **case["tag_change"]}
    assert (edit["event"], change["event"]) == ("message-edit", "tag-change")


def test_every_recorded_case_is_played() -> None:
    assert all(("tags" in case) != ("edit_to" in case) for case in CASES)
