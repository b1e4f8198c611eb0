"""Files that only their owner may read."""

import os
import secrets
from pathlib import Path


def write(path: Path, text: str) -> None:
    """Replace a file in one step; it is on the disk when this returns.

    Raises:
        OSError: it cannot be written; the old one is unchanged.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
