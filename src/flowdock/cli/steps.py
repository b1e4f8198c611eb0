"""How far long work is that goes on in steps: a bar for those who look on, a line now and then for those who do not."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeAlias

from flowdock.cli import terminal

LINE_SECONDS = 5.0
BAR_SECONDS = 0.1

Tell: TypeAlias = Callable[[str, int, int | None], object]
"""Called with what is being done, how much of it is done, and how much there is in all if that is known."""


class Pace:
    """How quickly a step goes on, and how long it will take."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._doing = ""
        self._began = 0.0
        self._before = 0

    def line(self, doing: str, done: int, total: int | None) -> str:
        """All that is known, as `copying events: 1,200 of 5,000, 400 a second, 10 s left`."""
        if doing != self._doing:
            self._doing, self._began, self._before = doing, self._clock(), done
        text = f"{doing}: {done:,}" + ("" if total is None else f" of {total:,}")
        seconds = self._clock() - self._began
        if seconds <= 0 or done <= self._before:
            return text
        rate = (done - self._before) / seconds
        left = "" if total is None else f", {_duration((total - done) / rate)} left"
        return f"{text}, {rate:,.0f} a second{left}"


@contextmanager
def shown() -> Generator[Tell]:
    """Show steps on standard error, as long as the block runs."""
    if sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _lines()


def _lines() -> Tell:
    pace = Pace()
    said = time.monotonic()

    def tell(doing: str, done: int, total: int | None) -> None:
        nonlocal said
        line = pace.line(doing, done, total)
        if time.monotonic() - said >= LINE_SECONDS:
            said = time.monotonic()
            terminal.remark(line)

    return tell


@contextmanager
def _bar() -> Generator[Tell]:
    from rich import progress as bars

    pace = Pace()
    columns = (bars.BarColumn(bar_width=None), bars.TextColumn("{task.description}", markup=False))
    console = terminal.console(stderr=True)
    with bars.Progress(*columns, console=console, transient=True, expand=True) as display:
        task = display.add_task("", total=None)
        yield lambda doing, done, total: display.update(
            task, description=pace.line(doing, done, total), completed=done, total=total
        )


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
