"""People are asked into a flow, and come by the keys of invitations and of join links."""

from dataclasses import replace
from typing import Any

import pytest

from flowdock.server.actions import (
    accepting,
    flow_keys,
    flows,
    inviting,
    membership,
    organizations,
    resetting,
    signing_in,
)
from flowdock.server.actions.accepting import Newcomer
from flowdock.server.domain.actors import Actor, Nobody
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import outbox, people
from flowdock.server.store.transaction import NotFound, Transaction
from tests.server.stage import PLACE, Done, Stage

DORA = Newcomer("dora", "Dora", None, "correct horse")


def invited(stage: Stage, email: str = "dora@example.net") -> tuple[dict[str, Any], str]:
    """An invitation and its key."""
    told = stage.act(stage.bob, inviting.invite, **PLACE, email=email).result
    return told, told["invitation_url"].rpartition("/")[2]


def come(stage: Stage, key: str, *, by: Actor | None = None, newcomer: Newcomer | None = DORA) -> Done:
    return stage.act(by or Nobody(), accepting.accept, key=key, newcomer=newcomer, password_hash="hash")


def refused(stage: Stage, key: str, *, by: Actor | None = None, newcomer: Newcomer | None = DORA) -> int:
    with pytest.raises(Refusal) as refusal:
        come(stage, key, by=by, newcomer=newcomer)
    return refusal.value.status


def join_key(stage: Stage) -> str:
    url = stage.ask(stage.alice, flow_keys.show_join_url, **PLACE)["join_url"]
    return str(url).rpartition("/")[2]


def test_an_invitation_waits_and_the_flow_is_told_without_the_key(stage: Stage) -> None:
    done = stage.act(stage.bob, inviting.invite, **PLACE, email="dora@example.net")

    assert (done.result["state"], done.result["email"]) == ("pending", "dora@example.net")
    [told] = done.told
    assert told.event["content"]["type"] == "invite"
    assert told.event["content"]["id"] not in done.result["invitation_url"]
    [listed] = stage.ask(stage.carol, inviting.list_invitations, **PLACE)
    assert listed == {name: value for name, value in done.result.items() if name != "invitation_url"}
    assert stage.ask(stage.alice, flows.show_flow, **PLACE)["invitations"] == [listed]


def test_who_comes_by_it_has_an_account_with_its_address_and_is_in_the_flow(stage: Stage) -> None:
    invitation, key = invited(stage)

    done = come(stage, key, newcomer=Newcomer("dora", "Dora", "other@example.net", "correct horse"))

    assert done.result["flow"] == stage.flow_id
    person = stage.read(lambda tx: signing_in.by_token(tx, done.result["token"]))
    assert stage.read(lambda tx: people.get(tx, person.user_id)).email == "dora@example.net"
    assert done.kinds == ["action", "backend.user.join", "flow-add"]
    assert key[:40] not in str(done.told)
    assert stage.ask(stage.bob, inviting.show_invitation, **PLACE, id=invitation["id"])["state"] == "accepted"
    assert stage.ask(stage.bob, inviting.list_invitations, **PLACE) == []
    assert refused(stage, key) == 404


def test_asked_again_the_old_key_opens_nothing(stage: Stage) -> None:
    first, old = invited(stage)
    again, new = invited(stage, "Dora@example.net")

    assert again["id"] == first["id"]
    assert refused(stage, old) == 404
    come(stage, new)


def test_an_invitation_that_was_taken_back_opens_nothing(stage: Stage) -> None:
    invitation, key = invited(stage)

    done = stage.act(stage.alice, inviting.cancel_invitation, **PLACE, id=invitation["id"])

    assert done.told[0].event["content"]["type"] == "uninvite"
    assert refused(stage, key) == 404
    with pytest.raises(NotFound):
        stage.act(stage.alice, inviting.cancel_invitation, **PLACE, id=invitation["id"])


def test_an_old_invitation_opens_nothing(stage: Stage) -> None:
    _, key = invited(stage)
    stage.write(lambda tx: tx.execute("UPDATE invitations SET created_at = ?", (tx.now - accepting.LASTS,)))

    assert refused(stage, key) == 404


def test_who_has_an_account_is_told_to_sign_in(stage: Stage) -> None:
    _, key = invited(stage)
    come(stage, key)
    stage.act(stage.bob, membership.update_flow_user, **PLACE, user_id=stage.bob.user_id, disabled=True)
    told = stage.act(stage.alice, inviting.invite, **PLACE, email="bob@example.com").result

    assert refused(stage, told["invitation_url"].rpartition("/")[2]) == 400


def test_who_is_in_the_flow_cannot_be_invited(stage: Stage) -> None:
    with pytest.raises(Refusal, match="400"):
        stage.act(stage.alice, inviting.invite, **PLACE, email="Bob@example.com")


def test_a_list_asks_in_strangers_brings_in_colleagues_and_names_what_is_no_address(stage: Stage) -> None:
    stage.act(stage.alice, membership.update_flow_user, **PLACE, user_id=stage.carol.user_id, disabled=True)
    text = '"Doe, Dora" <dora@example.net>, carol@example.com\nnobody, DORA@example.net\n'

    done = stage.act(stage.bob, inviting.import_invitations, **PLACE, list=text).result

    assert [one["email"] for one in done["invitations"]] == ["dora@example.net"]
    assert [one["id"] for one in done["added_users"]] == [stage.carol.user_id]
    assert done["erroneous_emails"] == [{"nobody": "Invalid email"}]


@pytest.mark.parametrize("text", [",", "\n,", '"' * 100_000, "a," * 100_000, '","' * 100_000])
def test_a_list_of_nothing_or_of_too_much_is_refused_at_once(stage: Stage, text: str) -> None:
    with pytest.raises(Refusal) as refusal:
        stage.act(stage.bob, inviting.import_invitations, **PLACE, list=text)
    assert list(refusal.value.errors) == ["list"]


def test_a_join_link_works_only_where_the_flow_is_open_to_it(stage: Stage) -> None:
    key, newcomer = join_key(stage), Newcomer("dora", "Dora", "dora@example.net", "correct horse")
    assert refused(stage, key, newcomer=newcomer) == 404

    stage.act(stage.alice, flows.update_flow, **PLACE, access_mode="link")

    assert come(stage, key[:40], newcomer=newcomer).result["flow"] == stage.flow_id


def test_a_join_link_is_not_for_whom_the_flow_blocked(stage: Stage) -> None:
    stage.act(stage.alice, flows.update_flow, **PLACE, access_mode="link")
    stage.act(stage.alice, membership.update_flow_user, **PLACE, user_id=stage.bob.user_id, disabled=True)

    assert refused(stage, join_key(stage), by=stage.bob) == 404


@pytest.mark.parametrize("key", ["", "x", "0" * 40, "0" * 40 + "-main", "0" * 41])
def test_no_other_key_opens_anything(stage: Stage, key: str) -> None:
    assert refused(stage, key) == 404


def test_a_new_password_ends_sessions_and_its_key_is_good_once(stage: Stage) -> None:
    session = stage.write(lambda tx: signing_in.begin_session(tx, user_id=stage.bob.user_id, seconds=60))
    begun = stage.write(lambda tx: resetting.begin(tx, "Bob@example.com"))
    key = begun.url.rpartition("/")[2]

    stage.write(lambda tx: resetting.reset(tx, key, "hash"))

    assert stage.read(lambda tx: people.password_hash(tx, stage.bob.user_id)) == "hash"
    assert stage.read(lambda tx: signing_in.by_session(tx, session)) is None
    with pytest.raises(Refusal, match="404"):
        stage.write(lambda tx: resetting.reset(tx, key, "other"))


def test_a_new_password_is_for_an_hour(stage: Stage) -> None:
    key = stage.write(lambda tx: resetting.begin(tx, "bob@example.com")).url.rpartition("/")[2]
    stage.write(lambda tx: tx.execute("UPDATE tokens SET expires_at = ? WHERE kind = 'reset'", (tx.now,)))

    with pytest.raises(Refusal, match="404"):
        stage.read(lambda tx: resetting.demand_good(tx, key))


def test_nobody_gets_a_key_for_an_address_without_an_account(stage: Stage) -> None:
    assert stage.write(lambda tx: resetting.begin(tx, "nobody@example.com")) is None


def test_who_is_in_the_flow_does_not_use_up_what_is_for_others(stage: Stage) -> None:
    _, key = invited(stage)
    assert come(stage, key, by=stage.carol).told == []
    assert come(stage, key).result["flow"] == stage.flow_id


def test_of_two_who_come_at_once_by_one_key_one_comes(stage: Stage) -> None:
    _, key = invited(stage)
    came = stage.together(
        lambda tx: accepting.accept(tx, Nobody(), key, DORA, "hash"),
        lambda tx: accepting.accept(tx, Nobody(), key, replace(DORA, nick="erik"), "hash"),
    )
    assert sorted(type(one).__name__ for one in came) == ["Refusal", "dict"]


def test_who_was_blocked_is_let_in_by_other_means(stage: Stage) -> None:
    stage.act(stage.alice, membership.update_flow_user, **PLACE, user_id=stage.bob.user_id, disabled=True)
    with pytest.raises(Refusal) as refusal:
        stage.act(stage.alice, inviting.invite, **PLACE, email="bob@example.com")
    assert "was blocked" in str(refusal.value.errors)


def test_an_invitation_goes_by_mail_alone_and_again_only_after_a_while(stage: Stage) -> None:
    def by_mail(tx: Transaction) -> Any:
        tx.site = replace(tx.site, sends_mail=True)
        return inviting.invite(tx, stage.alice, **PLACE, email="dora@example.net", message="Come!")

    assert "invitation_url" not in stage.write(by_mail)
    [mail] = stage.write(lambda tx: outbox.take(tx, most=9, until=tx.now + 1))
    assert (mail.recipient, "Come!" in mail.body, "/invitations/" in mail.body) == ("dora@example.net", True, True)
    with pytest.raises(Refusal) as refusal:
        stage.write(by_mail)
    assert refusal.value.status == 429
    now = stage.clock() + inviting.RESEND_SECONDS * 1000
    stage.clock = lambda: now
    stage.write(by_mail)


def test_who_is_taken_out_of_the_organization_does_not_come_back_by_what_was_sent_before(stage: Stage) -> None:
    stage.act(stage.bob, membership.update_flow_user, **PLACE, user_id=stage.bob.user_id, disabled=True)
    told = stage.act(stage.alice, inviting.invite, **PLACE, email="bob@example.com").result
    stage.act(stage.alice, organizations.remove_user, org="acme", user_id=stage.bob.user_id)

    assert refused(stage, told["invitation_url"].rpartition("/")[2], by=stage.bob) == 404
