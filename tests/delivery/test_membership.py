"""A stream of all flows through a bad network, while its reader is put into a flow and out of it again and again."""

import os
import random
import threading
import time
from typing import Any

import pytest

import flowdock
from flowdock.client.patience import Patience
from flowdock.testing import Server
from flowdock.testing.proxy import Plan, Proxy
from tests.client.flavours import Connect

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SEED = int(os.environ.get("FLOWDOCK_TEST_SEED", "3569"))
TURNS = 12
LAST = "that was all"
HURRIED = Patience(first_wait=0.001, longest_wait=0.05, silence=0.5, tries=100, first_tries=100)


def come_and_go(stays: flowdock.Flow, comes: flowdock.Flow, uid: int, proxy: Proxy) -> None:
    """Have somebody in a flow and out of it, with things said in both, and stay in it at last."""
    chance = random.Random(SEED)
    for turn in range(TURNS):
        comes.add_user(uid) if turn == 0 else comes.unblock(uid)
        for flow in (stays, comes, stays, comes):
            flow.send(f"turn {turn}, inside")
            time.sleep(chance.uniform(0, 0.03))
        if chance.random() < 0.5:
            proxy.cut()
        if turn < TURNS - 1:
            comes.block(uid)
            for flow in (stays, comes):
                flow.send(f"turn {turn}, outside")
    proxy.plan = None
    for flow in (stays, comes):
        flow.send(LAST)


def test_what_is_heard_while_one_comes_and_goes_is_heard_once_in_order(
    connect: Connect, server: Server, proxy: Proxy
) -> None:
    with flowdock.connect(token=server.user.token, api_url=server.url) as alice:
        made = [alice.create_flow(server.org, f"Membership {name} {time.time_ns()}") for name in ("stays", "comes")]
        stays, comes = (alice(org=server.org, flow=flow["parameterized_name"]) for flow in made)
        stays.add_user(server.second_user.id)
        bob: Any = connect(token=server.second_user.token, api_url=proxy.url, timeout=1, deadline=60, patience=HURRIED)
        opened = threading.Event()

        def go() -> None:
            if opened.wait(10):
                come_and_go(stays, comes, server.second_user.id, proxy)

        going = threading.Thread(target=go)
        going.start()

        def note(state: str, _: object) -> None:
            if state == "open" and not opened.is_set():
                proxy.plan = Plan(SEED, share=0.3, within=5000, longest=0.2)
                opened.set()

        heard: dict[str, list[Any]] = {flow["id"]: [] for flow in made}
        for event in bob.events(on_state=note):
            if event.get("flow") in heard and isinstance(event["id"], int):
                heard[event["flow"]].append(event)
            if all(events and events[-1]["content"] == LAST for events in heard.values()):
                break
        going.join()
        said = {flow["id"]: place.list(limit=100) for flow, place in zip(made, (stays, comes), strict=True)}

    for place, events in heard.items():
        ids = [event["id"] for event in events]
        assert ids == sorted(set(ids)), f"not once in order in {place}: {ids}, {proxy}"
    stayed = [event["id"] for event in heard[made[0]["id"]]]
    assert stayed == list(range(stayed[0], stayed[-1] + 1)), proxy
    turn = f"turn {TURNS - 1}, inside"
    expected = [message["id"] for message in said[made[1]["id"]] if message["content"] in (turn, LAST)]
    assert expected == [event["id"] for event in heard[made[1]["id"]] if event["content"] in (turn, LAST)], proxy
