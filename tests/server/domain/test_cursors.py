import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.domain import cursors

numbers = st.integers(0, 2**32 - 1)
positions = st.dictionaries(st.integers(1, 2**31), numbers, min_size=1, max_size=8)


@given(positions)
def test_a_cursor_leads_back_to_where_it_was_taken(where: dict[int, int]) -> None:
    assert cursors.resume(cursors.of(where, compound=True), where) == where


@given(positions, st.sets(st.integers(1, 2**31), min_size=2))
def test_logs_that_the_cursor_does_not_know_are_left_out(where: dict[int, int], wanted: set[int]) -> None:
    resumed = cursors.resume(cursors.of_several(where), wanted)
    assert resumed == {log_id: where[log_id] for log_id in where.keys() & wanted}


def test_a_reader_of_one_log_has_a_plain_number() -> None:
    assert cursors.of({7: 42}, compound=False) == "42"
    assert cursors.resume("42", [9]) == {9: 42}


def test_a_plain_number_says_nothing_of_several_logs() -> None:
    assert cursors.resume("42", [1, 2]) is None


@pytest.mark.parametrize(
    "cursor",
    [None, "", "x", "-1", "1.5", "٤٢", "1:", ":1", "1:2:3", "1:2,", "1:2;3:4", "1:x", "9" * 20, "1:2," * 40_000],
)
def test_what_is_no_cursor_gives_nothing(cursor: str | None) -> None:
    assert cursors.resume(cursor, [1]) is None


@given(st.text(), st.lists(st.integers(1, 5)))
def test_garbage_never_raises(cursor: str, wanted: list[int]) -> None:
    assert (cursors.resume(cursor, wanted) or {}).keys() <= set(wanted)


def test_a_reader_of_very_many_logs_can_resume() -> None:
    where = {2**31 - number: 2**32 - number for number in range(1, 2001)}
    assert cursors.resume(cursors.of(where, compound=True), where) == where
