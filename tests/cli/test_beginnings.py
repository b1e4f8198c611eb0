from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
import typer

from flowdock import Flow
from flowdock.cli import beginnings

NOW = datetime(2026, 3, 5, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "text,wanted",
    [
        ("42", 42),
        ("0", 0),
        ("2h", NOW - timedelta(hours=2)),
        ("90 m", NOW - timedelta(minutes=90)),
        ("3D", NOW - timedelta(days=3)),
        ("now", NOW),
        ("today", datetime(2026, 3, 5, tzinfo=UTC)),
        ("yesterday", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-01-31T09:30", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31T09:30+02:00", datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
    ],
)
def test_a_beginning_is_a_number_or_a_time(text: str, wanted: int | datetime) -> None:
    assert beginnings.since(text, now=NOW) == wanted


@pytest.mark.parametrize("text", ["soon", "-1", "2y", "", "2026-13-01"])
def test_anything_else_is_wrong_usage_that_is_shown(text: str) -> None:
    with pytest.raises(typer.BadParameter, match=f"{text!r} is neither the number of a message nor a time such as 2h"):
        beginnings.since(text, now=NOW)


class Place:
    """A flow of these messages: the numbers and the times, in seconds after 1970."""

    def __init__(self, sent: dict[int, int]) -> None:
        self._messages = [{"id": number, "sent": seconds * 1000} for number, seconds in sent.items()]
        self.questions = 0

    def list(
        self, *, limit: int, since_id: int = 0, sort: str = "desc", until_id: int | None = None
    ) -> list[dict[str, int]]:
        self.questions += 1
        found = [one for one in self._messages if one["id"] > since_id]
        return found[:limit] if sort == "asc" else found[-limit:]


@pytest.mark.parametrize("seconds", [0, 1, 7, 499, 500, 899, 905, 998, 999, 1000, 2000])
def test_the_last_message_before_a_moment_is_found_among_many(seconds: int) -> None:
    # Every third number only: the others are edits, or gone.
    place = Place({number * 3: number for number in range(1, 1000)})

    found = beginnings.last_before(cast("Flow", cast("Any", place)), datetime.fromtimestamp(seconds, UTC))

    # Whatever lies between two messages may be the answer as well.
    assert max((number for number in range(1, 1000) if number < seconds), default=0) == found // 3
    assert place.questions <= 13


def test_before_the_first_message_there_is_none() -> None:
    assert beginnings.last_before(cast("Flow", cast("Any", Place({}))), NOW) == 0
