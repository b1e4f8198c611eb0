from collections.abc import Iterator

import pytest

from flowdock.testing import BotTester, Server
from tests.examples.conftest import Run
from tests.examples.program import loaded


@pytest.fixture
def tester(flowdock_server: Server) -> Iterator[BotTester]:
    with BotTester(loaded("echo_bot").bot, flowdock_server) as talking:
        yield talking


def test_it_says_again_what_it_was_told(tester: BotTester) -> None:
    assert tester.ask("echo is anybody there?").reply == "is anybody there?"
    assert tester.privately("echo psst").reply == "psst"
    assert tester.ask("echo").reply == "Echo what?"


def test_it_leaves_alone_what_is_not_for_it(tester: BotTester) -> None:
    assert tester.say("echo hello").replies == []
    assert tester.ask("echoes").replies == []


def test_a_wrong_token_is_told_in_one_line(run: Run, server: Server) -> None:
    unknown = type(server.user)(0, "nobody", "nobody@example.com", "0" * 32)

    code, said = run("echo_bot.py", account=unknown).end()

    assert code == 1
    assert said.count("\n") == 1
    assert "401" in said
