"""Searching everywhere at once."""

import json

import pytest

import flowdock
from flowdock import Flow
from flowdock.testing import Account, Server
from tests.cli.programs import Run


@pytest.fixture
def found(server: Server, alice: Account, flow: Flow) -> None:
    """A lamp in the flow, then one in private."""
    flow.send("Lampe fürs Büro, lamp", tags=["kauf"])
    with flowdock.connect(token=server.second_user.token, uid=alice.id, api_url=server.url) as private:
        private.send("a lamp for you")


def test_what_is_found_everywhere_is_shown_with_its_place_and_the_newest_last(found: None, run: Run) -> None:
    flow, private = run("search", "--everywhere", "lamp").out.splitlines()

    assert " acme/main " in flow
    assert flow.endswith("bob: Lampe fürs Büro, lamp")
    assert " @bob " in private
    assert private.endswith("bob: a lamp for you")


def test_operators_and_tags_narrow_it(found: None, run: Run) -> None:
    hit = json.loads(run("search", "--everywhere", "in:acme/main", "lam*", "--tag", "kauf", "--json").out)

    assert (hit["message"]["content"], hit["place"]["type"]) == ("Lampe fürs Büro, lamp", "flow")
    assert run("search", "--everywhere", "from:alice", "lamp").out == ""


def test_on_a_terminal_the_place_stands_above(found: None, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")

    shown = run("search", "--everywhere", "lamp").out

    assert shown.index("· acme/main") < shown.index("Büro") < shown.index("· @bob")


@pytest.mark.parametrize("words", [("--flow", "acme/main"), ("--to", "bob"), ("--skip", "1")])
def test_everywhere_is_not_somewhere(alice: Account, run: Run, words: tuple[str, ...]) -> None:
    refused = run("search", "lamp", "--everywhere", *words)

    assert (refused.code, refused.out) == (2, "")
    assert "--everywhere excludes --flow, --to and --skip" in " ".join(refused.err.split())


def test_an_operator_that_cannot_be_is_refused_in_words(alice: Account, run: Run) -> None:
    assert "before" in run("search", "--everywhere", "before:tomorrow").complaint
