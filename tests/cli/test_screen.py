import re

import pytest

from flowdock import Flow
from flowdock.cli.screen import Nicks, colour_of
from flowdock.protocol.types import User
from flowdock.testing import Account
from tests.cli.programs import Run

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard output is looked at by a person, on 60 columns."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "60")


def test_a_long_message_is_indented_below_itself(terminal: None, alice: Account, flow: Flow, run: Run) -> None:
    number = flow.send("The quick brown fox jumps over the lazy dog and runs away")["id"]

    day, *shown = ESCAPE.sub("", run("list", "-n", "1").out).splitlines()

    assert re.fullmatch(r"\w+day, \d+ \w+ 20\d\d", day)
    assert shown[0][5:] == f" {number:>5} ● bob       The quick brown fox jumps over the "
    assert shown[1] == f"{'':24}lazy dog and runs away"


def test_on_a_narrow_terminal_the_text_begins_below_the_name(
    terminal: None, alice: Account, flow: Flow, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    flow.send("The quick brown fox jumps over the lazy dog")

    shown = ESCAPE.sub("", run("list", "-n", "1").out).splitlines()

    assert [line.rstrip() for line in shown[2:]] == ["  The quick brown fox jumps", "  over the lazy dog"]


def test_a_reply_has_the_colour_of_its_thread(terminal: None, alice: Account, flow: Flow, run: Run) -> None:
    first = flow.send("question")
    flow.send("something else")
    flow.thread(first["thread_id"]).send("answer")

    shown = run("list", "-n", "3").out

    begins, _, replies = re.findall("\x1b\\[(\\d+)m[●↳]", shown)
    assert begins == replies
    assert shown.count("↳") == 1


def test_the_colour_of_a_thread_never_changes() -> None:
    assert [colour_of(f"thread {number}") for number in range(4)] == [
        "bright_cyan",
        "bright_blue",
        "bright_green",
        "cyan",
    ]


def test_a_message_cannot_give_orders_to_the_terminal(terminal: None, alice: Account, flow: Flow, run: Run) -> None:
    flow.send("\x1b[2Jgone\x9b2J\x07 [b]text[/b] :x:")

    shown = run("list", "-n", "1").out

    assert "␛[2Jgone�2J␇ [b]text[/b] :x:" in ESCAPE.sub("", shown)
    assert "\x1b[2J" not in shown
    assert "\x9b" not in shown


def test_mentions_tags_and_addresses_stand_out(terminal: None, alice: Account, flow: Flow, run: Run) -> None:
    flow.send("@bob see #this http://a.example")

    shown = run("list", "-n", "1").out

    assert "\x1b[1;36m@bob\x1b[0m" in shown
    assert "\x1b[36m#this\x1b[0m" in shown
    assert "\x1b[4mhttp://a.example\x1b[0m" in shown


def test_the_title_of_a_thread_is_cut_at_the_edge(terminal: None, alice: Account, flow: Flow, run: Run) -> None:
    flow.send("The quick brown fox jumps over the lazy dog and runs away")

    (line,) = ESCAPE.sub("", run("threads", "-n", "1").out).splitlines()

    assert len(line) == 60
    assert line.endswith("…")


def test_a_name_wider_than_all_nicks_is_cut_only_when_it_is_too_wide(
    terminal: None, alice: Account, flow: Flow, run: Run
) -> None:
    shown = ESCAPE.sub("", run("list", "--event", "activity").out)

    assert "● Alice Example  added source" in shown


def test_a_person_with_a_new_nick_is_called_by_it() -> None:
    nicks = Nicks(lambda: [User(id=9, nick="al", email="", avatar="", name="", website=None)])
    assert nicks("9") == "al"

    nicks.hear({"event": "user-edit", "content": {"user": {"id": 9, "nick": "alan"}}})

    assert nicks("9") == "alan"
    assert nicks("12") == "user 12"
