import json
from typing import Any

import pytest

import flowdock
from flowdock import Flow, constructors
from flowdock.testing import Account, Server
from tests.cli.programs import Program, Run


def contents(listed: Program) -> list[Any]:
    assert listed.code == 0, listed
    return [json.loads(line)["content"] for line in listed.out.splitlines()]


def test_the_newest_messages_are_listed_and_the_oldest_of_them_comes_first(
    alice: Account, flow: Flow, run: Run
) -> None:
    for number in range(4):
        flow.send(f"message {number}")

    assert contents(run("list", "-n", "3", "--json")) == ["message 1", "message 2", "message 3"]


def test_a_message_in_json_is_what_the_server_says_of_it(alice: Account, flow: Flow, run: Run) -> None:
    sent = flow.send("Hello")

    assert json.loads(run("list", "--limit", "1", "--json").out) == flow.show(sent["id"])


def test_a_range_is_listed_without_its_ends(alice: Account, flow: Flow, run: Run) -> None:
    first, _, last = (flow.send(text) for text in ("first", "between", "last"))

    assert contents(run("list", "--since", str(first["id"]), "--until", str(last["id"]), "--json")) == ["between"]


def test_only_messages_of_some_kinds_are_listed(alice: Account, flow: Flow, run: Run) -> None:
    flow.send("Hello")

    kinds = [json.loads(line)["event"] for line in run("list", "--event", "line,activity", "--json").out.splitlines()]

    assert set(kinds) == {"line", "activity"}


def test_a_thread_is_listed_by_the_number_of_any_message_in_it(alice: Account, flow: Flow, run: Run) -> None:
    first = flow.send("question")
    flow.send("something else")
    reply = flow.thread(first["thread_id"]).send("answer")

    assert contents(run("list", "--thread", str(reply["id"]), "--json")) == ["question", "answer"]


def test_a_private_conversation_is_listed_by_nick(server: Server, alice: Account, run: Run) -> None:
    with flowdock.connect(token=server.second_user.token, uid=alice.id, api_url=server.url) as private:
        private.send("psst")

    listed = run("list", "--to", "bob")

    assert listed.out.endswith("bob: psst\n")


def test_in_a_pipe_each_line_has_date_number_and_nick(alice: Account, flow: Flow, run: Run) -> None:
    sent = flow.send("first line\nsecond line")
    moment = sent["created_at"][:16].replace("T", " ")

    listed = run("list", "-n", "1")

    assert listed.out == f"{moment} {sent['id']:>5} ● bob: first line\n    second line\n"


def test_more_than_a_server_gives_at_once_are_shown_in_their_order(alice: Account, flow: Flow, run: Run) -> None:
    sent = [flow.send(f"lamp {number}")["id"] for number in range(105)]

    for words in (["list"], ["search", "lamp"], ["search", "--everywhere", "lamp"]):
        shown = [json.loads(line) for line in run(*words, "--limit", "104", "--json").out.splitlines()]
        assert [one.get("message", one)["id"] for one in shown] == sent[1:]


@pytest.mark.parametrize("limit", ["0", "many"])
def test_a_limit_that_no_server_takes_is_wrong_usage(run: Run, limit: str) -> None:
    assert run("list", "--limit", limit).code == 2
    assert run("threads", "--limit", "101").code == 2


def test_words_are_searched_whole_and_all_of_them_are_needed(alice: Account, flow: Flow, run: Run) -> None:
    for text in ("coffee machine", "coffee", "machines and coffee"):
        flow.send(text)

    assert contents(run("search", "coffee", "machine", "--json")) == ["coffee machine"]


def test_a_search_can_be_for_tags_alone(alice: Account, flow: Flow, run: Run) -> None:
    flow.send("both", tags=["todo", "urgent"])
    flow.send("one", tags=["todo"])

    assert contents(run("search", "--tag", "todo", "--tag", "urgent", "--json")) == ["both"]


def test_a_search_can_pass_over_the_newest(alice: Account, flow: Flow, run: Run) -> None:
    for number in range(4):
        flow.send(f"coffee {number}")

    assert contents(run("search", "coffee", "--skip", "1", "-n", "2", "--json")) == ["coffee 1", "coffee 2"]


def test_a_search_for_nothing_is_wrong_usage(alice: Account, run: Run) -> None:
    found = run("search")

    assert found.code == 2
    assert "give WORDS, --tag or both" in found.err


def test_a_thread_is_shown_with_its_first_message_its_size_and_its_status(
    server: Server, alice: Account, flow: Flow, run: Run
) -> None:
    first = flow.send("question")
    flow.thread(first["thread_id"]).send("answer")
    with flowdock.connect(flow_token=server.flow_token, api_url=server.url) as service:
        state = constructors.thread("Build\n7", status=constructors.status("green", "passed"))
        service.present("7", constructors.author("CI"), "built", thread=state)

    build, question = run("threads", "-n", "2").out.splitlines()

    assert question.startswith(f"{first['id']:>5} ● 20")
    assert question.endswith("   2  question")
    assert build.endswith("   1  Build 7 [passed]")


def test_threads_in_json_are_what_the_server_says_of_them(alice: Account, flow: Flow, run: Run) -> None:
    flow.send("question")

    assert [json.loads(line) for line in run("threads", "--json").out.splitlines()] == flow.threads()


def test_flows_are_listed_as_other_commands_take_them(alice: Account, run: Run) -> None:
    assert run("flows").out == "acme/main  Main, Acme\n"
    assert json.loads(run("flows", "--json").out)["parameterized_name"] == "main"


def test_whoami_tells_person_and_server(server: Server, alice: Account, run: Run) -> None:
    assert run("whoami").out == f"alice (Alice Example, alice@example.com), user {alice.id} on {server.url}\n"
    assert json.loads(run("whoami", "--json").out)["email"] == "alice@example.com"
