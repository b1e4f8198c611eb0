import re

from flowdock.cli import passwords


def test_a_password_is_three_words_that_can_be_read_out() -> None:
    assert re.fullmatch(r"([b-z][aeiou]){2}(-([b-z][aeiou]){2}){2}", passwords.readable())


def test_no_two_passwords_are_alike() -> None:
    assert len({passwords.readable() for _ in range(500)}) == 500
