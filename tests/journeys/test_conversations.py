"""Two people and an integration talk through a server, each by way of the client."""

import asyncio
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import flowdock
from flowdock import constructors as new
from flowdock.testing import Server
from tests.client.flavours import Awaited
from tests.journeys.companions import Flavour, Listening, place
from tests.journeys.talking import wait_until

GOODBYE = "goodbye"
FLOW = {"org": "acme", "flow": "main"}


@pytest.fixture(params=["sync", "async"])
def flavour(request: pytest.FixtureRequest) -> Flavour:
    chosen: Flavour = request.param
    return chosen


@pytest.fixture
def connect(flavour: Flavour) -> Iterator[Callable[..., Any]]:
    """`flowdock.connect` of either flavour."""
    opened: list[Any] = []
    with asyncio.Runner() as runner:

        def connect_one(**keywords: Any) -> Any:
            if flavour == "sync":
                thing: Any = flowdock.connect(**keywords)
            else:
                thing = Awaited(flowdock.connect_async(**keywords), runner, opened)
            opened.append(thing)
            return thing

        yield connect_one
        for thing in reversed(opened):
            thing.close()


def listen(server: Server, flavour: Flavour, choose: Callable[[Any], Any]) -> Listening:
    """Let the second user listen; returns once the server knows."""
    # Not their number: a reader of the test before may leave meanwhile.
    before = set(server._app._hub.readers)
    listening = Listening(flavour, GOODBYE, choose, **place(server, server.second_user))
    wait_until(lambda: bool(set(server._app._hub.readers) - before))
    return listening


def in_flow(client: Any) -> Any:
    return client(**FLOW)


def test_a_conversation_is_heard_as_it_was_said(server: Server, flavour: Flavour, connect: Callable[..., Any]) -> None:
    listening = listen(server, flavour, in_flow)
    alice, bob = (connect(**place(server, account), **FLOW) for account in (server.user, server.second_user))

    first = alice.send("Where do we eat? #lunch", tags=["food"])
    reply = bob.thread(first["thread_id"]).send("@alice at Luigi's")
    alice.edit(first["id"], "Where do we eat today? #dinner")
    bob.edit(reply["id"], tags=["decided"])
    bob.delete(reply["id"])
    alice.send(GOODBYE)

    heard = listening.heard()
    kinds = ["message", "message", "message-edit", "tag-change", "tag-change", "message-edit", "message"]
    assert [event["event"] for event in heard] == kinds
    assert [event["id"] for event in heard] == list(range(first["id"], first["id"] + 7))
    assert heard[1]["thread"]["internal_comments"] == 2
    assert heard[3]["content"] == {"message": first["id"], "add": ["dinner"], "remove": ["lunch"]}
    assert bob.show(first["id"])["tags"] == ["food", "dinner"]
    assert [one["content"] for one in alice.thread(first["thread_id"]).list()] == [
        "Where do we eat today? #dinner",
        "",
    ]
    assert alice.threads(limit=2)[1]["id"] == first["thread_id"]


def test_private_talk_is_heard_by_the_two_and_nobody_else(
    server: Server, flavour: Flavour, connect: Callable[..., Any]
) -> None:
    listening = listen(server, flavour, lambda client: client(uid=server.user.id))
    alice = connect(**place(server, server.user), name="bob")
    bob = connect(**place(server, server.second_user), uid=server.user.id)
    carol = connect(**place(server, server.third_user))

    carol(uid=server.second_user.id).send("not for this conversation")
    asked = alice.send("psst")
    bob.send("what?")
    alice.edit(asked["id"], "psst!")
    alice.send(GOODBYE)

    heard = listening.heard()
    said = [event["content"] for event in heard if event["event"] == "message"]
    assert said == ["psst", "what?", GOODBYE]
    assert [one["content"] for one in alice.list()][-3:] == ["psst!", "what?", GOODBYE]
    assert "psst!" not in [one["content"] for one in carol(uid=server.user.id).list()]


def test_what_an_integration_presents_is_talked_about_in_its_thread(
    server: Server, flavour: Flavour, connect: Callable[..., Any]
) -> None:
    listening = listen(server, flavour, in_flow)
    service = connect(flow_token=server.flow_token, api_url=server.url)
    alice = connect(**place(server, server.user), **FLOW)
    item, author = f"ITEM-{flavour}", new.author("Ray", email="ray@example.com")
    state = new.thread("Item 1", status=new.status("green", "open"), fields=[new.field("Kind", "bug")])

    service.present(item, author, "created item", thread=state)
    service.present(item, author, "said something", body="<p>why?</p>")
    [created, _] = alice.list(limit=2)
    alice.send("because", thread_id=created["thread_id"])
    alice.send(GOODBYE)

    heard = listening.heard()
    assert [event["event"] for event in heard] == ["activity", "discussion", "message", "message"]
    thread = heard[2]["thread"]
    assert {event["thread_id"] for event in heard[:3]} == {thread["id"]}
    assert (thread["title"], thread["status"]) == ("Item 1", {"color": "green", "value": "open"})
    counters = ("activities", "external_comments", "internal_comments")
    assert [thread[counter] for counter in counters] == [1, 1, 1]


# ----------------------------------------------------------------------------------------------------------- files


def test_a_large_file_arrives_as_it_was(server: Server, connect: Callable[..., Any], tmp_path: Path) -> None:
    alice, bob = (connect(**place(server, account), **FLOW) for account in (server.user, server.second_user))
    path = tmp_path / "Große Datei 100%.bin"
    path.write_bytes(random.Random(1).randbytes(20 * 1024 * 1024))

    shared = alice.upload(path)
    saved = bob.download(shared["content"]["path"], to=tmp_path / "saved.bin")

    assert shared["content"]["file_size"] == 20 * 1024 * 1024
    assert saved.read_bytes() == path.read_bytes()


def test_the_first_thing_said_in_private_may_be_a_file(
    server: Server, flavour: Flavour, connect: Callable[..., Any], tmp_path: Path
) -> None:
    writer, reader = (server.user, server.third_user) if flavour == "sync" else (server.second_user, server.third_user)
    path = tmp_path / "secret.txt"
    path.write_bytes(b"for your eyes only")

    shared = connect(**place(server, writer), uid=reader.id).upload(path)

    both = [(writer, reader), (reader, writer)]
    for me, partner in both:
        content = connect(**place(server, me), uid=partner.id).download(shared["content"]["path"])
        assert content == b"for your eyes only"
    stranger = connect(**place(server, server.stranger()))
    with pytest.raises(flowdock.NotFound):
        stranger(**FLOW).download(shared["content"]["path"])


def test_a_deleted_file_is_gone(server: Server, connect: Callable[..., Any], tmp_path: Path) -> None:
    alice = connect(**place(server, server.user), **FLOW)
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    shared = alice.upload(path)
    alice.delete(shared["id"])
    with pytest.raises(flowdock.NotFound):
        alice.show(shared["id"])
    with pytest.raises(flowdock.NotFound):
        alice.download(shared["content"]["path"])


# -------------------------------------------------------------------------------------------------------- a restart


def test_who_listens_hears_every_event_once_across_restarts(
    tmp_path: Path, flavour: Flavour, connect: Callable[..., Any]
) -> None:
    with Server(tmp_path) as server:
        listening = listen(server, flavour, in_flow)
        alice = connect(**place(server, server.user), **FLOW)
        sent = [alice.send("before")["id"]]
        for number in range(2):
            server.stop()
            server.start()
            sent += [alice.send(f"{number} {count}")["id"] for count in range(20)]
        sent.append(alice.send(GOODBYE)["id"])
        assert [event["id"] for event in listening.heard()] == sent
