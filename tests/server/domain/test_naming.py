import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.domain import naming
from flowdock.server.domain.refusals import Refusal


@pytest.mark.parametrize(
    "name, parameterized",
    [
        ("Main", "main"),
        ("Ünited Nations!", "united-nations"),
        ("  two   words ", "two-words"),
        ("a/b:c", "a-b-c"),
        ("--x--", "x"),
        ("ﬁve", "five"),
        ("日本", ""),
        ("", ""),
    ],
)
def test_names_in_addresses(name: str, parameterized: str) -> None:
    assert naming.parameterized(name) == parameterized


@given(st.text())
def test_any_name_gives_an_address_that_needs_no_escaping(name: str) -> None:
    parameterized = naming.parameterized(name)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", parameterized)
    assert naming.parameterized(parameterized) == parameterized


@pytest.mark.parametrize("name", ["", "  ", "!!!", "日本", "x" * 101])
def test_a_name_that_can_be_no_address_is_refused(name: str) -> None:
    with pytest.raises(Refusal) as caught:
        naming.checked_name(name, field="application")
    assert list(caught.value.errors) == ["application"]


def test_a_name_is_one_line_without_blanks_around_it() -> None:
    assert naming.checked_name("  Main\r\n flow ") == "Main flow"


@pytest.mark.parametrize("nick", ["alice", "Ray_", "a.b-c", "Зоя", "名"])
def test_nicks(nick: str) -> None:
    assert naming.checked_nick(nick) == nick


@pytest.mark.parametrize(
    "nick", ["", " ", "two words", "a@b", "#a", "a,b", "a:b", "x" * 51, "a\n", "bo\u200bb", "\u202ebob"]
)
def test_nicks_nobody_could_mention_are_refused(nick: str) -> None:
    with pytest.raises(Refusal):
        naming.checked_nick(nick)


def test_ids_look_as_recorded_and_threads_sort_by_time() -> None:
    early, late = (naming.thread_id(now, b"\xff" * 20) for now in (1_600_000_000_000, 1_600_000_000_001))
    assert re.fullmatch(r"[\w-]{27}", early)
    assert early != late
    assert re.fullmatch(r"[\w-]{22}", naming.uuid(b"\x00" * 16))


@given(st.text())
def test_any_token_has_a_digest(token: str) -> None:
    assert len(naming.token_digest(token)) == 32
    assert naming.token_digest(token) == naming.token_digest(token)
    assert naming.token_digest(token) != naming.token_digest(token + "x")
