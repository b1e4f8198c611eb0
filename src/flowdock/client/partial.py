"""How much of a file has come, and how to ask for the rest of the same one. Pure.

Source: RFC 9110, 13.1.5 and 14.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowdock.protocol.errors import ConnectionFailed

_SPAN = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)")


@dataclass(slots=True)
class Partial:
    """The first bytes of a file."""

    path: str
    done: int = 0
    """So many bytes have come."""
    total: int | None = None
    """Of so many, where the server says."""
    etag: str | None = None
    """Which version they are of."""
    surplus: int = 0
    """So many of the next bytes have come before."""

    @property
    def is_short(self) -> bool:
        """Whether there is more."""
        return self.total is not None and self.done < self.total

    def headers(self) -> dict[str, str]:
        """What asks for the rest of this version, or for all of another."""
        # Only a strong validator tells that two versions are the same byte for byte.
        if not self.done or self.etag is None or self.etag.startswith("W/"):
            return {}
        return {"Range": f"bytes={self.done}-", "If-Range": self.etag}

    def answered(self, status: int, headers: Mapping[str, str]) -> None:
        """Take in what an answer begins with.

        Raises:
            ConnectionFailed: it is another version than what has come, or another part of it.
        """
        etag, length = headers.get("etag"), headers.get("content-length", "")
        total = int(length) if status != 206 and length.isdigit() else None
        if self.done and (etag != self.etag or (total is not None and total < self.done)):
            raise ConnectionFailed(f"{self.path} changed while it was fetched; fetch it again")
        self.etag = etag
        if status != 206:
            self.surplus, self.total = self.done, total
            return
        span = _SPAN.fullmatch(headers.get("content-range", ""))
        if span is None or int(span[1]) != self.done:
            raise ConnectionFailed(
                f"{self.path} was asked for from byte {self.done} on and answered with {headers.get('content-range')!r}"
            )
        self.surplus, self.total = 0, None if span[2] == "*" else int(span[2])

    def fresh(self, chunk: bytes) -> bytes:
        """What of the next bytes had not come before."""
        known = min(self.surplus, len(chunk))
        self.surplus -= known
        self.done += len(chunk) - known
        return chunk[known:]
