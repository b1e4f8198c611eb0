"""Everybody asks for everything, and gets what the table of permissions says: no more, and no less.

An absent thing and a hidden one are answered alike, to the byte.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest

from flowdock.protocol import endpoints
from flowdock.protocol.errors import NOT_FOUND_BODY
from flowdock.server.domain import permissions as rules
from flowdock.server.domain.permissions import Role, Rule
from flowdock.testing import Server
from tests.contract.cast import CALLERS, MARK, PERSONS, Wire, World, new_world
from tests.contract.expectations import CASES, Case, Outcome, expected_of
from tests.contract.plain import Answer, Stream
from tests.services.postgres import Databases

STRANGER = next(one for one in PERSONS if one.name == "stranger")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests here, on each database."""
    folder = tmp_path_factory.mktemp("server")
    if request.param == "sqlite":
        with Server(folder) as running:
            yield running
        return
    databases: Databases = request.getfixturevalue("postgres")
    name = databases.create_unnamed()
    with Server(folder, database=databases.url(name)) as running:
        yield running
    databases.drop(name)


@pytest.fixture(scope="module")
def to_look_at(server: Server, wire: Wire) -> World:
    """A world for those who only look, in which there is something to see."""
    world = new_world(server, wire)
    for name in ("said", "presented", "file", "private message"):
        world.thing(name)
    return world


def outcome(case: Case, answer: Answer) -> Outcome:
    if case.allowed(answer.status):
        return Outcome.ALLOWED
    return Outcome(str(answer.status))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_everybody_may_what_the_table_says(server: Server, wire: Wire, to_look_at: World, case: Case) -> None:
    world, is_touched = to_look_at, case.row.method != "GET"
    wrong = []
    for caller in sorted(CALLERS, key=lambda one: case.expected(one) is Outcome.ALLOWED):
        if is_touched:
            world, is_touched = new_world(server, wire), False
        answer, expected = world.ask(caller, case.row, case.at, case.parameters), case.expected(caller)
        found = outcome(case, answer) if str(answer.status) in {*Outcome} or case.allowed(answer.status) else None
        if found is not expected:
            wrong.append(f"{caller}: expected {expected}, got {answer.status} {answer.body[:200]!r}")
        if not case.rules[0].roles & {Role.HOLDER}:
            told = [secret for secret in world.secrets_from(caller) if secret.encode() in answer.body]
            wrong += [f"{caller} is told {secret!r}: {answer.body[:300]!r}" for secret in told]
        # What is pushed takes nothing from whoever pushes next.
        is_touched = found is Outcome.ALLOWED and case.row.method != "GET" and not case.row.name.startswith("push_")

    assert wrong == [], "\n".join(wrong)


def test_every_endpoint_and_every_rule_has_a_case() -> None:
    elsewhere = {
        # What has no row: streams and bodies of files, below.
        rules.STREAM_FLOW,
        rules.STREAM_CONVERSATIONS,
        rules.READ_FILE,
        # Only a member about themselves asks for it, below.
        rules.LEAVE_FLOW,
    }

    assert {case.row.name for case in CASES} == {row.name for row in endpoints.ALL}
    assert {rule.name for case in CASES for rule in case.rules} | {rule.name for rule in elsewhere} == set(rules.TABLE)


_ABSENT: Mapping[str, Any] = {
    "org": "absent",
    "flow": "absent",
    "thread_id": "AAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "id": 999_999_999,
    "user_id": 999_999_999,
    "delivery_id": 999_999_999,
    "number": 999_999_999,
    "emoji": "absent",
    "key": "absent",
    "uid": "absent",
}
HIDDEN = [case for case in CASES if case.at and case.expected(STRANGER) is Outcome.HIDDEN]


@pytest.mark.parametrize("case", HIDDEN, ids=str)
def test_what_is_hidden_is_answered_like_what_is_absent(to_look_at: World, case: Case) -> None:
    hidden = to_look_at.ask(STRANGER, case.row, case.at, case.parameters)
    absent = to_look_at.ask(STRANGER, case.row, {name: _ABSENT[name] for name in case.at}, case.parameters)

    assert (hidden.status, hidden.body) == (absent.status, absent.body) == (404, NOT_FOUND_BODY)
    assert telling(hidden) == telling(absent)


def telling(answer: Answer) -> list[tuple[str, str]]:
    return [(name, value) for name, value in answer.headers.items() if name.lower() != "date"]


ARCHIVED = [case for case in CASES if case.about == "flow" and case.at.get("flow") == "$flow"]


@pytest.mark.parametrize("case", ARCHIVED, ids=str)
def test_in_an_archived_flow_there_is_only_what_the_table_says(server: Server, wire: Wire, case: Case) -> None:
    """Members read on; nobody writes. Things that are not there are told of only after that."""
    world = new_world(server, wire)
    chief = next(one for one in PERSONS if one.name == "founder")
    there = {**{name: _ABSENT[name] for name in case.at}, "org": world.org, "flow": world.archived_flow}

    answer = world.ask(chief, case.row, there, case.parameters)

    is_archived = answer.status == 403 and b"archived" in answer.body
    assert is_archived == (not all(rule.archived for rule in case.rules)), answer


@pytest.mark.parametrize("name,status", [("member", 200), ("chief", 200), ("colleague", 404), ("stranger", 404)])
def test_whoever_is_in_a_flow_may_leave_it(server: Server, wire: Wire, name: str, status: int) -> None:
    world = new_world(server, wire)
    caller = next(one for one in PERSONS if one.name == name)
    at = {"org": world.org, "flow": world.flow, "user_id": world.ids[name]}

    assert world.ask(caller, endpoints.UPDATE_FLOW_USER, at, {"disabled": True}).status == status


STREAMS = [
    ("/stream/flows/{org}/{flow}", rules.STREAM_FLOW, "flow"),
    ("/stream/flows?filter={org}/{flow}", rules.STREAM_FLOW, "flow"),
    ("/stream/flows?filter={flow_id}", rules.STREAM_FLOW, "flow"),
    ("/stream/flows/{org}/{open_flow}", rules.STREAM_FLOW, "open flow"),
    ("/stream/flows?user=1", rules.STREAM_CONVERSATIONS, "one's own"),
]


@pytest.mark.parametrize("target,rule,about", STREAMS)
def test_streams_are_open_to_those_whom_the_table_lets_in(
    to_look_at: World, target: str, rule: Rule, about: str
) -> None:
    world = to_look_at
    path = target.format(org=world.org, flow=world.flow, flow_id=world.flow_id, open_flow=world.open_flow)
    wrong = []
    for caller in CALLERS:
        expected = expected_of(caller, rule, about)
        with Stream(world.server.url, path, {**world.headers(caller), "Accept": "application/json"}) as stream:
            if stream.status != (200 if expected is Outcome.ALLOWED else int(expected)):
                wrong.append(f"{caller}: expected {expected}, got {stream.status}")

    assert wrong == [], "\n".join(wrong)


def test_files_are_read_by_those_whom_the_table_lets(to_look_at: World) -> None:
    path = quote(to_look_at.thing("file"))
    wrong = []
    for caller in CALLERS:
        answer = to_look_at.wire.ask("GET", path, {}, to_look_at.headers(caller))
        expected = expected_of(caller, rules.READ_FILE, "file in flow")
        if answer.status != (302 if expected is Outcome.ALLOWED else int(expected)):
            wrong.append(f"{caller}: expected {expected}, got {answer.status}")

    assert wrong == [], "\n".join(wrong)


def test_a_file_of_others_is_answered_like_one_that_is_absent(to_look_at: World) -> None:
    path = quote(to_look_at.thing("file"))
    absent = path.replace(MARK, "absent")
    answers = [to_look_at.wire.ask("GET", one, {}, to_look_at.headers(STRANGER)) for one in (path, absent)]

    assert (answers[0].status, answers[0].body) == (answers[1].status, answers[1].body) == (404, NOT_FOUND_BODY)
    assert telling(answers[0]) == telling(answers[1])


def test_members_are_told_what_is_kept_from_others(to_look_at: World) -> None:
    told = to_look_at.founder("GET", "/search", q=MARK), to_look_at.founder("GET", f"{to_look_at.path}/messages")

    for secret in to_look_at.secrets_from(STRANGER)[::3]:
        assert secret in str(told)
