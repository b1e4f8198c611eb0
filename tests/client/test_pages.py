"""More than one answer holds: everything comes once, in order, whatever is said meanwhile."""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import flowdock
from flowdock import constructors as new
from flowdock.client import walks
from flowdock.server.store.store import REAL, Chance
from flowdock.testing import Server
from tests.client.flavours import Connect
from tests.client.peer import Exchange, Serve

NUMBERS = count(1)


class Standing:
    """A clock that goes on when a test says so, so that much happens in one millisecond."""

    def __init__(self) -> None:
        self.now = REAL.clock()

    def __call__(self) -> int:
        return self.now


CLOCK = Standing()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("server"), chance=Chance(clock=CLOCK, entropy=REAL.entropy)) as running:
        yield running


@pytest.fixture(scope="module")
def alice(server: Server) -> Iterator[flowdock.Client]:
    with flowdock.connect(token=server.user.token, api_url=server.url) as client:
        yield client


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walks, "PAGE", 3)


def new_flow(alice: flowdock.Client, server: Server) -> flowdock.Flow:
    made = alice.create_flow(server.org, f"Pages {next(NUMBERS)}")
    return alice(org=server.org, flow=made["parameterized_name"])


def ids(things: Any) -> list[Any]:
    return [thing["id"] for thing in things]


@pytest.fixture
def pages(connect: Connect, alice: flowdock.Client, server: Server) -> tuple[flowdock.Flow, Any]:
    """A new flow of alice's, and the same in either flavour."""
    flow = new_flow(alice, server)
    client = connect(token=server.user.token, api_url=server.url)
    return flow, client(org=flow.org, flow=flow.flow)


def test_a_history_is_walked_in_both_directions_past_what_one_answer_holds(pages: Any) -> None:
    flow, walked = pages
    said = [flow.send(f"{number}")["id"] for number in range(10)]

    assert ids(walked.messages(since_id=said[0] - 1)) == said
    assert ids(walked.messages(since_id=said[0] - 1, newest_first=True)) == said[::-1]
    assert ids(walked.messages(since_id=said[2], until_id=said[7])) == said[3:7]
    assert ids(walked.messages(since_id=said[2], until_id=said[7], newest_first=True)) == said[6:2:-1]


def test_a_history_is_walked_by_words_tags_and_kinds(pages: Any) -> None:
    flow, walked = pages
    found = [(flow.send(f"needle {number} #pin"), flow.send("straw"))[0]["id"] for number in range(8)]
    line = flow.line("finds a needle #pin")["id"]

    assert ids(walked.messages(search="needle")) == [*found, line]
    assert ids(walked.messages(tags=["pin"], newest_first=True)) == [line, *found[::-1]]
    assert ids(walked.messages(search="needle", tags="pin", since_id=found[1], until_id=found[6])) == found[2:6]
    assert (
        ids(walked.messages(search="2", tags=["pin"], tag_mode="or", event="message", newest_first=True)) == found[::-1]
    )
    assert ids(walked.messages(event=["line", "file"], since_id=found[0])) == [line]


def test_the_last_message_is_enough_to_go_on(pages: Any) -> None:
    flow, walked = pages
    said = [flow.send(f"{number}")["id"] for number in range(7)]

    last = ids(islice(walked.messages(since_id=said[0] - 1), 4))[-1]
    assert ids(walked.messages(since_id=last)) == said[4:]
    last = ids(islice(walked.messages(newest_first=True), 4))[-1]
    assert ids(walked.messages(until_id=last, since_id=said[0] - 1, newest_first=True)) == said[2::-1]


def test_threads_and_private_conversations_are_walked_as_flows_are(
    pages: Any, connect: Connect, alice: flowdock.Client, server: Server
) -> None:
    flow, walked = pages
    first = flow.send("first")
    replies = [(flow.send("beside"), flow.thread(first["thread_id"]).send("reply"))[1]["id"] for _ in range(5)]
    whispers = [alice(uid=server.second_user.id).send("psst")["id"] for _ in range(5)]
    private = connect(token=server.user.token, api_url=server.url, name=server.second_user.nick)

    assert ids(walked.thread(first["thread_id"]).messages()) == [first["id"], *replies]
    assert ids(walked.thread(first["thread_id"]).messages(newest_first=True, search="reply")) == replies[::-1]
    assert ids(private.messages(since_id=whispers[0] - 1)) == whispers


def test_threads_of_one_millisecond_all_come(pages: Any) -> None:
    flow, walked = pages
    begun = [flow.send(f"{number}")["thread_id"] for number in range(10)]

    # The flow itself began with one.
    assert ids(walked.all_threads())[:-1] == begun[::-1]
    last = list(islice(walked.all_threads(), 4))[-1]
    assert ids(walked.all_threads(until=last["updated_at"], until_id=last["id"]))[:-1] == begun[5::-1]


def test_a_thread_that_jumps_to_the_front_meanwhile_still_comes_once(connect: Connect, server: Server) -> None:
    service = flowdock.connect(flow_token=server.flow_token, api_url=server.url)
    walked = connect(token=server.user.token, api_url=server.url, org=server.org, flow=server.flow)

    def update(number: int) -> str:
        CLOCK.now += 1
        made = service.present(
            f"{number}", author=new.author("Ray"), title="changed", thread=new.thread("Item"), wait=True
        )
        return str(made["thread_id"])

    with service:
        items = [update(number) for number in range(9)]
        threads = walked.all_threads()
        begun = ids(islice(threads, 2))
        for number in (0, 8, 1):
            update(number)
        shown = begun + ids(islice(threads, 4))
        update(2)
        shown += ids(threads)

    assert shown[:2] == items[:-3:-1]
    assert len(shown) == len(set(shown))
    assert set(items) <= set(shown)


def test_everything_that_a_search_finds_comes_once(pages: Any, connect: Connect, server: Server) -> None:
    flow, _ = pages
    word = f"needle{next(NUMBERS)}"
    found = [flow.send(f"{word} {number}")["id"] for number in range(8)]
    client = connect(token=server.user.token, api_url=server.url)

    assert [hit["message"]["id"] for hit in client.hits(word)] == found[::-1]
    assert list(client.hits(f"{word} nowhere")) == []


def test_a_page_that_failed_for_good_can_be_asked_for_again(connect: Connect, serve: Serve) -> None:
    async def fails_once(exchange: Exchange) -> None:
        since = int(exchange.query["since_id"])
        page = [{"id": since + number, "event": "message"} for number in range(1, 4) if since < 6]
        await exchange.answer(403 if exchange.number == 2 else 200, page)

    walked = connect(token="t", org="acme", flow="main", api_url=serve(fails_once).url).messages()
    begun = ids(islice(walked, 3))

    with pytest.raises(flowdock.Forbidden):
        next(walked)
    assert begun + ids(walked) == [1, 2, 3, 4, 5, 6]


def test_a_server_that_knows_no_bounds_in_a_search_is_not_asked_for_ever(connect: Connect, serve: Serve) -> None:
    peer = serve(lambda exchange: exchange.answer(200, [{"id": number, "event": "message"} for number in (1, 2, 3)]))

    assert ids(connect(token="t", org="acme", flow="main", api_url=peer.url).messages(search="x")) == [1, 2, 3]


class History:
    """A flow in which things are said, and what there should be of them."""

    def __init__(self, flow: flowdock.Flow) -> None:
        self.flow = flow
        self.ids: list[int] = []
        self.tagged: list[int] = []
        self.threads: list[str] = []

    def do(self, step: str) -> None:
        if step == "later":
            CLOCK.now += 1
        elif step == "delete" and self.tagged:
            self.flow.delete(self.tagged.pop(0))
        elif step == "reply" and self.threads:
            self.ids.append(self.flow.thread(self.threads[len(self.ids) % len(self.threads)]).send("yes")["id"])
        elif step in {"send", "tagged"}:
            said = self.flow.send("well", tags=["pin"] if step == "tagged" else [])
            self.ids.append(said["id"])
            self.threads.append(said["thread_id"])
            self.tagged += [said["id"]] if step == "tagged" else []


SAID = st.sampled_from(["send", "reply", "tagged", "delete", "later"])


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(SAID, max_size=14), meanwhile=st.lists(SAID, max_size=12), newest_first=st.booleans())
def test_what_there_is_comes_once_and_in_order_whatever_happens_meanwhile(
    alice: flowdock.Client, server: Server, before: list[str], meanwhile: list[str], newest_first: bool
) -> None:
    history = History(new_flow(alice, server))
    for step in before:
        history.do(step)
    messages, tagged, threads = set(history.ids), set(history.tagged), set(history.threads)
    walks_there: list[Iterator[Any]] = [
        history.flow.messages(newest_first=newest_first, event="message"),
        history.flow.messages(newest_first=newest_first, tags=["pin"]),
        history.flow.all_threads(),
    ]
    shown: list[list[Any]] = [[], [], []]

    # After each thing that comes another is said, for as long as there are some.
    for step in [*meanwhile, *("nothing" for _ in range(40))]:
        for walk, seen in zip(walks_there, shown, strict=True):
            seen.extend(ids(islice(walk, 1)))
        history.do(step)

    assert all(seen == sorted(set(seen), reverse=newest_first) for seen in shown[:2])
    assert messages <= set(shown[0])
    assert tagged & set(history.tagged) <= set(shown[1])
    assert len(shown[2]) == len(set(shown[2]))
    assert threads <= set(shown[2])
