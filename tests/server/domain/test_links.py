"""Addresses of integrations: those that run are refused, all others stay as they came."""

import pytest

from flowdock.server.domain import links
from flowdock.server.domain.refusals import Refusal


@pytest.mark.parametrize(
    "address",
    [
        "https://ci.example/7",
        "HTTP://ci.example",
        "mailto:ray@example.com",
        "ci.example:8080/7",
        "localhost:8080",
        "/relative?at=10:30",
        "//ci.example:8080/7",
        "#part:two",
        "ITEM 7",
        "",
    ],
)
def test_an_address_that_runs_nothing_stays_as_it_came(address: str) -> None:
    assert links.harmless(address, field="url") == address


@pytest.mark.parametrize(
    "address",
    ["javascript:1", "javascript:1/alert(1)", "\x00java\nscript:1", "data:text/html,x", "javascript&colon;1", ":x"],
)
def test_an_address_that_could_run_is_refused_with_its_text(address: str) -> None:
    with pytest.raises(Refusal) as refused:
        links.harmless(address, field="url")

    assert repr(address) in refused.value.errors["url"][0]
