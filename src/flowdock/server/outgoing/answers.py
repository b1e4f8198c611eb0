"""What an address that was asked answered."""

from collections.abc import Mapping
from dataclasses import dataclass

ANSWER_BYTES = 64 * 1024
"""More of an answer is not read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; the body may be cut off. Names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the request was granted."""
        return 200 <= self.status < 300
