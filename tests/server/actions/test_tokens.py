"""A person's tokens: made with a label and limits, told once, listed, revoked."""

import pytest

from flowdock.server.actions import signing_in, tokens
from flowdock.server.domain.actors import Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import tokens as stored
from flowdock.server.store.transaction import NotFound
from tests.server.stage import Stage


def test_a_new_token_is_told_once_and_opens_the_account(stage: Stage) -> None:
    made = stage.act(stage.bob, tokens.create_token, label="ci").result
    assert stage.read(lambda tx: signing_in.by_token(tx, made["token"])) == stage.bob
    listed = stage.ask(stage.bob, tokens.list_tokens)
    assert [one["label"] for one in listed] == ["first", "ci"]
    assert {**listed[1], "token": made["token"]} == made
    assert (made["scopes"], made["last_used_at"], made["expires_at"], made["application"]) == (None, None, None, None)


@pytest.mark.parametrize("scopes", ["private flow", "flow,private", ["private", "flow", "flow"]])
def test_a_token_may_be_limited(stage: Stage, scopes: str | list[str]) -> None:
    made = stage.act(stage.bob, tokens.create_token, label="reader", scopes=scopes).result
    assert made["scopes"] == ["flow", "private"]
    limited = Person(stage.bob.user_id, frozenset({"flow", "private"}))
    assert stage.read(lambda tx: signing_in.by_token(tx, made["token"])) == limited


@pytest.mark.parametrize(
    "given, field", [({}, "label"), ({"label": " "}, "label"), ({"label": "x", "scopes": "all"}, "scopes")]
)
def test_what_no_token_can_be_is_refused_by_its_field(stage: Stage, given: dict[str, str], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        stage.act(stage.bob, tokens.create_token, **given)
    assert (caught.value.status, list(caught.value.errors)) == (400, [field])


def test_a_revoked_token_opens_nothing(stage: Stage) -> None:
    made = stage.act(stage.bob, tokens.create_token, label="lost").result
    stage.act(stage.bob, tokens.revoke_token, id=made["id"])
    assert stage.read(lambda tx: signing_in.by_token(tx, made["token"])) is None
    assert [one["label"] for one in stage.ask(stage.bob, tokens.list_tokens)] == ["first"]


def test_nobody_revokes_anothers_token(stage: Stage) -> None:
    made = stage.act(stage.bob, tokens.create_token, label="mine").result
    with pytest.raises(NotFound):
        stage.act(stage.alice, tokens.revoke_token, id=made["id"])
    with pytest.raises(NotFound):
        stage.act(stage.alice, tokens.revoke_token, id=1 << 70)


def test_it_is_shown_when_a_token_was_used_last(stage: Stage) -> None:
    [before] = stage.ask(stage.bob, tokens.list_tokens)
    stage.write(lambda tx: stored.used(tx, {before["id"], 4711}))
    [after] = stage.ask(stage.bob, tokens.list_tokens)
    assert before["last_used_at"] is None
    assert after["last_used_at"] >= after["created_at"]
