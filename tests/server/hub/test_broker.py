import asyncio
import logging
import os
import signal
import time

import pytest
import redis as client

from flowdock.server.hub.redis.broker import RedisBroker
from flowdock.server.hub.redis.voice import FAREWELL_SECONDS
from tests.server.hub.neighbours import Cable, Neighbour, living, on_a_loop, running, until
from tests.server.hub.reader import News
from tests.services.redis import Redis


@on_a_loop
async def test_one_process_hears_how_far_another_let_a_log_grow(fresh_redis: str) -> None:
    async with living(fresh_redis) as teller, living(fresh_redis) as hearer:
        await hearer.follows(7)
        teller.broker.tell([News(7, 1236)])
        await until(lambda: hearer.numbers == [(7, 1236)])


@on_a_loop
async def test_whispers_travel_whole(fresh_redis: str) -> None:
    whisper = '{"event":"activity.user","content":"…\r\n$5"}'.encode()
    async with living(fresh_redis) as teller, living(fresh_redis) as hearer:
        await hearer.follows(7)
        teller.broker.tell([News(7, 0, whisper)])
        await until(lambda: hearer.whispers == [(7, whisper)])


@on_a_loop
async def test_nobody_hears_itself(fresh_redis: str) -> None:
    async with living(fresh_redis) as one, living(fresh_redis) as other:
        await one.follows(7)
        await other.follows(7)
        one.broker.tell([News(7, 1), News(7, 0)])
        await until(lambda: bool(other.whispers))
        other.broker.tell([News(7, 2)])
        await until(lambda: bool(one.numbers))
        assert (one.numbers, one.whispers) == ([(7, 2)], [])


@on_a_loop
async def test_what_was_committed_in_one_go_is_told_once(fresh_redis: str) -> None:
    async with living(fresh_redis) as teller, living(fresh_redis) as hearer:
        await hearer.follows(7, 8)
        teller.broker.tell([News(7, number) for number in range(1, 101)])
        teller.broker.tell([News(8, 1), News(7, 101)])
        await until(lambda: (8, 1) in hearer.numbers)
        assert hearer.numbers == [(7, 101), (8, 1)]


@on_a_loop
async def test_a_log_that_is_no_longer_followed_is_no_longer_heard(fresh_redis: str) -> None:
    async with living(fresh_redis) as teller, living(fresh_redis) as hearer:
        await hearer.follows(7)
        hearer.broker.unfollow(7)
        await hearer.follows(8)
        teller.broker.tell([News(7, 1), News(8, 1)])
        await until(lambda: bool(hearer.numbers))
        assert hearer.numbers == [(8, 1)]


@on_a_loop
async def test_every_follow_is_answered(fresh_redis: str) -> None:
    async with living(fresh_redis) as hearer:
        await hearer.follows(7)
        hearer.broker.unfollow(7)
        hearer.broker.follow(7)
        await until(lambda: hearer.listens_to == [7, 7])
        hearer.broker.follow(7)
        await until(lambda: hearer.listens_to == [7, 7, 7])
        assert hearer.broker.hears


@on_a_loop
async def test_it_does_not_hear_while_something_that_is_followed_is_not_confirmed(fresh_redis: str) -> None:
    async with living(fresh_redis) as hearer:
        hearer.broker.follow(7)
        assert not hearer.broker.hears
        await until(lambda: hearer.broker.hears)
        assert hearer.listens_to == [7]


@on_a_loop
async def test_thousands_of_logs_are_followed_and_told_of_at_once(fresh_redis: str) -> None:
    logs = range(1, 5001)
    async with living(fresh_redis) as teller, living(fresh_redis) as hearer:
        await hearer.follows(*logs)
        teller.broker.tell([News(log_id, log_id) for log_id in logs])
        await until(lambda: len(hearer.numbers) == len(logs))
        assert sorted(hearer.listens_to) == list(logs)
        assert hearer.numbers == [(log_id, log_id) for log_id in logs]


@on_a_loop
async def test_credentials_that_change_are_everybodys_concern(fresh_redis: str) -> None:
    async with living(fresh_redis) as teller, living(fresh_redis) as hearer:
        before = hearer.said.count("credentials")
        teller.broker.tell_credentials_changed()
        await until(lambda: hearer.said.count("credentials") == before + 1)
        assert teller.said.count("credentials") == 1


@on_a_loop
async def test_on_each_connection_credentials_may_have_changed_unheard(fresh_redis: str) -> None:
    async with Cable(fresh_redis) as cable, living(cable.url) as hearer:
        assert hearer.said == ["credentials"]
        cable.cut()
        cable.mend()
        await until(lambda: hearer.said.count("credentials") == 2)


@on_a_loop
async def test_databases_of_one_server_do_not_hear_each_other(own_redis: Redis) -> None:
    first_url, second_url = f"{own_redis.url}/1", f"{own_redis.url}/2"
    async with living(first_url) as stranger, living(second_url) as teller, living(second_url) as hearer:
        await hearer.follows(7)
        async with living(first_url) as other_stranger:
            await other_stranger.follows(7)
            stranger.broker.tell([News(7, 1)])
            await until(lambda: other_stranger.numbers == [(7, 1)])
        teller.broker.tell([News(7, 2)])
        await until(lambda: bool(hearer.numbers))
        assert hearer.numbers == [(7, 2)]


@on_a_loop
async def test_what_is_told_before_there_is_a_connection_is_not_lost(fresh_redis: str) -> None:
    async with living(fresh_redis) as hearer:
        await hearer.follows(7)
        teller = Neighbour(RedisBroker(fresh_redis))
        teller.broker.tell([News(7, 3), News(7, 0)])
        teller.broker.tell_credentials_changed()
        async with running(teller):
            await until(lambda: hearer.said.count("credentials") == 2 and bool(hearer.whispers))
        assert hearer.numbers == [(7, 3)]


@on_a_loop
async def test_what_was_told_last_is_heard_although_the_process_ends(fresh_redis: str) -> None:
    async with Cable(fresh_redis) as cable, living(fresh_redis) as hearer:
        await hearer.follows(7, 8)
        async with living(cable.url) as teller:
            cable.cut()
            await until(lambda: "deaf" in teller.said)
            teller.broker.tell([News(7, 3)])
            await asyncio.sleep(0)
            cable.mend()
        await until(lambda: (7, 3) in hearer.numbers)
        async with living(fresh_redis) as teller:
            teller.broker.tell([News(8, 4)])
        await until(lambda: (8, 4) in hearer.numbers)


@on_a_loop
async def test_a_process_ends_although_its_broker_is_stuck(own_redis: Redis) -> None:
    async with living(own_redis.url) as teller:
        os.kill(own_redis.pid, signal.SIGSTOP)
        teller.broker.tell([News(7, 3)])
        began = time.monotonic()
    os.kill(own_redis.pid, signal.SIGCONT)
    assert time.monotonic() - began < 2 * FAREWELL_SECONDS


@on_a_loop
async def test_a_process_ends_although_its_connection_is_lost_in_that_moment(fresh_redis: str) -> None:
    for moment in range(40):
        async with Cable(fresh_redis) as cable, living(cable.url) as hearer:
            hearer.broker.follow(7)
            cable.cut()
            for _ in range(moment):
                await asyncio.sleep(0)


@on_a_loop
async def test_a_whisper_is_not_said_into_a_connection_that_was_ended(fresh_redis: str) -> None:
    async with living(fresh_redis) as teller, living(fresh_redis) as hearer:
        await hearer.follows(7)
        with client.Redis.from_url(fresh_redis) as connection:
            connection.execute_command("CLIENT", "KILL", "TYPE", "normal")
        await hearer.follows(8)  # meanwhile the end of the connection has come, too
        teller.broker.tell([News(7, 0)])
        await until(lambda: hearer.whispers == [(7, b"{}")])


@on_a_loop
async def test_after_the_end_nothing_is_heard(fresh_redis: str) -> None:
    async with living(fresh_redis) as hearer:
        await hearer.follows(7)
    assert not hearer.broker.hears


@on_a_loop
async def test_a_broker_that_dies_is_noticed_once_and_found_again(own_redis: Redis) -> None:
    async with living(own_redis.url) as hearer:
        await hearer.follows(7, 8)
        own_redis.kill()
        await until(lambda: "deaf" in hearer.said)
        assert (hearer.broker.hears, hearer.heard_now) == (False, set())
        await asyncio.to_thread(own_redis.start)
        await until(lambda: hearer.heard_now == {7, 8})
        assert (hearer.broker.hears, hearer.said.count("deaf")) == (True, 1)


@on_a_loop
async def test_what_is_followed_while_the_broker_is_away_is_heard_when_it_is_back(own_redis: Redis) -> None:
    async with living(own_redis.url) as teller, living(own_redis.url) as hearer:
        await hearer.follows(7)
        own_redis.kill()
        await until(lambda: "deaf" in hearer.said and "deaf" in teller.said)
        hearer.broker.follow(8)
        hearer.broker.unfollow(7)
        await asyncio.to_thread(own_redis.start)
        await until(lambda: hearer.heard_now == {8} and hearer.broker.hears)
        teller.broker.tell([News(7, 1), News(8, 1)])
        await until(lambda: bool(hearer.numbers))
        assert hearer.numbers == [(8, 1)]


@on_a_loop
async def test_how_far_logs_have_grown_is_kept_while_the_broker_is_away(fresh_redis: str) -> None:
    async with Cable(fresh_redis) as cable, living(cable.url) as teller, living(fresh_redis) as hearer:
        await hearer.follows(7, 8)
        cable.cut()
        await until(lambda: "deaf" in teller.said)
        for number in range(1, 100):
            teller.broker.tell([News(7, number), News(8, number)])
            await asyncio.sleep(0)
        teller.broker.tell_credentials_changed()
        cable.mend()
        await until(lambda: hearer.said.count("credentials") == 2)
        assert sorted(hearer.numbers) == [(7, 99), (8, 99)]


@on_a_loop
async def test_what_was_on_its_way_when_the_connection_was_lost_is_told_again(fresh_redis: str) -> None:
    async with Cable(fresh_redis) as cable, living(cable.url) as teller, living(fresh_redis) as hearer:
        await hearer.follows(7)
        for number in range(1, 11):
            teller.broker.tell([News(7, number)])
            await asyncio.sleep(0.001 * (number % 4))
            cable.cut()
            cable.mend()
            await until(lambda number=number: (7, number) in hearer.numbers)  # type: ignore[misc]


@on_a_loop
async def test_a_server_that_is_stuck_is_noticed(own_redis: Redis) -> None:
    async with (
        living(own_redis.url, silence_seconds=0.4) as teller,
        living(own_redis.url, silence_seconds=0.4) as hearer,
    ):
        await hearer.follows(7)
        os.kill(own_redis.pid, signal.SIGSTOP)
        try:
            teller.broker.tell([News(7, 5)])
            await until(lambda: "deaf" in hearer.said and "deaf" in teller.said)
            assert not hearer.broker.hears
        finally:
            os.kill(own_redis.pid, signal.SIGCONT)
        await until(lambda: 7 in hearer.heard_now)
        teller.broker.tell([News(7, 6)])
        await until(lambda: (7, 6) in hearer.numbers)


@on_a_loop
async def test_a_server_that_has_nothing_to_say_is_not_given_up(fresh_redis: str) -> None:
    async with living(fresh_redis, silence_seconds=1) as hearer:
        await hearer.follows(7)
        await asyncio.sleep(1.6)
        assert "deaf" not in hearer.said


@on_a_loop
async def test_a_process_may_begin_before_its_broker(own_redis: Redis) -> None:
    own_redis.kill()
    hearer = Neighbour(RedisBroker(own_redis.url))
    hearer.broker.follow(7)
    async with running(hearer):
        await until(lambda: hearer.said == ["deaf"])
        await asyncio.to_thread(own_redis.start)
        await until(lambda: hearer.heard_now == {7})


@on_a_loop
async def test_a_wrong_password_is_told_to_the_log_without_it(
    own_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    with client.Redis.from_url(own_redis.url) as connection:
        connection.config_set("requirepass", "sesame")
    place = own_redis.url.rpartition("/")[2]
    stranger = Neighbour(RedisBroker(f"redis://:mellon@{place}"))
    async with running(stranger), living(f"redis://:sesame@{place}") as friend:
        await until(lambda: stranger.said == ["deaf"])
        await friend.follows(7)
    assert "password" in caplog.text
    assert "mellon" not in caplog.text


@on_a_loop
async def test_a_user_who_may_not_subscribe_is_told_to_the_log(
    own_redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    with client.Redis.from_url(own_redis.url) as connection:
        connection.execute_command("ACL", "SETUSER", "ann", "on", ">sesame", "+@all", "resetchannels")
    hearer = Neighbour(RedisBroker(own_redis.url.replace("//", "//ann:sesame@")))
    async with running(hearer):
        await until(lambda: "deaf" in hearer.said)
    assert not hearer.broker.hears
    assert caplog.text.count("permissions") == 1


@on_a_loop
async def test_what_is_none_of_ours_is_not_heard(fresh_redis: str, caplog: pytest.LogCaptureFixture) -> None:
    async with living(fresh_redis) as teller, living(fresh_redis) as hearer:
        await hearer.follows(7)
        with client.Redis.from_url(fresh_redis) as connection:
            (channel,) = connection.pubsub_channels("flowdock:*:log:7")
            for junk in (b"", b"8 bytes.", b"8 bytes.r x", b"8 bytes.x 5", b"\xff" * 100):
                connection.publish(channel, junk)
        teller.broker.tell([News(7, 1)])
        await until(lambda: hearer.numbers == [(7, 1)])
    assert caplog.text.count("no Flowdock") == 5


@on_a_loop
async def test_a_listener_that_fails_hears_on(fresh_redis: str, caplog: pytest.LogCaptureFixture) -> None:
    class Fails(Neighbour):
        def reached(self, log_id: int, number: int) -> None:
            super().reached(log_id, number)
            raise ZeroDivisionError

    hearer = Fails(RedisBroker(fresh_redis))
    with caplog.at_level(logging.CRITICAL, "flowdock.hub"):
        async with living(fresh_redis) as teller, running(hearer):
            await hearer.follows(7)
            teller.broker.tell([News(7, 1)])
            await until(lambda: hearer.numbers == [(7, 1)])
            teller.broker.tell([News(7, 2)])
            await until(lambda: hearer.numbers == [(7, 1), (7, 2)])
