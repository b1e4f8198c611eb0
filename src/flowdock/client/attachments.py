"""What is uploaded, wherever it comes from.

It is read in pieces and can be sent again from its beginning: what cannot go back to it is put on the disk first.
"""

import io
import shutil
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

from flowdock.client.progress import Progress, WatchedFile

Uploadable: TypeAlias = str | PathLike[str] | bytes | BinaryIO
"""The path of a file, its content, or something open from which its content is read."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something to be sent under a name; without a content type that goes by the name's ending."""

    name: str
    source: Path | bytes | BinaryIO = field(repr=False)
    content_type: str | None = None

    def opened(self, stack: ExitStack, progress: Progress | None) -> BinaryIO:
        """Its bytes, to be read for as long as the stack is open; what was open already stays so."""
        if isinstance(self.source, Path):
            file: BinaryIO = stack.enter_context(self.source.open("rb"))
        elif isinstance(self.source, bytes):
            file = io.BytesIO(self.source)
        elif self.source.seekable():
            file = self.source
        else:
            file = cast("BinaryIO", stack.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115 - the stack closes it
            shutil.copyfileobj(self.source, file)
            file.seek(0)
        return cast("BinaryIO", WatchedFile(file, progress))


def attachment(file: Uploadable, *, name: str | None = None, content_type: str | None = None) -> Attachment:
    """What is to be uploaded, under the file's own name if no other is given.

    Raises:
        TypeError: it has no name, or gives text instead of bytes.
    """
    if isinstance(file, str | PathLike):
        return Attachment(name or Path(file).name, Path(file), content_type)
    if isinstance(cast("object", file), io.TextIOBase):
        raise TypeError(f"{file!r} gives text; open it in binary mode, such as with open(path, 'rb')")
    own = getattr(file, "name", None)
    if not name and not (isinstance(own, str) and Path(own).name):
        raise TypeError("what is uploaded has no name of its own; give one, such as name='chart.png'")
    return Attachment(name or Path(str(own)).name, file, content_type)
