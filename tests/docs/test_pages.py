"""Every snippet of the documentation runs, and prints what the page shows."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from flowdock.server import running
from tests import gate
from tests.docs.fences import RUN, blocks, commands
from tests.docs.story import ROOT, Story, surroundings
from tests.docs.terminal import Running
from tests.docs.warm import Warm

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])
AS_INSTALLED = {ROOT / "README.md"}
"""Pages whose commands are those that users have; everywhere else they are loaded already."""

PATIENCE_SECONDS = 30


def runs_something(page: Path) -> bool:
    return any(block.language in RUN and not block.why_not_run for block in blocks(page.read_text(encoding="utf-8")))


def starts_a_server(page: Path) -> bool:
    staying = [block for block in blocks(page.read_text(encoding="utf-8")) if "background" in block.options]
    lines = [commands(block)[-1].line for block in staying]
    return any(line.startswith(("flowdock up", "flowdock serve")) for line in lines)


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    with closing(Warm(tmp_path_factory.mktemp("warm"))) as loaded:
        yield loaded


@pytest.fixture
def folder(page: Path, warm: Warm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to be in, at home nowhere else."""
    environment = surroundings(tmp_path)
    if page not in AS_INSTALLED:
        environment["PATH"] = f"{warm.folder}{os.pathsep}{environment['PATH']}"
    for name in os.environ.keys() - environment.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    yield work
    # What the page itself has set is nobody else's.
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]


@contextmanager
def served(environment: Mapping[str, str], folder: Path) -> Iterator[int]:
    """The port of a server that `flowdock up` starts on any free one."""
    server = Running(["flowdock", "up", "--port", "0", "--json"], environment=environment, folder=folder)
    try:
        addresses = json.loads(server.first_line(timeout=PATIENCE_SECONDS))
        yield int(addresses["api_url"].rpartition(":")[2])
        assert server.interrupt(timeout=PATIENCE_SECONDS) == 0
    finally:
        server.kill()


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first `flowdock up` leaves it: pages get copies, because filling one takes a while."""
    folder = tmp_path_factory.mktemp("filled")
    with served({**surroundings(folder), "FLOWDOCK_DATA": str(folder / "data")}, folder):
        return folder / "data"


@pytest.fixture
def port(page: Path, folder: Path, filled: Path) -> Iterator[int]:
    """The port of the page's server: one that the page starts, or one that `flowdock up` has started before."""
    if starts_a_server(page):
        with closing(running.listen("127.0.0.1", 0)) as free:
            number: int = free.getsockname()[1]
        yield number
        return
    shutil.copytree(filled, Path.home() / ".local/share/flowdock")
    with served(os.environ, folder) as number:
        yield number


@pytest.mark.parametrize(
    "page", [page for page in PAGES if runs_something(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_a_page_tells_the_truth(page: Path, folder: Path, port: int) -> None:
    with gate.before(f"http://127.0.0.1:{port}/stream") as streams:
        story = Story(page, folder=folder, port=port, environment=os.environ, gate=streams)
        try:
            story.tell()
        finally:
            story.end()
    if story.left_out:
        pytest.skip("; ".join(story.left_out))
