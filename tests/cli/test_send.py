import json

import pytest

import flowdock
from flowdock import Flow
from flowdock.testing import Account, Server
from tests.cli.programs import Run


def test_what_is_sent_is_in_the_flow_and_only_its_number_is_printed(alice: Account, flow: Flow, run: Run) -> None:
    sent = run("send", "Hello", "--tag", "greeting", "-t", "second")

    (message,) = flow.list(limit=1)
    assert (sent.code, sent.out, sent.err) == (0, f"{message['id']}\n", "")
    assert (message["content"], message["tags"], message["user"]) == ("Hello", ["greeting", "second"], str(alice.id))


def test_with_json_the_whole_message_is_printed_in_one_line(alice: Account, flow: Flow, run: Run) -> None:
    sent = run("send", "Grüße 🎉\nzweite Zeile", "--json")

    assert sent.out.count("\n") == 1
    assert json.loads(sent.out) == flow.show(json.loads(sent.out)["id"])


@pytest.mark.parametrize(
    "typed, said", [("one\n", "one"), ("  indented\n\n two \n\n", "  indented\n\n two "), ("Grüße", "Grüße")]
)
def test_a_dash_sends_standard_input_without_the_final_line_feed(
    alice: Account, flow: Flow, run: Run, typed: str, said: str
) -> None:
    sent = run("send", "-", input=typed)

    assert flow.show(int(sent.out))["content"] == said


def test_standard_input_that_is_not_text_is_refused(alice: Account, run: Run) -> None:
    assert run("send", "-", input=b"\xff\xfe").complaint == "the text is not valid UTF-8; convert it first"


@pytest.mark.parametrize("which", ["thread_id", "id"])
def test_a_reply_names_its_thread_by_id_or_by_the_number_of_any_message_in_it(
    alice: Account, flow: Flow, run: Run, which: str
) -> None:
    first = flow.send("question")
    reply = flow.thread(first["thread_id"]).send("answer")

    sent = run("send", "thanks", "--thread", str(dict(reply)[which]))

    assert flow.show(int(sent.out))["thread_id"] == first["thread_id"]


@pytest.mark.parametrize("nick", ["bob", "@bob", "BOB"])
def test_a_private_message_goes_to_the_person_of_that_nick(server: Server, alice: Account, run: Run, nick: str) -> None:
    sent = run("send", "psst", "--to", nick)

    with flowdock.connect(token=server.second_user.token, uid=alice.id, api_url=server.url) as private:
        assert [(one["id"], one["content"]) for one in private.list()] == [(int(sent.out), "psst")]


def test_a_nick_that_nobody_has_is_answered_with_a_similar_one(alice: Account, run: Run) -> None:
    assert run("send", "hi", "--to", "bobb").complaint == "nobody here has the nick 'bobb'; did you mean 'bob'?"


def test_a_nick_like_nobodys_is_answered_with_all_there_are(alice: Account, run: Run) -> None:
    complaint = run("send", "hi", "--to", "xyzzy").complaint

    assert complaint == "nobody here has the nick 'xyzzy'; those there are: alice, bob, carol"


@pytest.mark.parametrize(
    "words, problem",
    [
        (("--to", "bob", "--flow", "acme/main"), "--flow and --to exclude each other"),
        (("--to", "bob", "--thread", "1"), "a private conversation has no threads"),
        (("--flow", "acme"), "'acme' is not of the form org/flow, such as acme/main"),
        (("--flow", "acme/.."), "'acme/..' is not of the form org/flow, such as acme/main"),
    ],
)
def test_a_contradiction_is_wrong_usage(alice: Account, run: Run, words: tuple[str, ...], problem: str) -> None:
    sent = run("send", "hi", *words)

    assert (sent.code, sent.out) == (2, "")
    assert problem in " ".join(sent.err.split())


def test_a_message_the_server_refuses_is_told_by_what_is_wrong_with_it(alice: Account, run: Run) -> None:
    assert run("send", "x" * 9120).complaint == "content is too long (9120 characters; maximum is 8096)"


def test_a_message_without_a_thread_cannot_be_replied_to(alice: Account, flow: Flow, run: Run) -> None:
    line = next(message for message in flow.list() if message["event"] == "line")

    complaint = run("send", "hi", "--thread", str(line["id"])).complaint

    assert complaint == f"message {line['id']} in acme/main has no thread; 'flowdock list' shows those that have"
