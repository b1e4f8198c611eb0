"""Addresses that people are invited by."""

import pytest

from flowdock.server.domain.addresses import checked_mailbox, listed
from flowdock.server.domain.refusals import Refusal


@pytest.mark.parametrize(
    "text,good,bad",
    [
        ("a@example.com,b@example.com", ["a@example.com", "b@example.com"], []),
        ("a@example.com\r\n\n b@example.com ,", ["a@example.com", "b@example.com"], []),
        ('"Doe, Jane" <jane@example.com>\nx@invalid', ["jane@example.com"], ["x@invalid"]),
        ("Jane Doe <jane@example.com>, JANE@example.com", ["jane@example.com"], []),
        ("nobody, <>, a@b@example.com", [], ["nobody", "<>", "a@b@example.com"]),
        ('"open, a@example.com', ["a@example.com"], ['"open']),
        (" \n,, ", [], []),
    ],
)
def test_a_list_is_read_as_people_write_it(text: str, good: list[str], bad: list[str]) -> None:
    assert listed(text) == (good, bad)


@pytest.mark.parametrize("email", ["x", "x@invalid", "a@b.c,d@e.f", "a@b.c\nBcc: d@e.f", "<a@b.c>", "a@.b", "a@b.\0"])
def test_what_could_mislead_a_mail_is_no_address(email: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked_mailbox(email)
    assert list(refused.value.errors) == ["email"]
