from typing import Any

import pytest

from flowdock.client.settings import Settings, Timeouts, resolve, timeouts_of
from flowdock.protocol.errors import BadSetting

HOME = "http://127.0.0.1:3569"
PROFILE = {
    "api_url": "https://chat.acme.example",
    "stream_url": "https://stream.acme.example",
    "org": "acme",
    "flow": "main",
    "token": "from-profile",
    "flow_token": "source-from-profile",
}


def test_without_any_word_it_is_a_server_on_this_machine() -> None:
    assert resolve({}, {}, {}) == Settings(api_url=HOME, stream_url=f"{HOME}/stream")


def test_arguments_come_before_the_environment_and_that_before_the_profile() -> None:
    environ = {"FLOWDOCK_TOKEN": "from-environment", "FLOWDOCK_FLOW_TOKEN": "source-from-environment"}

    found = resolve({"token": "from-argument", "flow_token": None}, environ, PROFILE)

    assert (found.token, found.flow_token, found.org) == ("from-argument", "source-from-environment", "acme")
    assert resolve({}, {}, PROFILE) == Settings(**PROFILE)


@pytest.mark.parametrize(
    "arguments,environ,stored,api_url,stream_url",
    [
        ({}, {}, {"api_url": "https://a.example/"}, "https://a.example", "https://a.example/stream"),
        ({"api_url": "https://a.example/flowdock/"}, {}, {}, "https://a.example/flowdock", None),
        ({}, {"FLOWDOCK_API_URL": "https://b.example"}, PROFILE, "https://b.example", None),
        ({"api_url": "https://a.example"}, {"FLOWDOCK_API_URL": "https://b.example"}, {}, "https://a.example", None),
        ({}, {"FLOWDOCK_STREAM_URL": f"{HOME}/stream/flows"}, {}, HOME, f"{HOME}/stream"),
        ({}, {"FLOWDOCK_STREAM_URL": "https://stream.b.example/flows/"}, {}, HOME, "https://stream.b.example"),
        ({"stream_url": "https://s.example"}, {}, PROFILE, PROFILE["api_url"], "https://s.example"),
        ({}, {"FLOWDOCK_API_URL": "", "FLOWDOCK_STREAM_URL": ""}, {}, HOME, f"{HOME}/stream"),
        ({"api_url": PROFILE["api_url"] + "/"}, {}, PROFILE, PROFILE["api_url"], PROFILE["stream_url"]),
    ],
)
def test_where_it_talks_to(
    arguments: dict[str, str], environ: dict[str, str], stored: dict[str, str], api_url: str, stream_url: str | None
) -> None:
    found = resolve(arguments, environ, stored)

    assert (found.api_url, found.stream_url) == (api_url, stream_url or f"{api_url}/stream")


def test_another_server_is_told_nothing_out_of_the_profile() -> None:
    found = resolve({"api_url": "https://other.example"}, {}, PROFILE)

    assert found == Settings(api_url="https://other.example", stream_url="https://other.example/stream")


def test_a_profile_without_an_address_belongs_to_the_server_on_this_machine() -> None:
    stored = {"token": "from-profile"}

    assert resolve({}, {}, stored).token == "from-profile"
    assert resolve({"api_url": "https://other.example"}, {}, stored).token is None


def test_the_streaming_address_of_the_environment_belongs_to_the_api_there() -> None:
    environ = {"FLOWDOCK_API_URL": "https://b.example", "FLOWDOCK_STREAM_URL": "https://stream.b.example"}

    assert resolve({}, environ, {}).stream_url == "https://stream.b.example"
    assert resolve({"api_url": "https://a.example"}, environ, {}).stream_url == "https://a.example/stream"


@pytest.mark.parametrize(
    "address",
    ["localhost:3569", "ftp://a.example", "https://", "https://a.example/?x=1", "http://[", "x", "http://a:b"],
)
@pytest.mark.parametrize(
    "place,origin",
    [
        (lambda address: ({"api_url": address}, {}, {}), "the argument api_url"),
        (lambda address: ({}, {"FLOWDOCK_API_URL": address}, {}), "FLOWDOCK_API_URL"),
        (lambda address: ({}, {}, {"api_url": address}), "api_url in the profile"),
        (lambda address: ({"stream_url": address}, {}, {}), "the argument stream_url"),
        (lambda address: ({}, {"FLOWDOCK_STREAM_URL": address}, {}), "FLOWDOCK_STREAM_URL"),
        (lambda address: ({}, {}, {"stream_url": address}), "stream_url in the profile"),
    ],
)
def test_what_is_no_address_is_shown_with_where_it_came_from(place: Any, origin: str, address: str) -> None:
    with pytest.raises(BadSetting) as caught:
        resolve(*place(address))
    assert str(caught.value).startswith(f"{origin} is {address!r}, which is not an address such as https://")


def test_credentials_in_an_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match="contains credentials; give them as token=") as caught:
        resolve({"api_url": "https://s3cret@a.example"}, {}, {})
    assert "s3cret" not in str(caught.value)


def test_tokens_are_not_shown() -> None:
    assert "from-profile" not in repr(resolve({}, {}, PROFILE))


@pytest.mark.parametrize(
    "seconds,waits",
    [
        (None, Timeouts(connect=10, answer=60, upload=600, deadline=60)),
        (5, Timeouts(connect=5, answer=5, upload=5, deadline=60)),
        (120, Timeouts(connect=10, answer=120, upload=120, deadline=120)),
    ],
)
def test_a_timeout_is_for_answers_and_shortens_connecting(seconds: float | None, waits: Timeouts) -> None:
    assert timeouts_of(seconds) == waits
