"""Answering, changing and moving what was said."""

import json

import pytest

from flowdock import Flow
from flowdock.testing import Account, Server
from tests.cli.programs import Run


@pytest.fixture
def own(run: Run, alice: Account) -> str:
    """The number of a message of alice's."""
    return run("send", "a lamp").out.strip()


def test_a_reaction_is_given_and_taken_back(alice: Account, flow: Flow, run: Run) -> None:
    said = flow.send("Grüße")["id"]

    given = run("react", str(said), ":thumbsup:")
    assert given.out == f"reacted to {said} with :thumbsup:\n"
    assert flow.show(said)["emojiReactions"] == {"thumbsup": [str(alice.id)]}

    taken = run("react", str(said), "thumbsup", "--remove", "--json")
    assert json.loads(taken.out) == flow.show(said)
    assert flow.show(said)["emojiReactions"] == {}


def test_a_private_message_gets_a_reaction_too(alice: Account, run: Run) -> None:
    said = run("send", "psst", "--to", "bob").out.strip()

    assert run("react", said, "tada", "--to", "bob").code == 0
    assert "tada" in json.loads(run("list", "--to", "bob", "--json").out)["emojiReactions"]


def test_a_remark_on_a_message_of_a_thread_is_a_reply(alice: Account, flow: Flow, run: Run) -> None:
    said = flow.send("is the lamp on?")

    remark = flow.show(int(run("comment", str(said["id"]), "it is", "--tag", "lamp").out))

    assert (remark["thread_id"], remark["content"], remark["tags"]) == (said["thread_id"], "it is", ["lamp"])


def test_a_status_stands_beside_the_name(alice: Account, flow: Flow, run: Run) -> None:
    number = int(run("status", "at lunch").out)

    assert flow.show(number)["event"] == "status"
    assert {user["nick"]: user["status"] for user in flow.users()}["alice"] == "at lunch"


def test_what_one_said_is_changed_from_the_words_or_from_standard_input(run: Run, flow: Flow, own: str) -> None:
    assert run("edit", own, "a bulb").out == f"changed {own}\n"
    assert flow.show(int(own))["content"] == "a bulb"

    assert json.loads(run("edit", own, "-", "--json", input="two\nbulbs\n").out)["content"] == "two\nbulbs"


def test_what_others_said_is_not_changed_or_taken_back(alice: Account, flow: Flow, run: Run) -> None:
    said = str(flow.send("mine")["id"])

    for words in (("edit", said, "ours"), ("delete", said)):
        assert run(*words).complaint.startswith("this token may not do that: Access denied")
    assert flow.show(int(said))["content"] == "mine"


def test_what_one_said_is_taken_back(run: Run, flow: Flow, own: str) -> None:
    assert run("delete", own).out == f"took {own} back\n"
    assert not flow.show(int(own))["content"]
    assert json.loads(run("delete", run("send", "again").out.strip(), "--json").out).keys() == {"deleted"}


def test_a_message_goes_to_another_thread_and_to_one_of_its_own(run: Run, flow: Flow, own: str) -> None:
    question = flow.send("which lamp?")

    moved = run("rethread", own, "--thread", str(question["id"]))
    assert moved.out == f"{question['thread_id']}\n"
    assert flow.show(int(own))["thread_id"] == question["thread_id"]

    alone = json.loads(run("rethread", own, "--own", "--json").out)
    assert alone == flow.show(int(own))
    assert alone["thread_id"] != question["thread_id"]


def test_moving_wants_one_place_to_go(run: Run, own: str) -> None:
    for words in ((), ("--own", "--thread", "1")):
        refused = run("rethread", own, *words)
        assert (refused.code, refused.out) == (2, "")
        assert "give either --thread or --own" in refused.err


def test_a_thread_that_is_not_there_is_named(run: Run, own: str) -> None:
    assert "'flowdock threads' lists those there are" in run("rethread", own, "--thread", "nowhere").complaint


@pytest.mark.parametrize(
    "words", [("react", "99", "tada"), ("comment", "99", "x"), ("edit", "99", "x"), ("delete", "99"),
              ("rethread", "99", "--own")]
)  # fmt: skip
def test_a_message_that_is_not_there_is_named(server: Server, alice: Account, run: Run, words: tuple[str, ...]) -> None:
    name = f"{server.org}/{server.flow}"

    assert run(*words).complaint == f"there is no message 99 in {name}; 'flowdock list' shows the newest"


def test_an_emoji_that_cannot_be_is_refused_in_words(run: Run, own: str) -> None:
    assert "emoji" in run("react", own, "no such thing!").complaint
