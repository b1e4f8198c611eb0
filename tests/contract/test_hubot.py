"""npm `hubot` 2.19.0 with `hubot-flowdock` 0.7.8, unchanged: a bot that lives in flows and in private.

Source: wire facts 3.4, 3.7, 5.5.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flowdock.testing import Server
from tests.contract.hubot import Hubot
from tests.contract.plain import Caller, Stream, basic, said

pytestmark = pytest.mark.npm


@pytest.fixture(scope="module")
def hubot(server: Server) -> Iterator[Hubot]:
    """Carol is a bot, and begins to listen."""
    bot = server.third_user
    running = Hubot(name=bot.nick, token=bot.token, api=server.url, stream=server.stream_url)
    running.wait_until_it_listens("Main")
    yield running
    running.close()


@pytest.fixture(scope="module")
def second(server: Server, hubot: Hubot) -> str:
    """Another flow, to which the bot was added while it was running."""
    alice = Caller(server.url, basic(server.user.token))
    flow = alice.post(f"/flows/{server.org}", name="Second").json
    path = f"/flows/{server.org}/{flow['parameterized_name']}"
    assert alice.post(f"{path}/users", id=server.third_user.id).status == 200
    hubot.wait_until_it_listens("Main", "Second")
    return path


@pytest.fixture
def path(server: Server) -> str:
    """The flow where everybody is."""
    return f"/flows/{server.org}/{server.flow}"


@pytest.fixture
def heard(hubot: Hubot, alice: Caller, server: Server) -> Iterator[Stream]:
    """What alice hears."""
    with alice.stream(f"/stream/flows?filter={server.org}/{server.flow}&user=1") as stream:
        yield stream
    assert hubot.is_running


def post(caller: Caller, path: str, content: str, **more: Any) -> Any:
    answer = caller.post(f"{path}/messages", event="message", content=content, **more)
    assert answer.status == 201
    return answer.json


def by(server: Server, content: str) -> Callable[[Any], bool]:
    """Whether an event is the bot saying this."""
    return lambda event: said(content)(event) and event["user"] == str(server.third_user.id)


def test_it_answers_what_it_hears_where_it_was_said(server: Server, alice: Caller, heard: Stream, path: str) -> None:
    asked = post(alice, path, "knock one")

    answer = heard.until(by(server, "who is one?"))[-1]

    assert (answer["flow"], answer["thread_id"]) == (asked["flow"], asked["thread_id"])


def test_it_answers_in_a_thread_that_is_there_already(server: Server, alice: Caller, heard: Stream, path: str) -> None:
    thread = post(alice, path, "beginning")["thread_id"]
    post(alice, path, "something else")
    post(alice, path, f"@{server.third_user.nick}, add 2 and 3", thread_id=thread)

    answer = heard.until(by(server, f"@{server.user.nick}: 5"))[-1]

    assert (answer["thread_id"], answer["thread"]["internal_comments"]) == (thread, 3)
    assert f":user:{server.user.id}" in answer["tags"]


def test_it_begins_a_thread_of_its_own_in_a_flow_named_to_it(
    server: Server, alice: Caller, heard: Stream, path: str
) -> None:
    asked = post(alice, path, f"{server.third_user.nick}: announce news in {server.org}/{server.flow}")

    answer = heard.until(by(server, "news"))[-1]

    assert answer["thread"]["initial_message"] == answer["id"] > asked["id"]


def test_it_answers_in_private(server: Server, alice: Caller, heard: Stream) -> None:
    post(alice, f"/private/{server.third_user.id}", "add 20 and 30")

    answer = heard.until(by(server, "50"))[-1]

    assert (answer["to"], "flow" in answer) == (str(server.user.id), False)


def test_it_hears_of_a_new_nick_and_uses_it(server: Server, bob: Caller, heard: Stream, path: str) -> None:
    assert bob.put(f"/users/{server.second_user.id}", nick="robert").status == 200
    heard.until(lambda event: event["event"] == "user-edit")

    post(bob, path, f"@{server.third_user.nick} add 1 and 1")

    heard.until(by(server, "@robert: 2"))


def test_it_is_there_again_after_the_server_was(server: Server, hubot: Hubot, alice: Caller, path: str) -> None:
    server.stop()
    hubot.wait_for("reconnecting")
    server.start()
    hubot.wait_for("connected and streaming")

    with alice.stream(f"/stream/flows?filter={server.org}/{server.flow}") as stream:
        post(alice, path, "knock two")
        stream.until(by(server, "who is two?"))
    assert hubot.is_running


def test_it_listens_in_a_flow_as_soon_as_it_is_added(server: Server, hubot: Hubot, alice: Caller, second: str) -> None:
    with alice.stream(f"/stream{second}") as stream:
        post(alice, second, "knock three")
        stream.until(by(server, "who is three?"))
    assert any("somebody added me to Second" in line for line in hubot.logged)


def test_it_listens_no_more_where_it_was_blocked_and_goes_on_elsewhere(
    server: Server, hubot: Hubot, alice: Caller, second: str, path: str
) -> None:
    assert alice.put(f"{second}/users/{server.third_user.id}", disabled=True).status == 200
    hubot.wait_until_it_listens("Main")

    with alice.stream(f"/stream/flows?filter={server.org}/{server.flow},{server.org}/second") as stream:
        post(alice, second, "knock four")
        post(alice, path, "knock five")
        events = stream.until(by(server, "who is five?"))
    assert not any(map(by(server, "who is four?"), events))
    assert hubot.is_running
