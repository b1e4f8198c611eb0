"""Telling somebody how far a transfer is."""

import io
from collections.abc import Callable
from typing import BinaryIO, TypeAlias

Progress: TypeAlias = Callable[[int, int | None], None]
"""Called with the bytes so far and, where known, the bytes in all. An upload that is tried again begins at 0 again."""


class WatchedFile(io.BufferedIOBase):
    """The rest of an open file, from where it stands, that says after each piece how much of it was read.

    Closing it does not close the file.
    """

    def __init__(self, file: BinaryIO, progress: Progress | None) -> None:
        self._file = file
        self._progress = progress
        self._start = file.tell()
        self._total = file.seek(0, io.SEEK_END) - self._start
        self.seek(0)

    def seekable(self) -> bool:
        """It can be read again."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """The next piece, `b""` at the end."""
        piece = self._file.read(-1 if size is None else size)
        if piece and self._progress is not None:
            self._progress(self.tell(), self._total)
        return piece

    def tell(self) -> int:
        """How much of the rest was read."""
        return self._file.tell() - self._start

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go on elsewhere; 0 is where the rest begins."""
        return self._file.seek(offset + (self._start if whence == io.SEEK_SET else 0), whence) - self._start
