from dataclasses import replace
from hashlib import md5
from typing import Any

import pytest

from flowdock.server.actions import flows, people, profiles
from flowdock.server.actions.profiles import Changes
from flowdock.server.domain.actors import Actor, Person
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import outbox
from flowdock.server.store.transaction import Transaction
from tests.server.actions.test_flows import colleague
from tests.server.stage import PLACE, Done, Stage


def change(stage: Stage, whom: Person, **given: Any) -> Done:
    """Change somebody as they may do with no more than a token."""
    changes = profiles.checked(given)  # type: ignore[arg-type]
    return stage.act(
        whom,
        lambda tx, actor: profiles.update_user(
            tx,
            actor.user_id,
            changes,
            proved=profiles.account_at_stake(tx, actor, actor.user_id, changes),
            password_hash=changes.password and f"hash of {changes.password}",
        ),
    )


def at_stake(stage: Stage, actor: Actor, user_id: int, **changes: Any) -> Any:
    return stage.read(lambda tx: profiles.account_at_stake(tx, actor, user_id, Changes(**changes)))


def test_every_flow_of_theirs_hears_of_a_new_nick(stage: Stage) -> None:
    stage.act(stage.bob, flows.create_flow, org="acme", name="Second")
    done = change(stage, stage.bob, nick="Bobby")
    assert done.result["nick"] == "Bobby"
    assert done.kinds == ["user-edit"] * 2
    event = done.told[0].event
    assert (event["user"], event["app"], event["flow"], event["tags"]) == ("2", "chat", stage.flow_id, [])
    assert event["content"] == {
        "user": {
            "nick": "Bobby",
            "name": "Bob",
            "avatar": "http://flowdock.example/avatars/2.svg",
            "email": "bob@example.com",
            "id": 2,
            "email_hash": md5(b"bob@example.com").hexdigest(),
        }
    }
    assert stage.show(event["id"])["content"] == event["content"]
    assert [one.number for one in done.told] == [event["id"], done.told[1].event["id"]]


def test_a_new_nick_is_what_mentions_mean_from_now_on(stage: Stage) -> None:
    assert stage.send("@bob hi")["tags"] != []
    change(stage, stage.bob, nick="bobby")
    assert stage.send("@bob hi")["tags"] == []
    assert stage.send("@Bobby hi")["tags"] == [":user:2", ":unread:2"]


@pytest.mark.parametrize("given", [{"website": "https://bob.example"}, {"mail_notices": False}, {"nick": "bob"}, {}])
def test_flows_do_not_hear_of_the_rest(stage: Stage, given: dict[str, Any]) -> None:
    assert change(stage, stage.bob, **given).told == []


def test_what_is_not_given_stays_and_empty_texts_take_away(stage: Stage) -> None:
    change(stage, stage.bob, website="https://bob.example", avatar="https://bob.example/me.png", name=" Bob B ")
    shown = stage.ask(stage.alice, people.show_user, user_id=2)
    assert (shown["website"], shown["avatar"], shown["name"]) == (
        "https://bob.example",
        "https://bob.example/me.png",
        "Bob B",
    )
    shown = change(stage, stage.bob, website="", avatar="").result
    assert (shown["website"], shown["avatar"], shown["name"]) == (
        None,
        "http://flowdock.example/avatars/2.svg",
        "Bob B",
    )
    assert stage.row("SELECT mail_notices FROM users WHERE id = 2") == (1,)
    change(stage, stage.bob, mail_notices=False)
    assert stage.row("SELECT mail_notices FROM users WHERE id = 2") == (0,)


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"nick": "ALICE"}, "nick"),
        ({"nick": "two words"}, "nick"),
        ({"Nick": "@x"}, "nick"),
        ({"nick": ""}, "nick"),
        ({"email": "Alice@Example.com"}, "email"),
        ({"email": "nowhere"}, "email"),
        ({"email": "x" * 250 + "@example.com"}, "email"),
        ({"name": " "}, "name"),
        ({"website": "javascript:alert(1)"}, "website"),
        ({"avatar": "data:image/png;base64,"}, "avatar"),
        ({"avatar": "https://exa mple.com/"}, "avatar"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 1025}, "password"),
    ],
)
def test_a_wrong_change_is_refused_and_leaves_nothing(stage: Stage, wrong: dict[str, Any], field: str) -> None:
    before = stage.row("SELECT nick, email, name, website, avatar, password_hash FROM users WHERE id = 2")
    with pytest.raises(Refusal) as caught:
        change(stage, stage.bob, **{"name": "Other", **wrong})
    assert (caught.value.status, list(caught.value.errors)) == (400, [field])
    assert stage.row("SELECT nick, email, name, website, avatar, password_hash FROM users WHERE id = 2") == before


def test_ones_own_name_in_another_case_is_free(stage: Stage) -> None:
    assert change(stage, stage.bob, nick="BOB", email="Bob@Example.com").result["nick"] == "BOB"


def test_nobody_changes_somebody_else(stage: Stage) -> None:
    stranger = colleague(stage, "eve", org=None)
    for actor, status in ((stage.alice, 403), (stranger, 404)):
        with pytest.raises(Refusal) as caught:
            at_stake(stage, actor, stage.bob.user_id, name="X")
        assert caught.value.status == status


def test_a_limited_token_changes_no_credentials(stage: Stage) -> None:
    limited = Person(stage.bob.user_id, frozenset({"profile"}))
    assert at_stake(stage, limited, 2, nick="bobby", email="bob@example.com") is None
    for changes in ({"email": "new@example.com"}, {"password": "long enough"}):
        with pytest.raises(Refusal) as caught:
            at_stake(stage, limited, 2, **changes)
        assert caught.value.status == 403
        assert at_stake(stage, stage.bob, 2, **changes).email == "bob@example.com"


def test_a_password_that_was_changed_meanwhile_is_left_alone(stage: Stage) -> None:
    changes = Changes(password="long enough")
    account = stage.read(lambda tx: profiles.account_at_stake(tx, stage.bob, 2, changes))
    stage.write(lambda tx: tx.execute("UPDATE users SET password_hash = 'another' WHERE id = 2"))
    with pytest.raises(Refusal) as caught:
        stage.write(lambda tx: profiles.update_user(tx, 2, changes, proved=account, password_hash="new"))
    assert caught.value.status == 409
    assert stage.row("SELECT password_hash FROM users WHERE id = 2") == ("another",)


def test_secrets_are_in_no_text_of_what_is_to_change() -> None:
    assert "sesame" not in repr(Changes(password="open sesame")) + repr(profiles.Account("a@b", "hash of sesame"))


def test_who_left_a_flow_is_not_heard_of_there(stage: Stage) -> None:
    stage.write(lambda tx: tx.execute("UPDATE flow_users SET in_flow = 0 WHERE user_id = 2"))
    assert change(stage, stage.bob, nick="gone").told == []
    assert stage.ask(stage.alice, flows.show_flow, **PLACE)["users"][1]["nick"] == "gone"


def test_whoever_has_another_password_is_told_so_by_mail(stage: Stage) -> None:
    def changed(tx: Transaction) -> None:
        tx.site = replace(tx.site, sends_mail=True)
        profiles.set_password(tx, stage.bob.user_id, "hash")

    stage.write(changed)
    [mail] = stage.write(lambda tx: outbox.take(tx, most=9, until=tx.now + 1000))
    assert (mail.kind, mail.recipient) == ("password changed", "bob@example.com")
