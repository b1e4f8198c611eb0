"""Every snippet of the documentation runs, and prints what the page shows."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flowdock.client import profile
from flowdock.server import running
from flowdock.testing import Server
from tests import gate
from tests.docs.fences import blocks
from tests.docs.story import ROOT, Story, surroundings

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, at home nowhere else."""
    environment = surroundings(tmp_path)
    for name in os.environ.keys() - environment.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


def starts_its_own_server(page: Path) -> bool:
    consoles = [block for block in blocks(page.read_text(encoding="utf-8")) if block.language == "console"]
    return any("background" in block.options and "$ flowdock " in block.text and (" up" in block.text or " serve" in block.text) for block in consoles if not block.why_not_run)


@pytest.fixture
def port(page: Path, folder: Path, tmp_path: Path) -> Iterator[int]:
    """The port of the page's server: one that the page starts, or one that `flowdock up` seems to have started."""
    if starts_its_own_server(page):
        with closing(running.listen("127.0.0.1", 0)) as free:
            number: int = free.getsockname()[1]
        yield number
        return
    with Server(tmp_path / "server") as server:
        known = {"org": server.org, "flow": server.flow, "token": server.user.token, "flow_token": server.flow_token}
        addresses = {"api_url": server.url, "stream_url": server.stream_url}
        profile.write(profile.place(os.environ), known | addresses)
        yield int(server.url.rpartition(":")[2])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_tells_the_truth(page: Path, folder: Path, port: int) -> None:
    with gate.before(f"http://127.0.0.1:{port}/stream") as streams:
        story = Story(page, folder=folder, port=port, environment=os.environ, gate=streams)
        try:
            story.tell()
        finally:
            story.end()
    if story.left_out:
        pytest.skip("; ".join(story.left_out))
