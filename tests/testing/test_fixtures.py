"""The fixtures of the plug-in, used as anybody would."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

import flowdock
from flowdock import constructors as new
from flowdock.testing import Clock, assert_heard, assert_not_heard, transcript

pytest_plugins = ("pytester",)


def test_two_people_talk(flow: flowdock.Flow, second_user: flowdock.Client) -> None:
    said = flow.send("Hello")

    bobs = second_user(org=flow.org, flow=flow.flow)
    bobs.send("Hi", thread_id=said["thread_id"])

    assert assert_heard(flow, "Hi", by="bob", thread=said["thread_id"])["user"] == "2"


def test_an_integration_presents(flow: flowdock.Flow, service: flowdock.Service) -> None:
    service.present("T-1", author=new.author("Ray"), title="reported", thread=new.thread("Lamp is dark"))

    assert assert_heard(flow, "reported", by="Ray")["thread"]["title"] == "Lamp is dark"


async def _hello(flow: flowdock.AsyncFlow) -> str:
    async with flow:
        return str((await flow.send("Hello"))["content"])


def test_asynchronous_programs_have_their_flow(async_flow: flowdock.AsyncFlow) -> None:
    assert asyncio.run(_hello(async_flow)) == "Hello"


def test_the_clock_moves(flow: flowdock.Flow, clock: Clock) -> None:
    before = flow.send("now")["sent"]

    clock.advance(hours=3)
    assert 3 * 3600_000 <= flow.send("later")["sent"] - before < 3 * 3600_000 + 60_000
    clock.set(datetime(2035, 1, 1, tzinfo=UTC))
    assert flow.send("much later")["created_at"].startswith("2035-01-01T00:00")


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_a_server_of_its_own(flow: flowdock.Flow, time: str) -> None:
    assert_not_heard(flow, "I was here")
    flow.send("I was here")
    assert_heard(flow, re.compile("^I was here$"))
    assert_heard(flow, lambda message: message["content"] == "I was here")


def test_what_was_not_heard_is_shown_in_its_conversation(flow: flowdock.Flow, second_user: flowdock.Client) -> None:
    first = flow.send("Is anybody there?", tags=["question"])
    second_user(org=flow.org, flow=flow.flow).send("Me", thread_id=first["thread_id"])

    with pytest.raises(AssertionError) as caught:
        assert_heard(flow, "Nobody", by="bob", within=0)

    shown = str(caught.value).splitlines()
    assert shown[0] == "'Nobody' by bob was not heard within 0 s"
    assert shown[-2].endswith("● alice    Is anybody there? #question")
    assert shown[-1].endswith("  bob      Me")
    assert_not_heard(flow, "Nobody")
    with pytest.raises(AssertionError, match=r"'Me' was heard in message \d+"):
        assert_not_heard(flow, "Me", by="bob")
    assert transcript(flow).splitlines() == shown[1:]


def test_the_plug_in_costs_nothing_while_unused_and_a_fault_that_nobody_met_fails_the_test(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            assert not {"flowdock.server", "flowdock.client", "httpx2", "starlette"} & set(sys.modules)

        def test_nothing_goes_wrong(flowdock_server):
            flowdock_server.faults.fail(503, path="/nowhere")
        """
    )
    # Others of the plug-ins that happen to be here load much.
    options = ("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio")
    result = pytester.runpytest_subprocess(*options)

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*faults that no request met: fail(503) 1 more times at any method /nowhere*"])
