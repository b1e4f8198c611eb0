"""Things as rows, for people or for programs."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import TypeVar

from flowdock.cli import terminal

Thing = TypeVar("Thing")

WIDEST_COLUMN = 32
"""Columns of the screen; a text that is wider than most pushes only its own row aside."""
GAP = "  "


def show(found: Sequence[Thing], row: Callable[[Thing], Sequence[str]], *, empty: str, as_json: bool) -> None:
    """Write a line for each thing: JSON, or its row, whose columns begin below each other.

    When there is none, `empty` is remarked to people: what to do next.
    """
    if as_json:
        for thing in found:
            terminal.say_json(thing)
    elif not found:
        terminal.remark(empty)
    else:
        _draw([[terminal.visible(text).replace("\n", " ") for text in row(thing)] for thing in found])


def moment(text: str | None, *, never: str = "never") -> str:
    """A moment of the wire in the time of this place, as people write it."""
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}" if text else never


def _draw(rows: Sequence[Sequence[str]]) -> None:
    from rich.cells import cell_len

    columns = zip_longest(*rows, fillvalue="")
    widths = [min(WIDEST_COLUMN, max(map(cell_len, column))) for column in columns]
    for row in rows:
        cells = [text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=False)]
        terminal.say(GAP.join(cells).rstrip())
