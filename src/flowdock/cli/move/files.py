"""The files of a site that moves: where they are, where they go, and whether they go at all."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from flowdock.cli import steps, terminal
from flowdock.server.settings import Settings

if TYPE_CHECKING:
    from flowdock.server.files import Files
    from flowdock.server.files.moving import Copied

Copy: TypeAlias = Callable[[steps.Tell], "Copied"]
"""Copies what is not there yet."""


def planned(here: Settings, there: Settings) -> "Copy | None":
    """What copies the files; None when none are to be, which is told if that leaves them behind.

    Raises:
        PlaceFailed: they cannot be kept where they are to go.
    """
    import asyncio

    source, target = _place(here), _place(there)
    if source is None:
        if target is not None:
            terminal.remark("files are not copied, as nothing says where they are; --from-files PLACE does")
        return None
    if source == target or (isinstance(source, Path) and not source.exists()):
        return None
    if target is None:
        terminal.remark(f"the files stay in {_shown(source)}; FLOWDOCK_FILES tells servers so, --to-files copies them")
        return None
    ends = _opened(source), _opened(target)
    asyncio.run(ends[1].objects.check())
    return partial(_copy, *ends)


def as_json(copied: "Copied") -> dict[str, int]:
    """How many there were, for programs."""
    return {
        "copied": copied.files,
        "bytes": copied.size_bytes,
        "there": copied.there,
        "damaged": copied.damaged,
    }


def _place(settings: Settings) -> str | Path | None:
    """Where the files of a site are, if that is known: servers on PostgreSQL may have them anywhere."""
    return settings.files if settings.database_url is None else settings.files_url


def _shown(place: str | Path) -> str:
    from flowdock.server.files.places import shown

    return shown(place)


def _copy(source: "Files", target: "Files", tell: steps.Tell) -> "Copied":
    import asyncio

    from flowdock.server.files.moving import copy

    def tell_files(copied: "Copied") -> None:
        tell("copying files", copied.files + copied.there, None)

    return asyncio.run(copy(source, target, on_progress=tell_files))


def _opened(place: str | Path) -> "Files":
    from flowdock.server.files import Files

    return Files(place, secret=b"", clock=time.time)
