"""Which messages the service listed for which conditions, case by case, however a client sends the conditions."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import urlencode

import pytest

from flowdock.testing import Server
from tests.contract.flows import NewFlow, make_flow
from tests.contract.plain import Answer, Caller, basic
from tests.contract.recorded import recorded

Case: TypeAlias = Mapping[str, Any]
Asking: TypeAlias = Callable[[Caller, str, Mapping[str, Any]], Answer]

RECORDED = recorded("authored/list-search-cases.json")
RANGES, SEARCHES = RECORDED["cases"], RECORDED["search_cases"]


def as_json_body(caller: Caller, path: str, conditions: Mapping[str, Any]) -> Answer:
    return caller.carry("GET", path, conditions)


def as_query(caller: Caller, path: str, conditions: Mapping[str, Any]) -> Answer:
    return caller.get(path, **{name: in_text(value) for name, value in conditions.items()})


def as_query_with_brackets(caller: Caller, path: str, conditions: Mapping[str, Any]) -> Answer:
    pairs = [
        (f"{name}[]" if isinstance(value, list) else name, one)
        for name, value in conditions.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    return caller.get(f"{path}?{urlencode(pairs)}")


def in_text(value: object) -> str:
    return ",".join(value) if isinstance(value, list) else str(value)


ASKINGS = pytest.mark.parametrize("ask", [as_json_body, as_query, as_query_with_brackets])


def named(case: Case) -> str:
    return json.dumps(case["q"])


@pytest.fixture(scope="module")
def alice_once(server: Server) -> Caller:
    return Caller(server.url, basic(server.user.token))


@pytest.fixture(scope="module")
def ranged(server: Server, alice_once: Caller) -> tuple[NewFlow, Sequence[int]]:
    """Files, but for the fourth, which is a text."""
    flow = make_flow(server)
    path = f"{flow.path}/messages"
    answers = [
        alice_once.post(path, event="message", content="text")
        if number == 4
        else alice_once.post_file(path, "file.txt", b"content")
        for number in range(1, 6)
    ]
    return flow, [answer.json["id"] for answer in answers]


@pytest.fixture(scope="module")
def searched(server: Server, alice_once: Caller) -> tuple[NewFlow, Sequence[int]]:
    flow = make_flow(server)
    sends: list[tuple[str, list[str]]] = [
        ("1. a keyword", []),
        ("2. keywords", ["A"]),
        ("3. more keywords", ["A", "B"]),
    ]
    answers = [
        alice_once.post(f"{flow.path}/messages", event="message", content=text, tags=tags) for text, tags in sends
    ]
    return flow, [answer.json["id"] for answer in answers]


@ASKINGS
@pytest.mark.parametrize("case", RANGES, ids=named)
def test_a_range_is_listed_as_recorded(
    alice: Caller, ranged: tuple[NewFlow, Sequence[int]], case: Case, ask: Asking
) -> None:
    flow, ids = ranged
    marks = {f"M{number}": message_id for number, message_id in enumerate(ids, 1)}
    conditions = {name: marks.get(value, value) for name, value in case["q"].items()}

    listed = ask(alice, f"{flow.path}/messages", conditions)

    assert [message["id"] for message in listed.json] == [marks[mark] for mark in case["ids"]]


@ASKINGS
@pytest.mark.parametrize("case", SEARCHES, ids=named)
def test_a_search_finds_what_was_recorded(
    alice: Caller, searched: tuple[NewFlow, Sequence[int]], case: Case, ask: Asking
) -> None:
    flow, ids = searched
    marks = {f"S{number}": message_id for number, message_id in enumerate(ids, 1)}

    listed = ask(alice, f"{flow.path}/messages", case["q"])

    assert [message["id"] for message in listed.json] == [marks[mark] for mark in case["ids"]]


def test_without_conditions_the_newest_thirty_come_oldest_first(alice: Caller, new_flow: NewFlow) -> None:
    path = f"{new_flow.path}/messages"
    sent = [alice.post(path, event="message", content=str(number)).json["id"] for number in range(31)]

    assert [message["id"] for message in alice.get(path).json] == sent[1:]


def test_a_crawler_reads_everything_from_the_oldest_on(alice: Caller, new_flow: NewFlow) -> None:
    path = f"{new_flow.path}/messages"
    sent = [alice.post(path, event="message", content=str(number)).json["id"] for number in range(5)]

    crawled: list[int] = []
    while page := alice.get(path, since_id=crawled[-1] if crawled else 0, sort="asc", limit=2).json:
        crawled += [message["id"] for message in page]

    assert crawled == sorted(crawled)
    assert crawled[-5:] == sent


def test_what_only_tells_of_other_events_is_not_listed(alice: Caller, new_flow: NewFlow) -> None:
    path = f"{new_flow.path}/messages"
    message_id = alice.post(path, event="message", content="hello").json["id"]
    alice.put(f"{path}/{message_id}", content="hello #again")
    alice.post(f"{path}/{message_id}/emoji_reaction", type="add", emoji="grinning")

    assert {message["event"] for message in alice.get(path, limit=100).json} <= {
        "message",
        "line",
        "action",
        "activity",
    }
    assert alice.get(path, event="message-edit,tag-change,emoji-reaction").json == []


@pytest.mark.parametrize("app,events", [("chat", {"message", "line", "action"}), ("influx", {"activity"})])
def test_people_and_the_inbox_are_listed_apart(alice: Caller, new_flow: NewFlow, app: str, events: set[str]) -> None:
    assert {message["event"] for message in alice.get(f"{new_flow.path}/messages", app=app).json} == events
