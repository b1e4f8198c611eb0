from pathlib import Path

import pytest

from tools import unasync

ASYNC_TEXT = '''"""A flow."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

from httpx2 import AsyncClient, Response


class Flow:
    async def __aenter__(self) -> "Flow":
        return self

    async def show(self, client: AsyncClient, path: str) -> Response:
        await asyncio.sleep(1)
        return await client.get(path)
'''

SYNC_TEXT = '''# Generated from src/flowdock/client/_async/flow.py by tools/unasync.py; edit that file instead
"""A flow."""

import time
from collections.abc import Generator, Iterator

from httpx2 import Client, Response


class Flow:
    def __enter__(self) -> "Flow":
        return self

    def show(self, client: Client, path: str) -> Response:
        time.sleep(1)
        return client.get(path)
'''


_, USED = unasync.synchronous(ASYNC_TEXT, rules=unasync.RULES)
RULES = [rule for rule in unasync.RULES if rule in USED]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / unasync.ASYNC).mkdir(parents=True)
    (tmp_path / unasync.ASYNC / "flow.py").write_text(ASYNC_TEXT)
    return tmp_path


def test_an_asynchronous_module_becomes_a_synchronous_one(root: Path) -> None:
    assert unasync.main([], root=root, rules=RULES) == 0
    assert (root / unasync.SYNC / "flow.py").read_text() == SYNC_TEXT


def test_the_check_passes_right_after_writing(root: Path) -> None:
    unasync.main([], root=root, rules=RULES)

    assert unasync.main(["--check"], root=root, rules=RULES) == 0


def test_the_check_shows_a_generated_file_that_was_edited(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unasync.main([], root=root, rules=RULES)
    (root / unasync.SYNC / "flow.py").write_text(SYNC_TEXT.replace("time.sleep(1)", "time.sleep(2)"))

    assert unasync.main(["--check"], root=root, rules=RULES) == 1
    assert "-        time.sleep(2)\n+        time.sleep(1)\n" in capsys.readouterr().out


def test_a_generated_file_goes_when_its_source_has_gone(root: Path) -> None:
    (root / unasync.SYNC).mkdir()
    (root / unasync.SYNC / "gone.py").write_text("")

    assert unasync.main(["--check"], root=root, rules=RULES) == 1
    unasync.main([], root=root, rules=RULES)
    assert [path.name for path in (root / unasync.SYNC).iterdir()] == ["flow.py"]


def test_a_rule_that_changes_nothing_fails_the_check(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unneeded = unasync.Rule(r"\bAsyncElephant\b", "Elephant")
    unasync.main([], root=root, rules=RULES)

    assert unasync.main(["--check"], root=root, rules=[*RULES, unneeded]) == 1
    assert r"rule '\\bAsyncElephant\\b' changes no line" in capsys.readouterr().err


def test_an_empty_folder_is_up_to_date(tmp_path: Path) -> None:
    assert unasync.main(["--check"], root=tmp_path) == 0
