"""How an action says no: the status and the JSON error the caller gets.

Source: wire facts 1.5.
"""

from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """The request cannot be granted; nothing of it was stored. `retry_after` is in seconds, 0 for no matter when."""

    def __init__(
        self, status: int, message: str, errors: Mapping[str, Sequence[str]] | None = None, *, retry_after: int = 0
    ) -> None:
        super().__init__(status, message, errors)
        self.retry_after = retry_after
        self.status = status
        self.message = message
        self.errors = {field: list(problems) for field, problems in (errors or {}).items()}


def not_found() -> Refusal:
    """Absent, or hidden from the caller: the two look the same."""
    return Refusal(404, "not found")


def forbidden() -> Refusal:
    """The caller is known and the thing visible, but this may not be done to it."""
    return Refusal(403, "Access denied")


def archived() -> Refusal:
    """The flow can be read, and nothing more."""
    return Refusal(403, "Access denied: this flow is archived")


def unauthorized(message: str = "Bad credentials") -> Refusal:
    """No credentials, or wrong ones."""
    return Refusal(401, message)


def unavailable(message: str = "The database cannot do its work now; try again") -> Refusal:
    """It is not the caller's fault, and will be better soon."""
    return Refusal(503, message, retry_after=1)


def too_often(message: str, *, seconds: int) -> Refusal:
    """This was tried too often."""
    return Refusal(429, message, retry_after=seconds)


def gone() -> Refusal:
    """The source of this flow token was removed."""
    return Refusal(410, "The source of this flow_token was removed")


def invalid(field: str, problem: str) -> Refusal:
    """A parameter is wrong; `problem` continues the field's name, as in `can't be blank`."""
    return Refusal(400, "Validation error", {field: [problem]})
