import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.hub.broker import UnusableBroker
from flowdock.server.hub.redis import open_broker, open_expiring
from flowdock.server.hub.redis.addresses import without_secrets

WRONG = {
    "http://example.com": "'http://example.com' is not the address of a broker; give one such as redis://",
    "example.com": "'example.com' is not the address of a broker; give one such as redis://",
    "redis://:sesame@example.com:port": r"'redis://\*\*\*@example.com:port' is not the address of a broker",
    "redis://:ses/ame@example.com": r"'redis://\*\*\*@example.com' is not the address of a broker",
    "redis://example.com?socket_connect_timeout=sesame": "'redis://example.com' is not the address of a broker",
    "redis://:sesame@example.com?colour=red": r"'redis://\*\*\*@example.com' has an option that is unknown or wrong",
}
SHOWN = {
    "redis://127.0.0.1:6379/2": "redis://127.0.0.1:6379/2",
    "redis://:sesame@127.0.0.1:6379": "redis://***@127.0.0.1:6379",
    "rediss://ann:sesame@example.com": "rediss://***@example.com",
    "redis://:a@b://c@example.com": "redis://***@example.com",
    "redis://127.0.0.1?password=sesame": "redis://127.0.0.1",
    "ann:sesame@example.com": "***@example.com",
    ":s://esame@example.com": "***@example.com",
    "": "",
}


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_address_is_told_and_what_a_right_one_looks_like(url: str) -> None:
    with pytest.raises(UnusableBroker, match=WRONG[url]) as caught:
        open_broker(url)
    assert "ses" not in str(caught.value)


def test_counters_are_as_particular() -> None:
    with pytest.raises(UnusableBroker, match="is not the address of a broker"):
        open_expiring("http://example.com")


@pytest.mark.parametrize("url", SHOWN)
def test_an_address_is_shown_without_its_secrets(url: str) -> None:
    assert without_secrets(url) == SHOWN[url]


@given(st.text(min_size=1), st.text(min_size=1))
def test_no_password_is_shown_whatever_is_in_it(user: str, password: str) -> None:
    assert without_secrets(f"redis://{user}:{password}@example.com") == "redis://***@example.com"


@pytest.mark.parametrize("opening", [open_broker, open_expiring])
def test_without_the_package_the_extra_is_named(
    opening: Callable[[str], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(UnusableBroker) as caught:
        opening("redis://:sesame@example.com")
    assert str(caught.value) == (
        "the broker 'redis://***@example.com' needs the package redis; install flowdock[redis]"
    )


@pytest.mark.parametrize("url", ["redis://127.0.0.1?protocol=3&decode_responses=true", "unix:///run/redis.sock?db=2"])
def test_options_that_would_change_the_language_do_not(url: str) -> None:
    open_broker(url)
