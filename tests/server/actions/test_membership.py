from typing import Any

import pytest

from flowdock.server.actions import flows, membership, organizations, people, sending, streaming
from flowdock.server.domain.actors import Actor, Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import flows as stored_flows
from flowdock.server.store.transaction import NotFound
from tests.server.actions.test_flows import colleague, refused, update
from tests.server.stage import PLACE, Done, Stage


def change(stage: Stage, by: Actor, whom: Person, **changes: Any) -> Done:
    return stage.act(by, membership.update_flow_user, **PLACE, user_id=whom.user_id, **changes)


def in_flow(stage: Stage) -> dict[str, tuple[bool, bool]]:
    """Who is in the flow and who may not come back, by nick."""
    users = stage.ask(stage.alice, people.flow_users, **PLACE)
    return {user["nick"]: (user["in_flow"], user["disabled"]) for user in users}


def test_a_member_brings_in_somebody_of_the_organization(stage: Stage) -> None:
    dave = colleague(stage)
    done = stage.act(stage.bob, membership.add_flow_user, **PLACE, id=dave.user_id)
    assert done.result is None
    assert done.kinds == ["action", "backend.user.join", "flow-add"]
    assert done.told[0].event["content"] == {"type": "add_people", "message": ["dave"], "description": "dave"}
    assert done.told[0].event["user"] == str(stage.bob.user_id)
    assert stage.act(stage.bob, membership.add_flow_user, **PLACE, id=dave.user_id).told == []
    assert stage.ask(dave, flows.show_flow, **PLACE)["flow_admin"] is False


def test_nobody_from_elsewhere_is_brought_in_and_none_is_given_away(stage: Stage) -> None:
    stranger = colleague(stage, "eve", org=None)
    said = {
        str(refused(stage, stage.bob, membership.add_flow_user, **PLACE, id=one).errors).replace(str(one), "?")
        for one in (stranger.user_id, 4711, 1 << 70)
    }
    assert len(said) == 1
    assert list(refused(stage, stage.bob, membership.add_flow_user, **PLACE).errors) == ["id"]


def test_who_is_blocked_hears_it_last(stage: Stage) -> None:
    done = change(stage, stage.bob, stage.carol, disabled=True)
    assert done.result is None
    assert done.kinds == ["action", "backend.user.block", "flow-remove"]
    blocked, removed = done.told[1].event, done.told[2].event
    assert (blocked["user"], blocked["content"]) == (str(stage.bob.user_id), str(stage.carol.user_id))
    assert removed == {"user": stage.carol.user_id, "event": "flow-remove", "content": {"id": stage.flow_id}}
    replayed = stage.read(lambda tx: streaming.replay(tx, stage.flow_log, done.told[1].number - 1, limit=1))
    assert replayed[0].expels == stage.carol.user_id
    assert in_flow(stage)["carol"] == (False, True)


def test_who_is_blocked_does_not_come_back_by_themselves(stage: Stage) -> None:
    update(stage, stage.alice, access_mode="organization")
    change(stage, stage.bob, stage.carol, disabled=True)
    assert refused(stage, stage.carol, flows.update_flow, **PLACE, open=True).status == 404
    assert refused(stage, stage.carol, sending.send_to_flow, **PLACE, event="message", content="x").status == 404
    assert stage.ask(stage.carol, flows.all_flows) == []
    assert stage.send("@carol hi")["tags"] == []


@pytest.mark.parametrize("by_adding", [True, False])
def test_who_was_blocked_is_let_in_again(stage: Stage, by_adding: bool) -> None:
    change(stage, stage.bob, stage.carol, disabled=True)
    done = (
        stage.act(stage.bob, membership.add_flow_user, **PLACE, id=stage.carol.user_id)
        if by_adding
        else change(stage, stage.bob, stage.carol, disabled=False)
    )
    assert done.kinds == ["action", "backend.user.join", "flow-add"]
    assert in_flow(stage)["carol"] == (True, False)
    assert change(stage, stage.bob, stage.carol, disabled=False).told == []


def test_an_admin_is_blocked_by_admins_only(stage: Stage) -> None:
    change(stage, stage.alice, stage.carol, flow_admin=True)
    assert refused(stage, stage.bob, membership.update_flow_user, **PLACE, user_id=3, disabled=True).status == 403
    assert refused(stage, stage.bob, membership.update_flow_user, **PLACE, user_id=1, disabled=True).status == 403
    assert change(stage, stage.carol, stage.alice, disabled=True).kinds[1] == "backend.user.block"


def test_who_leaves_may_come_back(stage: Stage) -> None:
    update(stage, stage.alice, access_mode="organization")
    done = change(stage, stage.bob, stage.bob, disabled=True)
    assert done.kinds == ["action", "backend.user.block", "flow-remove"]
    assert in_flow(stage)["bob"] == (False, False)
    assert change(stage, stage.alice, stage.bob, disabled=False).told == []
    assert update(stage, stage.bob, open=True).result["joined"] is True


def test_who_left_can_be_kept_from_coming_back(stage: Stage) -> None:
    update(stage, stage.alice, access_mode="organization")
    change(stage, stage.bob, stage.bob, disabled=True)
    assert change(stage, stage.alice, stage.bob, disabled=True).told == []
    assert refused(stage, stage.bob, flows.update_flow, **PLACE, open=True).status == 404


def test_the_last_admin_neither_leaves_nor_steps_down(stage: Stage) -> None:
    for changes, field in (({"disabled": True}, "disabled"), ({"flow_admin": False}, "flow_admin")):
        refusal = refused(stage, stage.alice, membership.update_flow_user, **PLACE, user_id=1, **changes)
        assert (refusal.status, list(refusal.errors)) == (400, [field])
    change(stage, stage.alice, stage.bob, flow_admin=True)
    change(stage, stage.alice, stage.alice, flow_admin=False)
    assert stage.ask(stage.bob, flows.show_flow, **PLACE)["flow_admin"] is True


def test_the_last_person_may_leave(stage: Stage) -> None:
    stage.act(stage.bob, flows.create_flow, org="acme", name="Alone")
    done = stage.act(
        stage.bob, membership.update_flow_user, org="acme", flow="alone", user_id=stage.bob.user_id, disabled=True
    )
    assert done.kinds[-1] == "flow-remove"


def test_members_make_no_admins(stage: Stage) -> None:
    refusal = refused(stage, stage.bob, membership.update_flow_user, **PLACE, user_id=2, flow_admin=True)
    assert refusal.status == 403


def test_who_came_back_is_no_admin_any_more(stage: Stage) -> None:
    change(stage, stage.alice, stage.bob, flow_admin=True)
    change(stage, stage.alice, stage.bob, disabled=True)
    change(stage, stage.alice, stage.bob, disabled=False)
    assert stage.ask(stage.bob, flows.show_flow, **PLACE)["flow_admin"] is False


def test_somebody_who_never_was_there_is_not_found(stage: Stage) -> None:
    for absent in (colleague(stage), Person(4711)):
        with pytest.raises(NotFound):
            change(stage, stage.alice, absent, disabled=True)


def test_who_is_removed_from_the_organization_is_out_of_all_its_flows(stage: Stage) -> None:
    stage.act(stage.bob, flows.create_flow, org="acme", name="Second")
    stage.act(stage.bob, membership.add_flow_user, org="acme", flow="second", id=stage.carol.user_id)
    done = stage.act(stage.alice, organizations.remove_user, org="acme", user_id=stage.bob.user_id)
    assert done.result is None
    assert done.kinds == ["action", "backend.user.block", "flow-remove"] * 2
    assert stage.ask(stage.bob, flows.all_flows) == []
    assert stage.ask(stage.carol, flows.show_flow, org="acme", flow="second")["flow_admin"] is True
    assert refused(stage, stage.alice, membership.add_flow_user, **PLACE, id=stage.bob.user_id).status == 400
    assert stage.ask(stage.bob, people.me)["nick"] == "bob"


def test_coming_by_oneself_does_not_undo_a_block(stage: Stage) -> None:
    change(stage, stage.bob, stage.carol, disabled=True)
    flow = stage.read(lambda tx: stored_flows.get_by_log(tx, stage.carol.user_id, stage.flow_log))
    with pytest.raises(Refusal) as caught:
        stage.write(lambda tx: membership.join(tx, flow, stage.carol.user_id, key="a link"))
    assert caught.value.status == 404


def test_coming_twice_changes_nothing(stage: Stage) -> None:
    flow = stage.read(lambda tx: stored_flows.get_by_log(tx, 0, stage.flow_log))
    for come in (
        lambda tx, _: membership.join(tx, flow, 1, key="a link"),
        lambda tx, _: membership.bring_in(tx, flow, 1, by=2),
    ):
        assert stage.act(stage.alice, come).told == []
    assert stage.ask(stage.alice, flows.show_flow, **PLACE)["flow_admin"] is True


def test_what_the_flow_hears_of_who_came_by_a_key_opens_nothing(stage: Stage) -> None:
    dave, key = colleague(stage), "0123456789abcdef" * 2
    flow = stage.read(lambda tx: stored_flows.get_by_log(tx, dave.user_id, stage.flow_log))
    done = stage.act(dave, lambda tx, actor: membership.join(tx, flow, actor.user_id, key=key))
    assert done.kinds == ["action", "backend.user.join", "flow-add"]
    assert key not in str(done.told)


def test_who_comes_into_a_flow_that_everybody_left_administers_it(stage: Stage) -> None:
    update(stage, stage.alice, access_mode="organization")
    for whom in (stage.bob, stage.carol, stage.alice):
        change(stage, whom, whom, disabled=True)
    assert update(stage, stage.bob, open=True).result["flow_admin"] is True
    assert update(stage, stage.carol, open=True).result["flow_admin"] is False


def test_who_blocks_the_last_admin_is_the_next_one(stage: Stage) -> None:
    stage.act(stage.bob, flows.create_flow, org="acme", name="Second")
    second: dict[str, Any] = {"org": "acme", "flow": "second"}
    for whom in (stage.carol, stage.alice):
        stage.act(stage.bob, membership.add_flow_user, **second, id=whom.user_id)
    stage.act(stage.alice, membership.update_flow_user, **second, user_id=stage.bob.user_id, disabled=True)
    users = stage.ask(stage.alice, people.flow_users, **second)
    assert {user["nick"]: user["flow_admin"] for user in users} == {"alice": True, "bob": False, "carol": False}


def test_members_leave_a_flow_whose_admin_is_disabled(stage: Stage) -> None:
    stage.write(lambda tx: tx.execute("UPDATE users SET disabled = 1 WHERE id = 1"))
    assert change(stage, stage.bob, stage.bob, disabled=True).kinds[-1] == "flow-remove"


def test_who_is_no_longer_of_the_organization_is_not_let_in_again(stage: Stage) -> None:
    change(stage, stage.bob, stage.carol, disabled=True)
    stage.act(stage.alice, organizations.remove_user, org="acme", user_id=stage.carol.user_id)
    refusal = refused(
        stage, stage.bob, membership.update_flow_user, **PLACE, user_id=stage.carol.user_id, disabled=False
    )
    assert (refusal.status, list(refusal.errors)) == (400, ["user_id"])
    assert in_flow(stage)["carol"] == (False, True)
