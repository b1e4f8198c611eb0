"""The pages about growing use the figures of the benchmarks and the constants of the code."""

import re
from pathlib import Path

import pytest

from flowdock.server import running
from flowdock.server.http import presence, readers
from flowdock.server.hub import feed, neighbours
from flowdock.server.settings import Settings
from flowdock.server.store import groups, keys
from flowdock.server.store.postgres import store
from tests.deploy.files import ROOT

GROWING = (ROOT / "docs/explanation/growing.md").read_text(encoding="utf-8")
GUIDE = (ROOT / "docs/how-to/run-on-several-machines.md").read_text(encoding="utf-8")
BENCHMARKS = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
FIGURES = {
    "sends per second from 32 connections": "sends per second, 32 connections",
    "sends per second from 1 connection": "sends per second, 1 connection",
    "1 message to 1,000 readers, the last has it": "1 message to 1,000 readers, the last has it",
    "memory for each open stream": "memory for each open stream",
    "last 30 of 100,000 messages, per second": "last 30 of 100,000 messages, per second",
}
"""Rows of the page's table, and those of the benchmarks they come from."""


DEFAULTS = Settings(data=Path(), public_url="")


def row(table: str, name: str) -> list[str]:
    """The columns of the one row with this name."""
    [found] = re.findall(rf"(?m)^\| {re.escape(name)} \| (.*) \|$", table)
    return [cell.strip(" *") for cell in str(found).split(" | ")]


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_one_process_is_the_one_that_was_measured(name: str) -> None:
    [shown] = row(GROWING, name)
    _, reached, *_ = row(BENCHMARKS, FIGURES[name])

    assert reached.replace("*", "").startswith(shown)


def test_other_figures_are_the_ones_that_were_measured() -> None:
    assert row(BENCHMARKS, "idle memory")[1] == "54 MiB"
    assert "54 MiB idle" in GROWING
    assert "54 instead of 57 µs of processor time for a `GET /user`" in BENCHMARKS
    assert "54 µs of a core (measured for `GET /user`)" in GROWING


@pytest.mark.parametrize(
    "said, value",
    [
        (r"STREAMS_OF_A_PROCESS = ([\d_]+)", DEFAULTS.stream_limit),
        (r"TAIL_EVENTS = (\d+)", feed.TAIL_LENGTH),
        (r"SIGN_OF_LIFE_SECONDS, PRESENCE_SECONDS = (\d+),", DEFAULTS.keep_alive_seconds),
        (r"SIGN_OF_LIFE_SECONDS, PRESENCE_SECONDS = \d+, (\d+)", DEFAULTS.activity_seconds),
        (r"up to (\d+) connections to PostgreSQL", store.WRITER_THREADS + store.READER_THREADS + 1),
        (r"(\d+) at most in each", groups.GROUP_LIMIT),
        (r"([\d,]+) events in one flow", keys.LAST_NUMBER),
        (r"up to (\d+) KiB for each", readers.SEND_BUFFER_BYTES // 1024),
    ],
)
def test_what_the_page_calculates_with_is_what_the_code_has(said: str, value: float) -> None:
    [found] = re.findall(said, GROWING)

    assert int(found.replace("_", "").replace(",", "")) == value


def test_presence_is_written_down_with_every_whisper() -> None:
    assert DEFAULTS.activity_seconds > presence.SEEN_SECONDS


def test_the_picture_of_a_message_says_how_often_logs_are_looked_at() -> None:
    picture = (ROOT / "docs/pictures/one-message.svg").read_text(encoding="utf-8")

    assert f"every {neighbours.SECONDS:.0f} seconds, and every second while it cannot hear Redis" in picture
    assert neighbours.ALONE_SECONDS == 1


def test_the_picture_of_a_restart_says_how_long_a_worker_may_take_to_leave() -> None:
    picture = (ROOT / "docs/pictures/rolling-restart.svg").read_text(encoding="utf-8")

    assert "ends within about a minute" in picture
    assert running.RETIRE_SECONDS == 60


def test_the_guide_says_how_often_a_sign_of_life_goes_over_a_stream() -> None:
    assert f"**Wait for more than {DEFAULTS.keep_alive_seconds:.0f} seconds.**" in GUIDE
    assert f"**Take bodies of {DEFAULTS.upload_limit_bytes / 2**20:.0f} MiB**" in GUIDE
