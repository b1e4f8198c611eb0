"""Two processes that want the same at the same moment: one of them has it, and the other sees that."""

import asyncio
import random
from typing import Any

import msgspec
import psycopg.errors
import pytest

from flowdock.server.actions import editing, places, presenting, reading, sending, setting_up, streaming
from flowdock.server.domain.actors import Integration, Person
from flowdock.server.domain.permissions import POST_TO_FLOW
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import applications, logs, people, sources
from flowdock.server.store.transaction import Transaction
from tests.server.stage import PLACE, Write, plain
from tests.server.store.postgres.stores import Stores

ITEM: Any = {"title": "Build", "author": {"name": "CI"}, "external_thread_id": "7", "thread": {"title": "Build 7"}}


def whisper(stores: Stores, **more: Any) -> Write:
    """A write that says something to bob in private."""
    return lambda tx: plain(
        sending.send_privately(tx, stores.alice, user_id=stores.bob.user_id, event="message", content="psst", **more)
    )


def answer(stores: Stores) -> Write:
    """The same, from bob."""
    return lambda tx: plain(
        sending.send_privately(tx, stores.bob, user_id=stores.alice.user_id, event="message", content="yes?")
    )


def a_user(nick: str) -> Write:
    return lambda tx: setting_up.create_user(
        tx, nick=nick, email=f"{nick}@example.org", name="", password_hash=None, org="acme", admin=False
    )


def a_source(stores: Stores, application: str) -> Write:
    def create(tx: Transaction) -> int:
        made = setting_up.create_source(
            tx,
            org="acme",
            flow="main",
            name="new",
            application=application,
            external_url=None,
            creator=stores.alice.user_id,
        )
        found = sources.find(tx, made.id)
        assert found is not None
        return found.application_id

    return create


def an_item(stores: Stores) -> Write:
    def present(tx: Transaction) -> Any:
        source = Integration(1, stores.flow_log)
        place = places.of_source(tx, source, POST_TO_FLOW)
        return plain_json(presenting.present(tx, source, place, "activity", ITEM))

    return present


def plain_json(json: bytes) -> Any:
    return msgspec.json.decode(json)


def test_a_conversation_that_two_begin_at_once_is_one(stores: Stores) -> None:
    first, second = stores.overlapping(whisper(stores), answer(stores))
    assert (first["id"], second["id"]) == (1, 2)
    assert stores.read(lambda tx: tx.rows("SELECT count(*) FROM conversations")) == [(1,)]


def test_both_people_hear_of_both_messages_in_the_same_order(stores: Stores) -> None:
    def heard_by(who: Person) -> Write:
        def contents(tx: Transaction) -> list[str]:
            told = streaming.replay(tx, people.get(tx, who.user_id).log_id, 0, limit=10)
            events = [msgspec.json.decode(one.frame) for one in told]
            return [event["content"] for event in events if event["event"] == "message"]

        return contents

    stores.overlapping(whisper(stores), answer(stores))

    assert stores.read(heard_by(stores.alice)) == ["psst", "yes?"]
    assert stores.read(heard_by(stores.bob)) == ["psst", "yes?"]


def test_an_application_that_two_name_at_once_is_one(stores: Stores) -> None:
    def unrelated(name: str) -> Write:
        return lambda tx: applications.named(tx, name)

    first, second = stores.overlapping(unrelated("Tracker"), unrelated("Tracker"))
    assert first == second


def test_two_sources_of_a_new_application_can_be_made_at_once(stores: Stores) -> None:
    stores.write(lambda tx: setting_up.create_flow(tx, org="acme", name="Second", creator=stores.alice.user_id))
    first, second = stores.overlapping(a_source(stores, "Tracker"), a_source(stores, "Tracker"))
    assert first == second


def test_of_two_who_take_a_nick_at_once_one_is_refused(stores: Stores) -> None:
    first, second = stores.overlapping(a_user("dave"), a_user("Dave"))
    assert isinstance(first, int)
    assert isinstance(second, Refusal)
    assert second.errors == {"nick": ["'Dave' has already been taken"]}


@pytest.mark.parametrize(
    "create",
    [
        lambda stores: lambda tx: setting_up.create_organization(tx, "Same"),
        lambda stores: lambda tx: setting_up.create_flow(tx, org="acme", name="Same", creator=stores.alice.user_id),
    ],
    ids=["organization", "flow"],
)
def test_of_two_who_take_a_name_at_once_one_is_refused(stores: Stores, create: Any) -> None:
    first, second = stores.overlapping(create(stores), create(stores))
    assert isinstance(first, str)
    assert isinstance(second, Refusal)
    assert "has already been taken" in second.errors["name"][0]


def test_a_message_sent_twice_at_once_under_one_uuid_is_stored_once(stores: Stores) -> None:
    say = stores.say("once", uuid="u1")
    first, second = stores.overlapping(say, say)
    assert first == second
    assert stores.contents() == ["once"]


def test_a_private_message_sent_twice_at_once_under_one_uuid_is_stored_once(stores: Stores) -> None:
    first, second = stores.overlapping(whisper(stores, uuid="u1"), whisper(stores, uuid="u1"))
    assert first == second
    assert stores.read(lambda tx: tx.rows("SELECT number FROM idempotency WHERE uuid = 'u1'")) == [(1,)]


def test_an_item_presented_twice_at_once_has_one_thread(stores: Stores) -> None:
    first, second = stores.overlapping(an_item(stores), an_item(stores))
    assert first["thread"]["id"] == second["thread"]["id"]
    assert second["thread"]["activities"] == 2


def test_reactions_given_at_once_are_all_kept(stores: Stores) -> None:
    number = stores.write(stores.say())["id"]

    def react(who: Any) -> Write:
        return lambda tx: editing.react(tx, who, **PLACE, id=number, emoji="tada", type="add")

    stores.overlapping(react(stores.alice), react(stores.bob))
    shown = plain(stores.read(lambda tx: reading.show_message(tx, stores.carol, **PLACE, id=number)))
    assert shown["emojiReactions"] == {"tada": [str(stores.alice.user_id), str(stores.bob.user_id)]}


def test_who_was_removed_from_a_flow_meanwhile_cannot_post_any_more(stores: Stores) -> None:
    def remove(tx: Transaction) -> None:
        logs.lock(tx, stores.flow_log)
        tx.execute("UPDATE flow_users SET in_flow = 0 WHERE user_id = ?", (stores.bob.user_id,))

    _, refused = stores.overlapping(remove, stores.say(by=stores.bob))
    assert isinstance(refused, Refusal)
    assert refused.status == 404


def test_moments_never_fall_while_numbers_rise(stores: Stores) -> None:
    """However long somebody waited for the lock, and whatever the clock of another machine shows."""
    first, second = stores.overlapping(stores.say("first"), stores.say("second"))
    assert first["sent"] <= second["sent"]
    stores.all[0]._last_moment = second["sent"] + 60_000
    ahead = stores.write(stores.say("ahead"), at=0)
    behind = stores.write(stores.say("behind"), at=1)
    assert (ahead["sent"], behind["sent"]) == (second["sent"] + 60_000,) * 2


def test_many_at_once_make_each_thing_once(stores: Stores) -> None:
    writes = [whisper(stores), answer(stores), stores.say("x", uuid="same"), an_item(stores)] * 10
    outcomes = stores.at_once(*writes)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert len({outcome["id"] for outcome in outcomes[0::4] + outcomes[1::4]}) == 20
    assert len({outcome["id"] for outcome in outcomes[2::4]}) == 1
    assert len({outcome["thread"]["id"] for outcome in outcomes[3::4]}) == 1
    assert stores.numbers() == list(range(1, len(stores.numbers()) + 1))


# ------------------------------------------------------------------------------------------------------ in a circle


def test_groups_that_wait_for_each_other_in_circles_are_all_stored(
    stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    """As when several people type in several flows: what is known of each is changed in any order."""
    chance = random.Random(3569)
    people_here = [stores.alice.user_id, stores.bob.user_id, stores.carol.user_id]
    circles = []

    def seen(user_id: int) -> Write:
        def write(tx: Transaction) -> int:
            try:
                people.seen(tx, user_id, active=True)
                tx.one("SELECT pg_sleep(0.005)")
            except psycopg.errors.DeadlockDetected as circle:
                circles.append(circle)
                raise
            return user_id

        return write

    async def together() -> list[Any]:
        flows = [(store, flow) for store in stores.all for flow in range(2)]
        asked = [store.write(seen(chance.choice(people_here)), about=flow) for store, flow in flows for _ in range(8)]
        return await asyncio.gather(*asked, return_exceptions=True)

    with psycopg.connect(stores.url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET deadlock_timeout = '20ms'")
    stores.reopen()
    stores.open()

    outcomes = stores.run(together)

    assert len(circles) > 1
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert caplog.records == []
