from collections.abc import Iterator

import pytest

from flowdock.testing import BotTester, Server, assert_heard
from tests.examples.program import loaded


@pytest.fixture
def tester(flowdock_server: Server) -> Iterator[BotTester]:
    with BotTester(loaded("standup_bot").bot, flowdock_server) as talking:
        yield talking


def told(tester: BotTester, *answers: str) -> None:
    """Have alice tell her stand-up."""
    begun = tester.begin("standup")
    flow = tester.as_("alice").flow
    for answer in answers[:-1]:
        number = flow.send(answer, thread_id=begun.thread_id)["id"]
        assert_heard(flow.thread(str(begun.thread_id)), "?", by="3", since=number)
    assert tester.answer(begun, answers[-1]).reply == "Thank you!"


def test_it_asks_three_things_and_reports_them(tester: BotTester) -> None:
    told(tester, "I fixed the lamp", "The other lamp", "No")

    assert tester.ask("report").reply == ("**alice** did: I fixed the lamp\n  does: The other lamp\n  in the way: No")
    assert tester.ask("report").reply == "Nobody told anything yet"


def test_what_was_told_survives_a_restart_and_can_be_taken_back(tester: BotTester) -> None:
    told(tester, "One", "Two", "Three")
    tester.restart()

    assert tester.as_("bob").ask("skip").reply == "You told nothing yet"
    assert tester.ask("skip").reply == "Forgotten"
    assert tester.ask("report").reply == "Nobody told anything yet"


def test_it_reminds_once_a_day(tester: BotTester) -> None:
    tester.advance(hours=24)

    assert tester.transcript.count("Stand-up! Write me `standup`, or `@carol standup` here #standup") == 1
