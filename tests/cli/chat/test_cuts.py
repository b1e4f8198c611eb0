"""A server that goes away and comes back, while one writes and others write."""

import flowdock
from flowdock.testing import Server
from tests.cli.chat.watching import run, watching


def test_what_is_said_while_there_is_no_connection_arrives_once_and_in_order(server: Server) -> None:
    async def scenario() -> None:
        async with watching(server, server.user) as chat:
            flow = chat.app.talk.current
            assert flow is not None
            await chat.say("before")
            await chat.until(lambda: not flow.outgoing)
            server.stop()
            await chat.sees("✗ no connection")
            for number in range(5):
                await chat.say(f"meanwhile {number}")
            await chat.sees("waits for the connection…")
            assert chat.count("meanwhile") == 5

            server.start()
            with flowdock.connect(token=server.second_user.token, api_url=server.url) as bob:
                main = bob(org=server.org, flow=server.flow)
                main.send("said by bob while the chat was away")
                await chat.sees("● connected")
                await chat.until(lambda: not flow.outgoing and chat.count("said by bob"))
                assert [chat.count(f"meanwhile {number}") for number in range(5)] == [1] * 5
                said = [one["content"] for one in main.list(limit=20) if "meanwhile" in str(one["content"])]
            assert said == [f"meanwhile {number}" for number in range(5)]
            assert chat.count("said by bob") == chat.count("before") == 1

    run(scenario())


def test_what_comes_as_answer_and_as_event_is_seen_once(server: Server) -> None:
    async def scenario() -> None:
        async with watching(server, server.user) as chat:
            place = chat.app.talk.current
            assert place is not None
            await chat.say("once")
            await chat.until(lambda: not place.outgoing)
            stored = place.history.messages[place.history.newest]
            with flowdock.connect(token=server.user.token, api_url=server.url) as same:
                again = same(org=server.org, flow=server.flow).send("once", uuid=stored["uuid"])
            place.confirm(again)
            await chat.app.talk.hear(dict(again))
            chat.app.renew()
            assert chat.count("once") == 1

    run(scenario())
