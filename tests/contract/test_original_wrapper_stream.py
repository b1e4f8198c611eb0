"""The original Python wrapper follows a flow: it opens the stream in one thread while others send."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest

from flowdock.testing import Server
from tests.contract.wrapper import NOT_FOUND, RAY, RaisedThereError, Thing, Wrapper

pytestmark = pytest.mark.wrapper


def listen(flow: Thing) -> tuple[Thing, dict[str, Any], list[int]]:
    """A stream of the flow, the first event on it, and the ids of what was sent until that came."""
    events = flow.events()
    first, sent = events.begin("__next__"), []
    while first.is_empty:
        sent.append(flow.send("Are you there?")["id"])
    return events, events.result_of(first), sent


def iter_of(events: Thing) -> Iterator[dict[str, Any]]:
    while True:
        yield next(events)


def test_the_first_event_of_a_stream_is_the_next_message(flow: Thing) -> None:
    events, first, sent = listen(flow)

    assert (first["event"], first["content"], first["id"] in sent) == ("message", "Are you there?", True)
    following = sent[sent.index(first["id"]) + 1 :]
    assert [event["id"] for event in islice(iter_of(events), len(following))] == following


def test_an_edit_is_told_as_its_text_and_then_its_tags(flow: Thing) -> None:
    message_id = flow.send("hello")["id"]
    events, _, _ = listen(flow)

    flow.edit(message_id, "hello @bob")

    edit = next(event for event in iter_of(events) if event["event"] != "message")
    change = next(events)
    assert (edit["event"], edit["content"]) == (
        "message-edit",
        {"message": message_id, "updated_content": "hello @bob"},
    )
    assert (change["event"], change["id"]) == ("tag-change", edit["id"] + 1)
    assert change["content"] == {"message": message_id, "add": [":user:2", ":unread:2"], "remove": []}


def test_a_deleted_message_is_told_as_an_edit_to_nothing(flow: Thing) -> None:
    message_id = flow.send("hello")["id"]
    events, _, _ = listen(flow)

    flow.delete(message_id)

    gone = next(event for event in iter_of(events) if event["event"] != "message")
    assert (gone["event"], gone["content"]) == ("message-edit", {"message": message_id, "updated_content": ""})


def test_what_others_and_integrations_say_is_streamed_too(flow: Thing, flow_of_bob: Thing, service: Thing) -> None:
    events, _, _ = listen(flow)

    spoken = flow_of_bob.send("hi from bob")
    service.present("1", RAY, "created item", thread={"title": "Item"})

    heard = next(event for event in iter_of(events) if event["user"] != "1")
    assert (heard["id"], heard["content"]) == (spoken["id"], "hi from bob")
    assert next(events)["title"] == "created item"


def test_a_stream_of_a_flow_that_is_not_there_is_refused(wrapper: Wrapper, server: Server) -> None:
    nowhere = wrapper.connect(token=server.user.token, org=server.org, flow="nowhere")

    with pytest.raises(RaisedThereError, match=NOT_FOUND):
        next(nowhere.events())
