"""Telling somebody how far a transfer is."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with the bytes so far and, where known, the bytes in all. A transfer that is tried again begins at 0 again."""


class WatchedFile(io.FileIO):
    """A file opened for reading that says after each piece how much of it was read."""

    def __init__(self, path: Path, progress: Progress) -> None:
        super().__init__(path, "rb")
        self._progress = progress
        self._total = self.seek(0, io.SEEK_END)
        self.seek(0)

    def read(self, size: int | None = -1, /) -> bytes:
        """The next piece, `b""` at the end."""
        piece = super().read(size) or b""
        if piece:
            self._progress(self.tell(), self._total)
        return piece
