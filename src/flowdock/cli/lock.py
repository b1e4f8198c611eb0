"""One server per data folder: whoever serves it holds its lock."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from flowdock.cli.failures import Failure

try:
    import fcntl
except ImportError:  # Windows has no advisory locks; there nobody is kept from serving a folder twice
    fcntl = None  # type: ignore[assignment]

NAME = "lock"


@contextmanager
def held(folder: Path, *, why: str) -> Generator[None]:
    """Keep others from serving the folder. The lock goes with the process, however that ends.

    Raises:
        Failure: somebody serves it; the text goes on with `why`, which says what to do.
    """
    with (folder / NAME).open("a+b") as file:
        if fcntl is not None:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Failure(f"{folder} is in use by another Flowdock{_holder(file)}; {why}") from error
            except OSError as error:
                raise Failure(f"{folder} cannot be locked: {error.strerror}; a folder on a local disk can") from error
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        file.flush()
        yield


def _holder(file: BinaryIO) -> str:
    file.seek(0)
    pid = file.read(20).decode(errors="replace").strip()
    return f" (process {pid})" if pid.isdecimal() else ""
