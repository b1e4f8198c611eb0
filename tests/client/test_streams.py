"""Streams of both flavours against the real server: each event once, in order, whatever comes between."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest

import flowdock
from flowdock.testing import Account, Server
from tests.client.flavours import Connect

NUMBERS = count(1)
"""Of the flows, whose names are taken once."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def alice(server: Server) -> Iterator[flowdock.Client]:
    with flowdock.connect(token=server.user.token, api_url=server.url) as client:
        yield client


@pytest.fixture
def bob(connect: Connect, server: Server) -> Any:
    return connect(token=server.second_user.token, api_url=server.url)


@pytest.fixture
def new_flow(alice: flowdock.Client, server: Server) -> Callable[..., flowdock.Flow]:
    def make(*people: Account) -> flowdock.Flow:
        made = alice.create_flow(server.org, f"Streams {next(NUMBERS)}")
        flow = alice(org=server.org, flow=made["parameterized_name"])
        for person in people:
            flow.add_user(person.id)
        return flow

    return make


@pytest.fixture
def flow(new_flow: Callable[..., flowdock.Flow], server: Server) -> flowdock.Flow:
    """A flow of alice's with bob in it, which bob reads."""
    return new_flow(server.second_user)


def name_of(flow: flowdock.Flow) -> str:
    return f"{flow.org}/{flow.flow}"


def said(stream: Any, number: int) -> list[str]:
    """What people say in the next events of a stream."""
    words = (event["content"] for event in stream if event["event"] == "message")
    return list(islice(words, number))


def once(flow: flowdock.Flow, text: str) -> Callable[[str, object], None]:
    """Say something in a flow when a stream is open for the first time."""
    texts = iter([text])

    def note(state: str, _: object) -> None:
        if state == "open" and (left := next(texts, None)):
            flow.send(left)

    return note


def test_a_stream_begins_right_after_a_message(bob: Any, flow: flowdock.Flow) -> None:
    first = flow.send("one")
    flow.send("two")
    flow.edit(first["id"], "one, corrected")
    flow.send("three")

    events = list(islice(bob(org=flow.org, flow=flow.flow).events(since=first["id"]), 3))

    assert [event["event"] for event in events] == ["message", "message-edit", "message"]


def test_a_stream_begins_where_another_was(bob: Any, flow: flowdock.Flow) -> None:
    bobs, number = bob(org=flow.org, flow=flow.flow), flow.send("one")["id"]
    flow.send("two")
    flow.send("three")
    first = bobs.events(since=number - 1)
    assert said(first, 2) == ["one", "two"]

    assert said(bobs.events(since=first.cursor), 1) == ["three"]


def test_a_private_conversation_begins_right_after_a_message(bob: Any, alice: flowdock.Client, server: Server) -> None:
    private = alice(uid=server.second_user.id)
    first = private.send("one")
    for text in ("two", "three"):
        private.send(text)
    stream = bob(uid=server.user.id).events(since=first["id"])
    assert said(stream, 2) == ["two", "three"]

    private.send("four")

    assert said(stream, 1) == ["four"]


def test_a_checkpoint_goes_on_after_the_last_event_that_was_dealt_with(
    bob: Any, flow: flowdock.Flow, tmp_path: Path
) -> None:
    bobs, file = bob(org=flow.org, flow=flow.flow), tmp_path / "seen.db"
    number = flow.send("one")["id"]
    flow.send("two")
    stream = bobs.events(since=number - 1, checkpoint=file)
    assert said(stream, 2) == ["one", "two"]
    stream.close()
    flow.send("three")

    # Nobody asked for the event after "two", so nobody knows whether it was dealt with.
    again = bobs.events(checkpoint=file)
    assert said(again, 1) == ["two"]
    again.handled()
    again.close()
    assert said(bobs.events(checkpoint=file), 1) == ["three"]


def test_a_checkpoint_remembers_where_a_stream_began_that_brought_nothing(
    bob: Any, flow: flowdock.Flow, tmp_path: Path
) -> None:
    bobs, file = bob(org=flow.org, flow=flow.flow), tmp_path / "seen.db"

    def die(state: str, _: object) -> None:
        if state == "open":
            raise SystemExit

    with pytest.raises(SystemExit):
        next(bobs.events(checkpoint=file, on_state=die))
    flow.send("in the meantime")

    assert said(bobs.events(checkpoint=file), 1) == ["in the meantime"]


def test_a_file_that_is_no_checkpoint_is_a_clear_error(bob: Any, flow: flowdock.Flow, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a database, but long enough to be looked at as one" * 20)

    with pytest.raises(
        flowdock.BadSetting, match=r"the checkpoint .*notes\.txt cannot be used: file is not a database"
    ):
        next(bob(org=flow.org, flow=flow.flow).events(checkpoint=tmp_path / "notes.txt"))


def test_the_states_of_a_stream_are_told(bob: Any, flow: flowdock.Flow, server: Server) -> None:
    states: list[str] = []

    def note(state: str, failure: flowdock.FlowdockError | None) -> None:
        states.append(state if failure is None else f"{state}: {type(failure).__name__}")
        if states == ["connecting", "open"]:
            flow.send("before")

    stream = bob(org=flow.org, flow=flow.flow).events(on_state=note)
    assert stream.state == "closed"
    assert said(stream, 1) == ["before"]
    assert stream.state == "open"

    server.stop()
    server.start()
    flow.send("after")

    assert said(stream, 1) == ["after"]
    assert states[:3] == ["connecting", "open", "waiting"]
    assert states[-2:] == ["connecting", "open"]
    stream.close()
    assert (stream.state, states[-1]) == ("closed", "closed")


def test_several_flows_and_private_messages_come_in_one_stream(
    bob: Any, alice: flowdock.Client, new_flow: Callable[..., flowdock.Flow], server: Server
) -> None:
    one, other, unheard = (new_flow(server.second_user) for _ in range(3))

    def speak(state: str, _: object) -> None:
        if state == "open":
            unheard.send("unheard")
            one.send("in one")
            alice(uid=server.second_user.id).send("in private")
            other.send("in the other")

    stream = bob.events(flows=[name_of(one), name_of(other)], private=True, on_state=speak)
    events = list(islice((event for event in stream if event["event"] == "message"), 3))

    assert {event["content"] for event in events} == {"in one", "in private", "in the other"}
    assert [event.get("to") for event in events if event["content"] == "in private"] == [str(server.second_user.id)]


def test_several_places_begin_each_after_a_message_of_its_own(
    bob: Any, alice: flowdock.Client, new_flow: Callable[..., flowdock.Flow], server: Server
) -> None:
    one, other = new_flow(server.second_user), new_flow(server.second_user)
    begins = {name_of(flow): flow.send("heard before")["id"] for flow in (one, other)}
    private = alice(uid=server.second_user.id)
    for conversation in bob.conversations():
        begins[str(conversation["id"])] = private.send("heard before")["id"]
    one.send("one")
    other.send("other")
    private.send("psst")

    stream = bob.events(flows=[name_of(one), name_of(other)], private=True, since=begins)

    assert sorted(said(stream, 3)) == ["one", "other", "psst"]
    one.send("live")
    assert said(stream, 1) == ["live"]


def test_all_flows_are_followed_also_those_one_comes_into_while_reading(
    bob: Any, new_flow: Callable[..., flowdock.Flow], server: Server
) -> None:
    there, later = new_flow(server.second_user), new_flow()
    stream = bob.events(on_state=once(there, "there"))
    assert said(stream, 1) == ["there"]

    later.send("before bob came")
    later.add_user(server.second_user.id)
    later.send("after bob came")
    events = list(islice((event for event in stream if event["event"] in ("message", "flow-add")), 2))

    assert {event["event"] for event in events} == {"message", "flow-add"}
    assert {event["content"] for event in events if event["event"] == "message"} == {"after bob came"}
    there.send("still there")
    assert said(stream, 1) == ["still there"]


def test_a_flow_one_is_put_out_of_is_followed_no_more_and_the_others_are(
    bob: Any, new_flow: Callable[..., flowdock.Flow], server: Server
) -> None:
    stays, goes = new_flow(server.second_user), new_flow(server.second_user)
    stream = bob.events(flows=[name_of(stays), name_of(goes)], on_state=once(goes, "hi"))
    assert said(stream, 1) == ["hi"]

    goes.block(server.second_user.id)
    goes.send("unheard")
    stays.send("heard")

    assert said(stream, 1) == ["heard"]


def test_a_flow_that_is_not_there_is_named(bob: Any) -> None:
    with pytest.raises(flowdock.UnknownName, match=r"no flow 'acme/mian' for this token; client\.flows"):
        next(bob.events(flows=["acme/mian"]))


def test_a_position_that_the_server_does_not_know_is_a_gap_after_which_the_stream_goes_on(
    bob: Any, flow: flowdock.Flow
) -> None:
    stream = bob(org=flow.org, flow=flow.flow).events(since="nonsense")

    with pytest.raises(flowdock.StreamGap, match=f"events of {name_of(flow)} may be missing") as caught:
        next(stream)

    assert caught.value.places == (name_of(flow),)
    flow.send("after the gap")
    assert said(stream, 1) == ["after the gap"]


def test_what_is_missing_at_an_unknown_position_is_listed_where_the_last_message_is_known(
    bob: Any, flow: flowdock.Flow
) -> None:
    stream = bob(org=flow.org, flow=flow.flow).events(since=flow.send("read")["id"] - 1)
    assert said(stream, 1) == ["read"]
    sent = [flow.send(f"missed {number}")["content"] for number in range(3)]
    inside = getattr(stream, "thing", stream)
    inside._reader.cursor = "nonsense"
    inside._answer.cut()

    assert said(stream, 3) == sent
    flow.send("live")
    assert said(stream, 1) == ["live"]


def test_an_older_copy_of_the_server_is_a_gap(connect: Connect, tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        talk = {"token": server.user.token, "org": server.org, "flow": server.flow, "api_url": server.url}
        flow = connect(**talk)
        first = flow.send("kept")
        server.stop()
        shutil.copytree(tmp_path / "data", tmp_path / "copy")
        server.start()
        lost = flow.send("lost")
        stream = flow.events(since=first["id"])
        assert said(stream, 1) == ["lost"]
        server.stop()
        shutil.rmtree(tmp_path / "data")
        shutil.copytree(tmp_path / "copy", tmp_path / "data")
        server.start()

        with pytest.raises(flowdock.StreamGap, match="the server holds less than was read already"):
            next(stream)

        assert flow.send("after")["id"] == lost["id"]
        assert said(stream, 1) == ["after"]


def test_a_time_limit_on_one_event_does_not_end_the_stream(server: Server, flow: flowdock.Flow) -> None:
    async def read() -> str:
        async with flowdock.connect_async(token=server.second_user.token, api_url=server.url) as client:
            stream = client(org=flow.org, flow=flow.flow).events()
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await anext(stream)
            await asyncio.to_thread(flow.send, "in the meantime")
            return str((await anext(stream))["content"])

    assert asyncio.run(read()) == "in the meantime"
