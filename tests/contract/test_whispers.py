"""What is heard and never stored: that somebody is writing."""

from typing import Any

import pytest

from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Caller, basic, said
from tests.contract.recorded import recorded
from tests.contract.shapes import differences

TYPING = {"event": "typing"}


def heard(stream: Any, alice: Caller, path: str) -> list[Any]:
    """What is told up to a message that is sent now."""
    alice.post(path, event="message", content="done")
    return stream.until(said("done"))[:-1]  # type: ignore[no-any-return]


def test_that_somebody_writes_is_heard_in_the_shape_of_what_is_not_stored(alice: Caller, new_flow: NewFlow) -> None:
    with alice.stream(f"/stream/flows?filter={new_flow.id}") as stream:
        answer = alice.post(f"{new_flow.path}/messages", **TYPING)
        event = stream.next()

    assert (answer.status, answer.body) == (202, b"{}")
    assert (event["event"], event["content"], event["flow"]) == ("typing", {}, new_flow.id)
    cases = recorded("authored/event-shapes.json")["cases"]
    [activity] = [case["event"] for case in cases if case["kind"] == "activity.user"]
    assert differences(activity, event) == {"- content.last_activity", "id: number → null"}


def test_it_is_not_among_the_messages_and_takes_no_number(alice: Caller, new_flow: NewFlow) -> None:
    first = alice.post(f"{new_flow.path}/messages", event="message", content="a").json["id"]
    alice.post(f"{new_flow.path}/messages", **TYPING)
    second = alice.post(f"{new_flow.path}/messages", event="message", content="b").json["id"]

    assert second == first + 1
    assert [one["event"] for one in alice.get(f"{new_flow.path}/messages?limit=2").json] == ["message", "message"]


def test_it_names_the_thread_that_is_written_into(alice: Caller, new_flow: NewFlow) -> None:
    thread_id = alice.post(f"{new_flow.path}/messages", event="message", content="a").json["thread_id"]
    with alice.stream(f"/stream/flows?filter={new_flow.id}") as stream:
        alice.post(f"{new_flow.path}/threads/{thread_id}/messages", **TYPING)
        assert stream.next()["content"] == {"thread_id": thread_id}

    assert alice.post(f"{new_flow.path}/messages", **TYPING, thread_id="A" * 27).status == 404


def test_it_is_told_once_in_a_while_by_place_however_often_it_is_sent(
    alice: Caller, bob: Caller, new_flow: NewFlow
) -> None:
    with alice.stream(f"/stream/flows?filter={new_flow.id}") as stream:
        for caller in (alice, bob, alice, alice, bob):
            assert caller.post("/messages", flow=new_flow.id, **TYPING).status == 202
        told = heard(stream, alice, f"{new_flow.path}/messages")

    assert [one["event"] for one in told] == ["typing", "typing"]
    assert len({one["user"] for one in told}) == 2


def test_in_private_both_hear_it_and_nothing_begins(server: Server, alice: Caller, bob: Caller) -> None:
    third = Caller(server.url, basic(server.third_user.token))
    with bob.stream("/stream/flows?user=1") as theirs, alice.stream("/stream/flows?user=1") as own:
        assert alice.post(f"/private/{server.second_user.id}/messages", **TYPING).status == 202
        events = [theirs.next(), own.next()]

    assert events[0] == events[1]
    assert (events[0]["to"], events[0]["user"]) == (str(server.second_user.id), str(server.user.id))
    assert third.get("/private").json == bob.get("/private").json == []


@pytest.mark.parametrize("path", ["/flows/acme/nowhere/messages", "/private/999999/messages"])
def test_nobody_writes_where_there_is_nothing(alice: Caller, path: str) -> None:
    assert alice.post(path, **TYPING).status == 404


def test_an_integration_does_not_write(new_flow: NewFlow, server: Server) -> None:
    assert Caller(server.url).post("/messages", flow_token=new_flow.flow_token, **TYPING).status == 400
