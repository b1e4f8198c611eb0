import pytest

from tests.docs.expecting import matches


@pytest.mark.parametrize(
    "shown, output",
    [
        ("Hello\n", "Hello\n"),
        ("Hello", "Hello  \n\n"),
        ("10:31     9 ● alice  Hello\n", "23:59     9 ●  alice    Hello\n"),
        ("Monday, 2 March 2026\n", "Wednesday, 25 November 2026\n"),
        ("2026-03-02 10:31 x", "2027-12-31 23:59 x"),
        ("at 2020-09-13T12:26:40.123Z", "at 2026-11-22T22:12:01.001Z"),
        ("sent 1600000000123", "sent 1795000000000"),
        ("token 6424f15e1ee20d67772a9b06bb316c58", "token 77cd7f3dd76462ed59e99764639b906c"),
        ("token 6424f15e…", "token 77cd7f3dd76462ed59e99764639b906c"),
        ("password mebu-kugi-giba", "password bafu-kiro-ledo"),
        ("thread aB3_dEfGhIjKlMnOpQrStUvWxYz", "thread zZ9_dEfGhIjKlMnOpQrStUv-wxy"),
        ("flow 0f1e2d3c-4b5a-4978-8a69-000000000001", "flow 9c1e2d3c-4b5a-4978-8a69-0000000000ff"),
        ("Data  …/flowdock", "Data  /somewhere/else/flowdock"),
        ("first\n…\nlast\n", "first\nsecond\nthird\nlast\n"),
        ("first\n…\nlast\n", "first\nlast\n"),
        ("first\n…\n", "first\nsecond\n"),
    ],
)
def test_what_is_another_every_time_stands_for_any_other(shown: str, output: str) -> None:
    assert matches(shown, output)


@pytest.mark.parametrize(
    "shown, output",
    [
        ("Hello\n", "hello\n"),
        ("Hello\n", "Hello\nagain\n"),
        ("Hello\nagain\n", "Hello\n"),
        ("", "something\n"),
        ("something\n", ""),
        ("9\n", "10\n"),
        ("10:31     9 ● alice  Hello\n", "10:31    10 ● alice  Hello\n"),
        ("at 2020-09-13T12:26:40.123Z", "at yesterday"),
        ("on 127.0.0.1:1234", "on 127.0.0.1:4321"),
        ("token 6424f15e1ee20d67772a9b06bb316c58", "token ******"),
        ("Data  …/flowdock", "Data  /somewhere/else"),
        ("a…b", "a\nb"),
        ("first\n…\nlast\n", "first\nlast\nafterwards\n"),
        ("a.c", "abc"),
    ],
)
def test_everything_else_has_to_be_as_shown(shown: str, output: str) -> None:
    assert not matches(shown, output)
