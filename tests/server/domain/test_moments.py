import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.domain import moments


@pytest.mark.parametrize(
    "ms, text",
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_570_169_588_985, "2019-10-04T06:13:08.985Z"),
        (1_600_000_000_007, "2020-09-13T12:26:40.007Z"),
    ],
)
def test_moments_as_texts(ms: int, text: str) -> None:
    assert moments.iso(ms) == text
    assert moments.iso_second(ms) == f"{text[:-5]}.000Z"
    assert moments.parse_iso(text) == ms


@given(st.integers(0, 253_402_300_799_999))
def test_a_moment_survives_as_text(ms: int) -> None:
    assert moments.parse_iso(moments.iso(ms)) == ms


@pytest.mark.parametrize(
    "text, ms",
    [
        ("2020-09-13", 1_599_955_200_000),
        ("2020-09-13T12:26:40", 1_600_000_000_000),
        (" 2020-09-13T14:26:40+02:00 ", 1_600_000_000_000),
        ("2020-09-13T12:26:40.123456Z", 1_600_000_000_123),
    ],
)
def test_other_forms_are_understood(text: str, ms: int) -> None:
    assert moments.parse_iso(text) == ms


@pytest.mark.parametrize("text", ["", "yesterday", "2020-13-01", "2020-09-13T25:00:00Z", "1600000000000"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moments.parse_iso(text) is None


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?([+-]\d\d:\d\d)?", fullmatch=True))
def test_no_text_raises(text: str) -> None:
    moment = moments.parse_iso(text)
    assert moment is None or isinstance(moment, int)
