"""Searching everything over HTTP: what was just said is found, by whoever may see it."""

import pytest

from flowdock.testing import Server
from tests.contract.flows import NewFlow
from tests.contract.plain import Caller, basic


@pytest.fixture
def word(new_flow: NewFlow) -> str:
    """A word that nobody else looks for."""
    return new_flow.name.replace("-", "")


def test_what_was_just_said_anywhere_is_found(
    alice: Caller, bob: Caller, server: Server, new_flow: NewFlow, word: str
) -> None:
    for number in range(3):
        bob.post(f"{new_flow.path}/messages", event="message", content=f"{word} {number}")
        bob.post(f"/private/{server.user.id}/messages", event="message", content=f"{word} {number} psst")
        alice.post_file(f"{new_flow.path}/messages", f"{word} {number}.txt", b"x")

        found = alice.get("/search", q=f"{word[:-1]}* {number}")

        assert found.status == 200
        assert {hit["message"]["event"] for hit in found.json["results"]} == {"message", "file"}
        assert len(found.json["results"]) == 3
        assert len(bob.get("/search", q=f"{word} {number}").json["results"]) == 3


def test_the_next_page_is_asked_for_by_what_the_last_one_said(alice: Caller, new_flow: NewFlow, word: str) -> None:
    for number in range(5):
        alice.post(f"{new_flow.path}/messages", event="message", content=f"{word} {number}")

    first = alice.get("/search", q=word, limit=3).json
    second = alice.get("/search", q=word, limit=3, cursor=first["next"]).json

    ids = [hit["message"]["id"] for page in (first, second) for hit in page["results"]]
    assert (len(first["results"]), ids, second["next"]) == (3, sorted(ids, reverse=True), None)


def test_whoever_sees_nothing_of_it_finds_nothing(alice: Caller, server: Server, new_flow: NewFlow, word: str) -> None:
    alice.post(f"{new_flow.path}/messages", event="message", content=word)
    stranger = Caller(server.url, basic(server.stranger().token))

    assert stranger.get("/search", q=word).json == {"results": [], "next": None}
    assert Caller(server.url).get("/search", q=word).status == 401


@pytest.mark.parametrize(
    "wrong", [{}, {"q": ""}, {"q": "form:bob"}, {"q": "x", "limit": "0"}, {"q": "x", "cursor": "x"}]
)
def test_what_makes_no_sense_is_refused(alice: Caller, wrong: dict[str, str]) -> None:
    answer = alice.get("/search", **wrong)

    assert (answer.status, answer.json["message"]) == (400, "Validation error")
