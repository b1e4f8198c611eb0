"""Who is there: told to streams that ask for it, of people who share a flow with their reader."""

from collections.abc import Iterator
from typing import Any

import pytest

from flowdock.server.actions import setting_up
from flowdock.server.http.takeover import FlowdockProtocol
from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Caller, Stream, basic
from tests.contract.recorded import recorded
from tests.contract.shapes import differences

ACTIVE, IDLE, OFFLINE = 2_000_000, 1_000_000, 0
SSE = "text/event-stream"


@pytest.fixture(scope="module", params=[FlowdockProtocol, "h11"], ids=["handed over", "any server"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that hands connections over to the streams, and one that does not."""
    with Server(tmp_path_factory.mktemp("server"), http=request.param) as running:
        yield running


@pytest.fixture
def third(server: Server) -> Caller:
    return Caller(server.url, basic(server.third_user.token))


def watch(caller: Caller, flow: NewFlow, **how: Any) -> Stream:
    return caller.stream(f"/stream/flows?filter={flow.id}&presence=1", **how)


def until(stream: Stream, user_id: int, state: int) -> list[Any]:
    """What is told of people up to this."""
    told: list[Any] = []
    while not told or (told[-1]["user_id"], told[-1]["content"]["state"]) != (user_id, state):
        event = stream.next()
        told += [event] if event["event"] == "presence" else []
    return told


def test_everybody_with_whom_one_shares_a_flow_is_told_of_first_in_the_recorded_shape(
    server: Server, alice: Caller, new_flow: NewFlow
) -> None:
    with watch(alice, new_flow) as stream:
        told = [stream.next() for _ in range(3)]

    everybody = {server.user.id, server.second_user.id, server.third_user.id}
    assert {one["user_id"] for one in told} == everybody
    assert {one["content"]["state"] for one in told} == {OFFLINE}
    assert differences(recorded("oulu-events/flowdock_events/presence_event.json"), told[0]) == set()


def test_who_comes_idles_and_goes_is_told_of_once_for_each(
    server: Server, alice: Caller, bob: Caller, new_flow: NewFlow
) -> None:
    user_id = server.second_user.id
    with watch(alice, new_flow) as stream:
        until(stream, user_id, OFFLINE)
        with bob.stream(f"/stream/flows?filter={new_flow.id}&active=idle"):
            until(stream, user_id, IDLE)
            with bob.stream("/stream/flows?user=1&active=true"), bob.stream("/stream/flows?user=1&active=true"):
                until(stream, user_id, ACTIVE)
            assert [one["content"]["state"] for one in until(stream, user_id, IDLE)] == [IDLE]
        assert [one["content"]["state"] for one in until(stream, user_id, OFFLINE)] == [OFFLINE]


def test_who_was_there_before_is_told_of_at_the_beginning(
    server: Server, alice: Caller, bob: Caller, new_flow: NewFlow
) -> None:
    user_id = server.second_user.id
    with watch(alice, new_flow) as first, bob.stream("/stream/flows?user=1&active=true"):
        until(first, user_id, ACTIVE)
        with watch(alice, new_flow) as second:
            assert OFFLINE not in [
                one["content"]["state"] for one in until(second, user_id, ACTIVE) if one["user_id"] == user_id
            ]


def test_whose_stream_says_nothing_of_them_is_not_there(
    server: Server, alice: Caller, bob: Caller, third: Caller, new_flow: NewFlow
) -> None:
    with watch(alice, new_flow) as stream, bob.stream("/stream/flows?user=1"):
        until(stream, server.third_user.id, OFFLINE)
        with third.stream("/stream/flows?user=1&active=true"):
            told = until(stream, server.third_user.id, ACTIVE)

    assert (server.second_user.id, ACTIVE) not in [(one["user_id"], one["content"]["state"]) for one in told]


def test_who_did_not_ask_is_told_of_nobody(server: Server, alice: Caller, bob: Caller, new_flow: NewFlow) -> None:
    with alice.stream(f"/stream/flows?filter={new_flow.id}") as stream, watch(alice, new_flow) as watching:
        with bob.stream("/stream/flows?user=1&active=true"):
            until(watching, server.second_user.id, ACTIVE)
        alice.post(f"{new_flow.path}/messages", event="message", content="done")
        assert [one["event"] for one in stream.until(lambda one: one["event"] == "message")] == ["message"]


def test_server_sent_events_carry_it_with_where_the_reader_is(alice: Caller, new_flow: NewFlow) -> None:
    number = alice.post(f"{new_flow.path}/messages", event="message", content="a").json["id"]
    with watch(alice, new_flow, accept=SSE) as stream:
        cursor, event = stream.next_with_cursor()

    assert (cursor, event["event"]) == (str(number), "presence")


@pytest.fixture
def stranger(server: Server) -> tuple[int, Caller, str]:
    """Somebody of another organization, and their flow."""

    def made(tx: Any) -> tuple[int, str, str]:
        org, name = (f"{kind}{tx.entropy(5).hex()}" for kind in "os")
        org = setting_up.create_organization(tx, org)
        user_id = setting_up.create_user(
            tx, nick=name, email=f"{name}@example.com", name=name, password_hash=None, org=org, admin=True
        )
        token = setting_up.create_token(tx, user_id=user_id, label="")
        return user_id, token, setting_up.create_flow(tx, org=org, name="own", creator=user_id)

    user_id, token, flow_id = server.do(made)
    return user_id, Caller(server.url, basic(token)), flow_id


def test_people_who_share_no_flow_are_told_nothing_of_each_other(
    server: Server, alice: Caller, bob: Caller, new_flow: NewFlow, stranger: tuple[int, Caller, str]
) -> None:
    their_id, them, their_flow = stranger
    with (
        them.stream(f"/stream/flows?filter={their_flow}&presence=1&active=idle") as theirs,
        watch(alice, new_flow) as own,
    ):
        seen_by_them = until(theirs, their_id, IDLE)
        with bob.stream("/stream/flows?user=1&active=true"):
            seen = until(own, server.second_user.id, ACTIVE)
            with them.stream("/stream/flows?user=1&active=true"):
                seen_by_them += until(theirs, their_id, ACTIVE)
        seen += until(own, server.second_user.id, OFFLINE)

    assert {one["user_id"] for one in seen_by_them} == {their_id}
    assert their_id not in {one["user_id"] for one in seen}
