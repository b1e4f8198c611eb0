"""What went wrong, as one line for people: the value, and the next step."""

from collections.abc import Mapping, Sequence

from flowdock.protocol.errors import ApiError, Forbidden


class Failure(Exception):
    """A command cannot do what it was asked; the text is the whole line that the user sees."""


def sentence(error: Exception) -> str:
    """The line that tells this error."""
    if isinstance(error, ApiError):
        return _refusal(error)
    if isinstance(error, ModuleNotFoundError):
        return f"this needs the package {error.name}: install flowdock[server]"
    if isinstance(error, UnicodeError):
        return "the text is not valid UTF-8; convert it first"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__


def problems_of(errors: Mapping[str, Sequence[str]]) -> str:
    """The problems of a refusal by field, as one line: `content can't be blank`."""
    return "; ".join(f"{field} {', '.join(problems)}" for field, problems in errors.items())


def _refusal(error: ApiError) -> str:
    if error.errors:
        return problems_of(error.errors)
    if isinstance(error, Forbidden):
        return f"this token may not do that: {error.message}"
    return f"the server refused with {error.status}: {error.message or 'no explanation'}"
