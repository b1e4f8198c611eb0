"""How much one request may bring."""

from dataclasses import dataclass

NESTING = 32
"""Levels of lists and groups within a parameter."""

VALUES = 10_000
"""Values in a JSON body, those within lists and groups included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes in bytes, and counts."""

    body_bytes: int = 16 * 1024 * 1024
    """JSON, forms, and all texts of a multipart body together."""

    upload_bytes: int = 100 * 1024 * 1024
    """A whole multipart body."""

    fields: int = 1000
    """Parameters of a query or form, and parts of a multipart body."""

    files: int = 100
    """Files in a multipart body."""

    spool_folder: str | None = None
    """Where large uploads wait until they are stored; the system's folder for temporary files when `None`."""
