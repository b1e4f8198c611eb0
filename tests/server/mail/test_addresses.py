"""Which flow an address means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.server.mail.addresses import TAGS, Recipient, recipient_of


@pytest.mark.parametrize(
    "address, expected",
    [
        ("main@acme.flowdock.example", Recipient("acme", "main")),
        ("Main@ACME.Flowdock.Example", Recipient("acme", "main")),
        ("main@acme.flowdock.example.", Recipient("acme", "main")),
        ("main+bug@acme.flowdock.example", Recipient("acme", "main", ("bug",))),
        ("main+bug+v2.0+bug@acme.flowdock.example", Recipient("acme", "main", ("bug", "v2.0"))),
        ("main+@acme.flowdock.example", Recipient("acme", "main")),
        ("acme.main+bug@flowdock.example", Recipient("acme", "main", ("bug",))),
        ("main+:unread:9+@team@acme.flowdock.example", Recipient("acme", "main")),
        ("main+müll@acme.flowdock.example", Recipient("acme", "main", ("müll",))),
        ("main@flowdock.example", None),
        ("main@acme.flowdock.example.com", None),
        ("main@acmeflowdock.example", None),
        ("a/b@acme.flowdock.example", None),
        ("a.b.c@flowdock.example", None),
        ("main@a.b.flowdock.example", None),
        ("@acme.flowdock.example", None),
        ("main", None),
        ("", None),
    ],
)
def test_an_address_names_a_flow_and_tags(address: str, expected: Recipient | None) -> None:
    assert recipient_of(address, mail_domain="flowdock.example") == expected


def test_so_many_tags_are_taken() -> None:
    many = "+".join(f"t{number}" for number in range(TAGS + 1))
    found = recipient_of(f"main+{many}@acme.flowdock.example", mail_domain="flowdock.example")

    assert found is not None
    assert len(found.tags) == TAGS


@given(st.text())
def test_whatever_stands_before_the_domain_is_an_address_or_none(local: str) -> None:
    found = recipient_of(f"{local}@acme.flowdock.example", mail_domain="flowdock.example")

    assert found is None or found.org == "acme"
