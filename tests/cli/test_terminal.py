import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowdock.cli import terminal


@given(st.text())
def test_no_control_character_is_left_but_line_feed_and_tab(text: str) -> None:
    shown = terminal.visible(text)

    assert not [one for one in shown if (ord(one) < 0x20 and one not in "\n\t") or 0x7F <= ord(one) < 0xA0]
    assert len(shown) == len(text)


@pytest.mark.parametrize("text", ["Grüße 🎉", "two\nlines", "\x1b[2J", "\x9b2J\x7f", "\ud800"])
def test_json_is_one_line_without_control_characters(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    terminal.say_json({"content": text})

    line = capfd.readouterr().out
    assert json.loads(line) == {"content": text}
    assert terminal.visible(line) == line
    assert line.count("\n") == 1


def test_a_remark_is_one_line_whatever_it_is_about(capfd: pytest.CaptureFixture[str]) -> None:
    terminal.remark("no file 'a\nb\x1b[2J'; \n choose another")

    assert capfd.readouterr().err == "no file 'a b␛[2J'; choose another\n"
