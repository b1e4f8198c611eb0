"""A server that is killed at any moment loses nothing it acknowledged, and doubles nothing."""

import random
import threading
from pathlib import Path

import pytest

from tests.journeys.talking import Reader, Writer, ask, wait_until
from tests.journeys.upstart import Up

KILLS = 10
WRITERS = 4


@pytest.mark.crash
@pytest.mark.timeout(180)
def test_what_was_acknowledged_is_there_once_after_ten_kills_under_load(tmp_path: Path) -> None:
    chance = random.Random(3569)
    with Up(tmp_path) as up:
        token, path = up.told["token"], "/flows/acme/main/messages"
        one_flow = Reader(up.port, token, "/stream/flows/acme/main")
        all_mine = Reader(up.port, token, "/stream/flows?filter=acme/main&user=1")
        stop = threading.Event()
        writers = [Writer(up.port, token, name=f"w{at}", path=path, stop=stop) for at in range(WRITERS)]
        for reader in (one_flow, all_mine):
            reader.start()
            assert reader.following.wait(30)
        for writer in writers:
            writer.start()

        for _ in range(KILLS):
            said = sum(len(writer.acknowledged) for writer in writers)
            more = chance.randrange(1, 120)
            wait_until(lambda: sum(len(writer.acknowledged) for writer in writers) >= said + more)  # noqa: B023
            up.kill()
            up.start()
        stop.set()
        for writer in writers:
            writer.join(30)

        acknowledged = {uuid: number for writer in writers for uuid, number in writer.acknowledged.items()}
        newest = max(acknowledged.values())
        for reader in (one_flow, all_mine):
            wait_until(lambda: any(event["id"] >= newest for event in reader.events[-50:]))  # noqa: B023
            reader.stop()
        everything = Reader(up.port, token, "/stream/flows/acme/main", cursor="0")
        everything.start()
        wait_until(lambda: any(event["id"] >= newest for event in everything.events[-50:]))
        everything.stop()
        stored: dict[int, str] = {}
        while page := ask(up.port, token, "GET", f"{path}?limit=100&sort=asc&since_id={max(stored, default=0)}"):
            stored.update({message["id"]: message["uuid"] for message in page})

    sent = [uuid for uuid in stored.values() if uuid.startswith("w")]
    assert len(sent) == len(set(sent)), "a message is there twice"
    assert {uuid: number for number, uuid in stored.items() if uuid in acknowledged} == acknowledged
    assert [event["id"] for event in everything.events] == list(range(1, len(everything.events) + 1))
    for reader in (one_flow, all_mine):
        assert reader.connections > 1
        seen = [event["id"] for event in reader.events]
        assert seen == list(range(seen[0], seen[0] + len(seen)))
        assert set(acknowledged.values()) <= set(seen)
