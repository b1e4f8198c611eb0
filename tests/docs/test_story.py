"""A page that does not tell the truth is found out."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs import story
from tests.docs.story import Story
from tests.gate import Gate

Tell = Callable[[str], list[str]]


@pytest.fixture
def tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tell:
    monkeypatch.setattr(story, "ROOT", tmp_path)
    monkeypatch.setattr(story, "PATIENCE_SECONDS", 5)

    def tell_page(page: str) -> list[str]:
        path = tmp_path / "page.md"
        path.write_text(page)
        gate = Gate("http://127.0.0.1:9/stream")
        told = Story(path, folder=tmp_path, port=9, environment=os.environ, gate=gate)
        try:
            told.tell()
        finally:
            told.end()
            gate.close()
        return told.left_out

    return tell_page


@pytest.mark.parametrize(
    "page",
    [
        "```python\nprint(1)\n```\n\n```text\n1\n```",
        "```python\nx = 1\n```\n\n```python\nprint(x)\n```\n\n```text\n1\n```",
        "```python file=a.py\nprint(2)\n```\n\n```console\n$ python3 a.py\n2\n$ echo 3\n3\n```",
        "```console exit=3\n$ echo sorry >&2; exit 3\nsorry\n```",
        "```console background\n$ echo ready; exec sleep 60\nready\n```",
        "<!-- not run: it fails -->\n```console\n$ false\n```",
    ],
)
def test_a_true_page_passes(tell: Tell, page: str) -> None:
    assert tell(page) == []


@pytest.mark.parametrize(
    "page",
    [
        "```python\nprint(1)\n```\n\n```text\n2\n```",
        "```python\nprint('unheard of')\n```",
        "```python\nx = 1\n```\n\n```text\n1\n```",
        "```console\n$ echo a\nb\n```",
        "```console\n$ false\n```",
        "```console\n$ false; true\n```",
        "```console\n$ echo x | false | true\n```",
        "```console exit=1\n$ true\n```",
        "```console background\n$ echo other; exit 0\nready\n```",
        "```console background\n$ echo ready; exit 7\nready\n```",
    ],
)
def test_an_untrue_page_fails(tell: Tell, page: str) -> None:
    with pytest.raises(AssertionError):
        tell(page)


def test_what_is_wrong_is_told_with_page_and_line(tell: Tell) -> None:
    with pytest.raises(AssertionError, match=r"page\.md:4: after\necho a\nthe page shows\nb\n\nbut there came\na\n"):
        tell("# Title\n\n```console\n$ echo a\nb\n```")


def test_an_error_in_a_snippet_points_into_the_page(tell: Tell) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        tell("# Title\n\n```python\n1 / 0\n```")

    assert Path(caught.traceback[-1].path).name == "page.md"
    assert caught.traceback[-1].lineno + 1 == 4


def test_what_is_not_installed_is_left_out_and_said(tell: Tell) -> None:
    (left_out,) = tell("```console with=no-such-client\n$ false\n```")

    assert "no-such-client" in left_out
