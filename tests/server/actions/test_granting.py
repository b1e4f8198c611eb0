"""What people allow applications, on both databases: what is stored of it, and what is forgotten."""

from collections.abc import Mapping
from typing import Any

import pytest

from flowdock.server.actions import applications, granting, signing_in, tokens
from flowdock.server.actions.granting import Client
from flowdock.server.domain.oauth import Problem
from flowdock.server.domain.refusals import Refusal
from tests.server.stage import Stage

BACK = "https://tracker.example/back"
FULL = "flow offline_access"


@pytest.fixture
def tracker(stage: Stage) -> Client:
    made = stage.act(stage.bob, applications.create_application, name="Tracker", redirect_uri=BACK).result
    return Client(made["client_id"], made["client_secret"])


def code(stage: Stage, client: Client, scope: str = FULL) -> str:
    """What alice allowed."""

    def approve(tx: Any) -> str:
        wish = granting.wish(tx, client_id=client.id, response_type="code", scope=scope)
        return granting.approve(tx, wish, user_id=stage.alice.user_id)

    allowed: str = stage.write(approve)
    return allowed


def exchanged(stage: Stage, client: Client, code: str) -> Any:
    return stage.write(lambda tx: granting.exchange_code(tx, client, {"code": code}))


def refreshed(stage: Stage, client: Client, given: Mapping[str, Any]) -> Any:
    return stage.write(lambda tx: granting.refresh(tx, client, {"refresh_token": given["refresh_token"]}))


def opens(stage: Stage, given: Mapping[str, Any]) -> bool:
    return stage.read(lambda tx: signing_in.by_token(tx, given["access_token"])) is not None


def later(stage: Stage, *, seconds: int) -> None:
    """Time stands still from now on, so many seconds after the moment it is."""
    moment = stage.clock() + seconds * 1000
    stage.clock = lambda: moment


def test_an_access_token_acts_for_a_person_and_says_for_which_application(stage: Stage, tracker: Client) -> None:
    given = exchanged(stage, tracker, code(stage, tracker))
    person = stage.read(lambda tx: signing_in.by_token(tx, given["access_token"]))
    [application] = stage.ask(stage.bob, applications.list_applications)
    assert (person.user_id, person.scopes) == (stage.alice.user_id, {"flow", "offline_access"})
    assert person.application_id == application["id"]


def test_a_theft_is_stored_though_the_thief_gets_nothing(stage: Stage, tracker: Client) -> None:
    stolen = code(stage, tracker)
    given = exchanged(stage, tracker, stolen)
    assert isinstance(exchanged(stage, tracker, stolen), Problem)
    assert not opens(stage, given)
    assert isinstance(refreshed(stage, tracker, given), Problem)


def test_a_refresh_token_is_good_once_and_its_theft_ends_everything(stage: Stage, tracker: Client) -> None:
    first = exchanged(stage, tracker, code(stage, tracker))
    second = refreshed(stage, tracker, first)
    assert (opens(stage, first), opens(stage, second)) == (True, True)
    later(stage, seconds=30)
    assert isinstance(refreshed(stage, tracker, first), Problem)
    assert (opens(stage, first), opens(stage, second)) == (False, False)


def test_a_refresh_whose_answer_was_lost_can_be_repeated_for_half_a_minute(stage: Stage, tracker: Client) -> None:
    first = exchanged(stage, tracker, code(stage, tracker))
    later(stage, seconds=1)
    lost = [refreshed(stage, tracker, first) for _ in range(2)]
    later(stage, seconds=29)
    arrived = refreshed(stage, tracker, first)
    assert [opens(stage, one) for one in (*lost, arrived)] == [False, False, True]
    later(stage, seconds=1)
    assert opens(stage, refreshed(stage, tracker, arrived))


def test_a_refresh_token_that_comes_again_after_its_successor_was_used_is_a_theft(
    stage: Stage, tracker: Client
) -> None:
    first = exchanged(stage, tracker, code(stage, tracker))
    later(stage, seconds=1)
    second = refreshed(stage, tracker, first)
    later(stage, seconds=1)
    third = refreshed(stage, tracker, second)
    assert isinstance(refreshed(stage, tracker, first), Problem)
    assert not opens(stage, third)


def test_of_two_who_renew_with_the_same_token_the_first_is_found_out_by_the_next(stage: Stage, tracker: Client) -> None:
    first = exchanged(stage, tracker, code(stage, tracker))
    later(stage, seconds=1)
    thief, owner = refreshed(stage, tracker, first), refreshed(stage, tracker, first)
    assert (opens(stage, thief), opens(stage, owner)) == (False, True)
    assert isinstance(refreshed(stage, tracker, thief), Problem)
    assert not opens(stage, owner)


def test_no_other_application_can_repeat_a_refresh(stage: Stage, tracker: Client) -> None:
    first = exchanged(stage, tracker, code(stage, tracker))
    second = refreshed(stage, tracker, first)
    made = stage.act(stage.bob, applications.create_application, name="Other", redirect_uri=BACK).result
    assert isinstance(refreshed(stage, Client(made["client_id"], made["client_secret"]), first), Problem)
    assert opens(stage, second)


def test_only_who_may_stay_signed_in_gets_a_refresh_token(stage: Stage, tracker: Client) -> None:
    assert "refresh_token" not in exchanged(stage, tracker, code(stage, tracker, "flow private"))


def test_one_grant_ends_without_the_others(stage: Stage, tracker: Client) -> None:
    here, there = (exchanged(stage, tracker, code(stage, tracker)) for _ in range(2))
    listed = [one for one in stage.ask(stage.alice, tokens.list_tokens) if one["application"] == "Tracker"]
    stage.act(stage.alice, tokens.revoke_token, id=listed[0]["id"])
    assert (opens(stage, here), opens(stage, there)) == (False, True)


def test_secrets_are_known_by_their_digests_only(stage: Stage, tracker: Client) -> None:
    allowed = code(stage, tracker)
    given = exchanged(stage, tracker, allowed)
    secrets = [allowed, given["access_token"], given["refresh_token"], tracker.secret]
    tables = ("codes", "tokens", "refresh_tokens", "applications", "grants")
    stored = str(stage.read(lambda tx: [tx.rows(f"SELECT * FROM {table}") for table in tables]))
    assert tracker.id in stored
    assert not [secret for secret in secrets if secret in stored]


def test_what_has_expired_is_forgotten_unless_it_can_be_renewed(stage: Stage, tracker: Client) -> None:
    exchanged(stage, tracker, code(stage, tracker, "flow"))
    renewable = exchanged(stage, tracker, code(stage, tracker))
    stage.write(lambda tx: tx.execute("UPDATE tokens SET expires_at = 1 WHERE kind = 'oauth'"))
    listed = [one["scopes"] for one in stage.ask(stage.alice, tokens.list_tokens) if one["application"]]
    assert listed == [["flow", "offline_access"]]
    refreshed(stage, tracker, renewable)
    assert stage.row("SELECT count(*) FROM tokens WHERE kind = 'oauth'") == (1,)


def test_nobody_is_sent_to_one_of_several_addresses_by_guess(stage: Stage) -> None:
    made = stage.act(stage.bob, applications.create_application, name="T", redirect_uri=f"{BACK} {BACK}/2").result
    with pytest.raises(Refusal) as caught:
        stage.read(lambda tx: granting.wish(tx, client_id=made["client_id"], response_type="code"))
    assert caught.value.status == 400
