from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.client import patience
from flowdock.client.patience import Attempt, Patience
from flowdock.client.reading import Reader
from flowdock.protocol.errors import (
    BadSetting,
    ConnectionFailed,
    FlowdockError,
    StreamBroken,
    TimedOut,
    from_answer,
)

PATIENCE = Patience(tries=6, first_tries=4, first_wait=0.25, longest_wait=8.0, longest_asked_wait=60.0)
NOW = datetime(2020, 9, 13, 12, 0, 0, tzinfo=UTC)


def refusal(status: int, *, retry_after: float | None = None) -> FlowdockError:
    return from_answer(status, b"{}", retry_after=retry_after)


def never_reached(kind: type[ConnectionFailed] = ConnectionFailed) -> ConnectionFailed:
    error = kind("no server")
    error.reached = False
    return error


@pytest.mark.parametrize(
    "error,if_repeatable,if_not",
    [
        (ConnectionFailed("cut"), True, False),
        (never_reached(), True, True),
        (TimedOut("slow"), False, False),
        (never_reached(TimedOut), False, False),
        (refusal(400), False, False),
        (refusal(401), False, False),
        (refusal(403), False, False),
        (refusal(404), False, False),
        (refusal(409), False, False),
        (refusal(410), False, False),
        (refusal(429), True, True),
        (refusal(429, retry_after=60), True, True),
        (refusal(429, retry_after=61), False, False),
        (refusal(500), True, False),
        (refusal(501), False, False),
        (refusal(502), True, False),
        (refusal(503), True, False),
        (refusal(503, retry_after=3600), False, False),
        (refusal(504), True, False),
        (refusal(507), False, False),
        (BadSetting("wrong"), False, False),
    ],
)
def test_what_is_tried_again(error: FlowdockError, *, if_repeatable: bool, if_not: bool) -> None:
    waits = [
        patience.wait_before_retry(error, Attempt(tries=1, repeatable=repeatable), chance=0.0, patience=PATIENCE)
        for repeatable in (True, False)
    ]

    assert [wait is not None for wait in waits] == [if_repeatable, if_not]


@pytest.mark.parametrize(
    "error,known,waits",
    [
        (refusal(503), True, [0.25, 0.5, 1.0, 2.0, 4.0, None]),
        (refusal(500), True, [0.25, 0.5, 1.0, None, None, None]),
        (never_reached(), True, [0.25, 0.5, 1.0, 2.0, 4.0, None]),
        (never_reached(), False, [0.25, 0.5, 1.0, None, None, None]),
    ],
)
def test_waits_double_until_the_tries_are_used_up(
    error: FlowdockError, waits: list[float | None], *, known: bool
) -> None:
    assert [
        patience.wait_before_retry(
            error, Attempt(tries=tries, repeatable=True, known=known), chance=0.0, patience=PATIENCE
        )
        for tries in range(1, 7)
    ] == waits


@pytest.mark.parametrize("left,wait", [(None, 1.0), (1.1, 1.0), (1.0, None), (0.0, None), (-1.0, None)])
def test_nobody_waits_beyond_the_deadline(left: float | None, wait: float | None) -> None:
    attempt = Attempt(tries=3, repeatable=True, left=left)

    assert patience.wait_before_retry(refusal(503), attempt, chance=0.0, patience=PATIENCE) == wait


def test_a_server_that_says_nothing_is_asked_again_by_whoever_has_the_time() -> None:
    attempt = Attempt(tries=1, repeatable=True, outlasts_silence=True)

    assert patience.wait_before_retry(TimedOut("slow"), attempt, chance=0.0, patience=PATIENCE) == 0.25
    again = replace(attempt, repeatable=False)
    assert patience.wait_before_retry(TimedOut("slow"), again, chance=0.0, patience=PATIENCE) is None


def test_a_server_that_asks_for_a_longer_wait_gets_it() -> None:
    attempt = Attempt(tries=1, repeatable=False)

    assert patience.wait_before_retry(refusal(429, retry_after=7), attempt, chance=0.5, patience=PATIENCE) == 7


@given(failures=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_a_wait_is_never_nothing_and_never_longer_than_the_longest(failures: int, chance: float) -> None:
    assert 0.25 <= patience.backoff(failures, chance=chance, patience=PATIENCE) <= 8.0


@pytest.mark.parametrize("failures", range(1, 5))
def test_chance_spreads_a_wait_over_twice_its_least(failures: int) -> None:
    least, most = (patience.backoff(failures, chance=chance, patience=PATIENCE) for chance in (0.0, 1.0))

    assert most == 2 * least


@pytest.mark.parametrize(
    "error,done",
    [
        (ConnectionFailed("cut"), True),
        (TimedOut("slow"), True),
        (never_reached(), False),
        (refusal(502), True),
        (refusal(503), True),
        (refusal(504), True),
        (refusal(429), False),
        (refusal(404), False),
    ],
)
def test_what_the_server_may_have_done_without_saying_so(error: FlowdockError, *, done: bool) -> None:
    assert patience.may_have_been_done(error) is done


FRESH = Reader()
OPEN = Reader(was_open=True, cursor="7")
BROKEN = Reader(was_open=True, cursor="7", broken_at=("7",))


@pytest.mark.parametrize(
    "error,reader,resumes",
    [
        (ConnectionFailed("cut"), OPEN, True),
        (ConnectionFailed("cut"), Reader(was_open=True, failures=1000), True),
        (TimedOut("silence"), OPEN, True),
        (never_reached(), OPEN, True),
        (never_reached(), FRESH, True),
        (never_reached(), Reader(failures=2), True),
        (never_reached(), Reader(failures=3), False),
        (StreamBroken("nonsense"), OPEN, True),
        (StreamBroken("nonsense"), BROKEN, False),
        (StreamBroken("nonsense"), replace(BROKEN, cursor="8"), True),
        (refusal(400), OPEN, False),
        (refusal(401), OPEN, False),
        (refusal(403), OPEN, False),
        (refusal(404), OPEN, False),
        (refusal(410), OPEN, False),
        (refusal(408), FRESH, True),
        (refusal(409), FRESH, True),
        (refusal(429), FRESH, True),
        (refusal(500), Reader(failures=1000), True),
        (refusal(503), FRESH, True),
    ],
)
def test_which_streams_are_opened_again(error: FlowdockError, reader: Reader, *, resumes: bool) -> None:
    assert patience.may_resume(error, reader, patience=PATIENCE) is resumes


@pytest.mark.parametrize(
    "error,reader,retry,wait",
    [
        (None, FRESH, None, 0.25),
        (None, Reader(failures=2), None, 1.0),
        (ConnectionFailed("cut"), FRESH, None, 0.25),
        (ConnectionFailed("cut"), Reader(failures=1000), None, 4.0),
        (ConnectionFailed("cut"), FRESH, 3.0, 3.0),
        (refusal(503, retry_after=5), FRESH, None, 5),
        (refusal(503, retry_after=3600), FRESH, None, 60.0),
        (None, FRESH, 1e9, 60.0),
    ],
)
def test_how_long_a_stream_waits(error: FlowdockError | None, reader: Reader, retry: float | None, wait: float) -> None:
    assert patience.wait_before_resuming(error, reader, retry=retry, chance=0.0, patience=PATIENCE) == wait


@pytest.mark.parametrize(
    "header,seconds",
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("-1", None),
        ("1e3", None),
        ("²", None),
        ("Sun, 13 Sep 2020 12:00:30 GMT", 30.0),
        ("Sun, 13 Sep 2020 12:00:30", 30.0),
        ("Sun, 13 Sep 2020 11:00:00 GMT", 0.0),
    ],
)
def test_what_a_retry_after_header_asks_for(header: str | None, seconds: float | None) -> None:
    assert patience.seconds_of(header, now=NOW) == seconds
