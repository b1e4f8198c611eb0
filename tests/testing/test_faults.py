"""Faults of the server, and the client that does not mind them."""

import asyncio
from itertools import islice

import pytest

import flowdock
from flowdock.testing import Server, assert_heard
from tests.client.flavours import HURRIED


@pytest.fixture
def hurried(flow: flowdock.Flow) -> flowdock.Flow:
    """The flow as somebody has it who does not wait long."""
    flow._transport.patience = HURRIED
    return flow


def test_a_refusal_that_passes_is_waited_out(flowdock_server: Server, hurried: flowdock.Flow) -> None:
    flowdock_server.faults.fail(503, times=2, method="POST")

    assert hurried.send("Hello")["content"] == "Hello"
    assert flowdock_server.faults.hits == {"fail": 2}


def test_a_refusal_can_say_how_long_to_wait(flowdock_server: Server, hurried: flowdock.Flow) -> None:
    flowdock_server.faults.fail(429, retry_after=3600)

    with pytest.raises(flowdock.RateLimited) as caught:
        hurried.send("Hello")
    assert caught.value.retry_after == 3600


def test_what_was_done_before_its_answer_was_lost_is_done_once(flowdock_server: Server, hurried: flowdock.Flow) -> None:
    flowdock_server.faults.drop_answer(path="/messages$", method="POST")

    said = hurried.send("Hello")

    assert flowdock_server.faults.hits == {"drop_answer": 1}
    assert [message["id"] for message in hurried.list(event="message") if message["content"] == "Hello"] == [said["id"]]


def test_an_answer_can_be_late(flowdock_server: Server, flow: flowdock.Flow) -> None:
    flowdock_server.faults.delay(0.3, times=99)

    with flowdock.connect(token=flowdock_server.user.token, api_url=flowdock_server.url, timeout=0.05) as client:
        client._transport.patience = HURRIED
        with pytest.raises(flowdock.TimedOut):
            client(org=flow.org, flow=flow.flow).info()
    flowdock_server.faults.clear()


@pytest.mark.parametrize("fault", ["cut", "restart", "double"])
def test_a_stream_goes_on_without_loss_or_repetition(
    flowdock_server: Server, hurried: flowdock.Flow, fault: str
) -> None:
    if fault == "double":
        flowdock_server.faults.duplicate_events()
    sent = [hurried.send(f"message {number}")["id"] for number in range(5)]
    stream = hurried.events(since=sent[0] - 1)
    heard = [event["id"] for event in islice(stream, 3)]

    if fault == "cut":
        flowdock_server.faults.cut_streams()
    elif fault == "restart":
        flowdock_server.faults.restart()
    sent += [hurried.send(f"message {number}")["id"] for number in range(5, 8)]

    heard += [event["id"] for event in islice(stream, 5)]
    stream.close()
    assert heard == sent
    assert flowdock_server.faults.hits.total() == 1


def test_what_is_still_to_go_wrong_can_be_looked_at_and_called_off(flowdock_server: Server) -> None:
    flowdock_server.faults.fail(500, times=3, path="/flows", method="GET")

    assert flowdock_server.faults.left == ["fail(500) 3 more times at GET /flows"]
    flowdock_server.faults.clear()
    assert flowdock_server.faults.left == []


def test_asynchronous_streams_as_well(flowdock_server: Server, async_flow: flowdock.AsyncFlow) -> None:
    async def read() -> list[str]:
        async with async_flow:
            async_flow._transport.patience = HURRIED
            first = await async_flow.send("one")
            stream = async_flow.events(since=first["id"] - 1)
            heard = [str((await anext(stream))["content"])]
            flowdock_server.faults.cut_streams()
            await async_flow.send("two")
            heard.append(str((await anext(stream))["content"]))
            await stream.close()
            return heard

    assert asyncio.run(read()) == ["one", "two"]
    assert flowdock_server.faults.hits == {"cut_streams": 1}


def test_a_restart_keeps_everything(flowdock_server: Server, hurried: flowdock.Flow) -> None:
    hurried.send("before")
    flowdock_server.faults.restart()

    assert_heard(hurried, "before")
