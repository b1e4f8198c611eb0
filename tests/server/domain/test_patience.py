import pytest

from flowdock.server.domain.patience import ATTEMPTS, LONGEST_PAUSE, pause_after

HOUR = 3_600_000


def test_pauses_grow_from_ten_seconds_to_six_hours() -> None:
    pauses = [pause_after(attempts, b"\xff\xff") for attempts in range(1, ATTEMPTS)]
    assert pauses[:4] == [10_000, 30_000, 90_000, 270_000]
    assert pauses[-1] == LONGEST_PAUSE == 6 * HOUR


def test_after_two_days_it_is_given_up() -> None:
    whole = sum(pause_after(attempts, b"\xff\xff") or 0 for attempts in range(1, ATTEMPTS))
    assert 40 * HOUR < whole < 48 * HOUR
    assert pause_after(ATTEMPTS, b"\xff\xff") is None


@pytest.mark.parametrize("chance, pause", [(b"\0\0", 8_000), (b"\x7f\xff", 8_999), (b"\xff\xff", 10_000)])
def test_chance_spreads_them_by_a_fifth(chance: bytes, pause: int) -> None:
    assert pause_after(1, chance) == pause
