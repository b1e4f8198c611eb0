import shutil
from pathlib import Path

import pytest

from flowdock.protocol import endpoints
from flowdock.server.domain import permissions
from tools import reference


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder like the repository's, with the pages as they are there."""
    for path in reference.pages():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(reference.ROOT / path, tmp_path / path)
    return tmp_path


def test_writing_makes_the_check_pass(root: Path) -> None:
    (root / reference.ENDPOINTS).write_text("old")
    (root / reference.COMMAND_LINE).unlink()

    assert reference.main([], root=root) == 0
    assert reference.main(["--check"], root=root) == 0


def test_a_stale_page_fails_the_check_with_a_diff(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference.main([], root=root)
    page = root / reference.ENDPOINTS
    page.write_text(page.read_text().replace("POST /messages", "POST /massages"))

    assert reference.main(["--check"], root=root) == 1

    said = capsys.readouterr()
    assert "-| `POST /massages`" in said.out
    assert "+| `POST /messages`" in said.out
    assert "run 'python tools/reference.py'" in said.err


def test_every_endpoint_every_rule_and_every_command_is_there() -> None:
    pages = reference.pages()

    assert pages[reference.PERMISSIONS].count("\n| ") == len(permissions.TABLE) + 2
    assert pages[reference.ENDPOINTS].count("\n| `") > len(endpoints.ALL)
    for command in ("up", "send", "admin create-token"):
        assert f"## `flowdock {command}`\n\n```text\nUsage: flowdock {command}" in pages[reference.COMMAND_LINE]
