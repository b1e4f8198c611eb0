"""What happens when the disk or the database fails."""

import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from flowdock.server.store.transaction import Unavailable
from tests.journeys.talking import wait_until
from tests.server.stage import ON_SQLITE, Stage
from tests.server.store.test_writer import fail, refuse, say

pytestmark = ON_SQLITE


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, "flowdock.store")


def fill_the_disk(stage: Stage, *, spare_pages: int = 0) -> None:
    [used] = stage.sqlite._writing.execute("PRAGMA page_count").fetchone()
    stage.sqlite._writing.execute(f"PRAGMA max_page_count = {used + spare_pages}")


def empty_the_disk(stage: Stage) -> None:
    stage.sqlite._writing.execute("PRAGMA max_page_count = 1000000")


def send_until_it_fails(stage: Stage) -> list[int]:
    stored: list[int] = []
    try:
        while True:
            stored.append(stage.send("x" * 8000)["id"])
    except Unavailable as error:
        assert "full" in str(error)  # noqa: PT017 - how much is stored until then is what the caller needs
    return stored


def test_a_full_disk_refuses_and_loses_nothing(stage: Stage) -> None:
    fill_the_disk(stage, spare_pages=40)
    stored = send_until_it_fails(stage)
    assert len(stored) > 3
    assert stage.found(since_id=stored[0] - 1, limit=100) == stored
    assert [one.number for one in stage.hub.heard] == stored
    stage.restart()
    assert stage.found(since_id=stored[0] - 1, limit=100) == stored


def test_it_goes_on_where_it_was_once_there_is_room_again(stage: Stage) -> None:
    fill_the_disk(stage, spare_pages=40)
    stored = send_until_it_fails(stage)
    empty_the_disk(stage)
    assert stage.send("needle")["id"] == stored[-1] + 1
    assert stage.found(search="needle") == [stored[-1] + 1]


def test_nobody_in_a_group_is_told_that_it_was_stored_when_it_was_not(stage: Stage) -> None:
    fill_the_disk(stage)
    outcomes = stage.together(refuse, *[say(stage, "x" * 8000) for _ in range(10)], say(stage, "x", fail))
    assert all(isinstance(outcome, Unavailable) for outcome in outcomes)
    assert stage.hub.heard == []
    empty_the_disk(stage)
    assert isinstance(stage.together(say(stage, "x"))[0], dict)


def test_reading_goes_on_while_nothing_can_be_written(stage: Stage) -> None:
    message = stage.send("needle")
    assert stage.found(search="needle") == [message["id"]]
    fill_the_disk(stage)
    send_until_it_fails(stage)
    assert stage.show(message["id"]) == message


def test_a_database_that_another_program_keeps_locked_is_unavailable(stage: Stage) -> None:
    stage.sqlite._writing.execute("PRAGMA busy_timeout = 10")
    with closing(sqlite3.connect(stage.sqlite._path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            stage.send()
    assert stage.send()["content"] == "hello"


def damage(stage: Stage, *, spared_bytes: int) -> None:
    """Overwrite what is on the disk but for its beginning; nobody has any of it in memory afterwards."""
    stage.restart()
    for path in stage.folder.glob("flowdock.sqlite3*"):
        if not path.name.endswith("-shm"):
            size = path.stat().st_size
            with path.open("r+b") as file:
                file.seek(spared_bytes)
                file.write(b"\x5a" * max(0, size - spared_bytes))
    for connection in (stage.sqlite._writing, stage.sqlite._reading):
        connection.execute("PRAGMA shrink_memory")


@pytest.mark.parametrize("spared_bytes", [0, 4096], ids=["all of it", "all but its first page"])
def test_a_damaged_database_is_unavailable_and_nothing_else(stage: Stage, spared_bytes: int) -> None:
    stage.send()
    damage(stage, spared_bytes=spared_bytes)
    for attempt in (stage.send, stage.found, lambda: stage.found(search="x"), lambda: stage.show(1)):
        with pytest.raises(Unavailable):
            attempt()


def test_a_removed_database_is_not_replaced_by_an_empty_one(stage: Stage, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    for path in stage.folder.glob("flowdock.sqlite3*"):
        path.rename(moved / path.name)
    with pytest.raises(Unavailable):
        stage.found(search="x")
    stage.sqlite._checkpoint(lambda: None)
    assert list(stage.folder.glob("flowdock.sqlite3*")) == []


# ------------------------------------------------------------------------------------------------------- a crash


def crashed(stage: Stage, tmp_path: Path) -> Any:
    """The same data as a process finds it that starts after this one was killed now."""
    copy = tmp_path / "copy"
    shutil.copytree(stage.folder, copy)
    for shared_memory in copy.glob("*-shm"):
        shared_memory.unlink()
    stage.store.close()
    stage.folder = copy
    stage._start()
    return stage


def test_after_a_crash_everything_that_was_answered_is_there(stage: Stage, tmp_path: Path) -> None:
    ids = [stage.send(f"needle {number}")["id"] for number in range(20)]
    crashed(stage, tmp_path)
    assert stage.found(since_id=ids[0] - 1) == ids
    assert stage.send()["id"] == ids[-1] + 1


def test_after_a_crash_the_index_catches_up_by_itself(stage: Stage, tmp_path: Path) -> None:
    ids = [stage.send("needle")["id"] for _ in range(20)]
    [behind] = stage.row("SELECT last_number - indexed_number FROM logs WHERE id = ?", stage.flow_log)
    assert behind > 0
    crashed(stage, tmp_path)

    def caught_up() -> bool:
        [indexed] = stage.row("SELECT indexed_number FROM logs WHERE id = ?", stage.flow_log)
        return bool(indexed == ids[-1])

    wait_until(caught_up)


def test_after_a_crash_a_search_finds_everything_at_once(stage: Stage, tmp_path: Path) -> None:
    ids = [stage.send("needle")["id"] for _ in range(20)]
    crashed(stage, tmp_path)
    assert stage.found(search="needle", limit=100) == ids
