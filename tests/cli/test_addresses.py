import pytest

from flowdock.cli.addresses import is_here, url_of


@pytest.mark.parametrize(
    "host, url",
    [
        ("127.0.0.1", "http://127.0.0.1:3569"),
        ("flowdock.example", "http://flowdock.example:3569"),
        ("0.0.0.0", "http://127.0.0.1:3569"),
        ("::", "http://[::1]:3569"),
        ("fe80::1", "http://[fe80::1]:3569"),
    ],
)
def test_a_listener_is_reached_at_an_address_that_leads_to_it(host: str, url: str) -> None:
    assert url_of(host, 3569) == url


@pytest.mark.parametrize(
    "url, here",
    [
        ("http://127.0.0.1:3569", True),
        ("http://[::1]", True),
        ("https://localhost/", True),
        ("https://flowdock.example", False),
        ("nonsense", False),
    ],
)
def test_this_machine_is_known_by_its_own_names(url: str, here: bool) -> None:
    assert is_here(url) == here
