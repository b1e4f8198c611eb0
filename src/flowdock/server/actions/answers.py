"""What an action gives back when plain JSON with the endpoint's own status does not say it all."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Encoded:
    """An answer that is JSON already; `repeated` when it is that of an earlier request with the same uuid."""

    body: bytes
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """204: done, and there is nothing to say. `files` are paths whose bodies nobody needs any more."""

    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepted:
    """202 with an empty object: heard, nothing stored."""


@dataclass(frozen=True, slots=True)
class Whispered:
    """The same, once it is whispered in these logs; what has the same name comes seldom."""

    name: str
    log_ids: tuple[int, ...]
    frame: bytes


@dataclass(frozen=True, slots=True)
class Linked:
    """JSON to be encoded, and where the next page is."""

    content: object
    next_url: str | None = None


@dataclass(frozen=True, slots=True)
class Special:
    """JSON to be encoded, with a status of its own (one that the endpoint's row names) and more headers."""

    content: object
    status: int
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Fields to be encoded as a form, as OAuth's old clients want them, with more headers."""

    fields: Mapping[str, str]
    headers: tuple[tuple[str, str], ...] = ()


class IndexLagsBehind(Exception):
    """A search came before the index of this log was up to date: bring it up to date and ask again."""

    def __init__(self, log_id: int) -> None:
        super().__init__(log_id)
        self.log_id = log_id
