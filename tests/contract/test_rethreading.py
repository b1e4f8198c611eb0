"""How a request says that a message moves, and how one says that it stays."""

from urllib.parse import urlencode

import pytest

from tests.contract.flows import NewFlow
from tests.contract.plain import Answer, Caller, ask

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def by_form(caller: Caller, path: str, **parameters: str) -> Answer:
    return ask(caller.url, "PUT", path, headers={**caller.headers, **FORM}, body=urlencode(parameters).encode())


@pytest.fixture
def reply(alice: Caller, new_flow: NewFlow) -> str:
    """The path of a message in somebody else's thread."""
    first = alice.post(f"{new_flow.path}/messages", event="message", content="one").json
    thread = f"{new_flow.path}/threads/{first['thread_id']}/messages"
    return f"{new_flow.path}/messages/{alice.post(thread, event='message', content='two').json['id']}"


def thread_of(caller: Caller, path: str) -> str:
    return str(caller.get(path).json["thread_id"])


def test_null_or_an_empty_text_stands_for_a_thread_of_its_own(alice: Caller, reply: str) -> None:
    first = thread_of(alice, reply)

    assert alice.put(reply, thread_id=None).body == b"{}"
    second = thread_of(alice, reply)
    assert alice.put(reply, thread_id=first).body == b"{}"
    back = thread_of(alice, reply)
    assert by_form(alice, reply, thread_id="").body == b"{}"

    assert (back, len({first, second, thread_of(alice, reply)})) == (first, 3)


def test_what_is_left_out_stays_and_so_does_what_null_says_nothing_of(alice: Caller, reply: str) -> None:
    before = alice.get(reply).json

    assert alice.put(reply, tags=None, content=None).body == b"{}"

    assert alice.get(reply).json == before


def test_a_thread_that_is_no_text_is_refused(alice: Caller, reply: str) -> None:
    answer = alice.put(reply, thread_id={"id": 1})

    assert (answer.status, list(answer.json["errors"])) == (400, ["thread_id"])
