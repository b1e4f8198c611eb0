"""What went wrong, as one line for people: the value, and the next step."""

from flowdock.protocol.errors import ApiError, Forbidden, Invalid


class Failure(Exception):
    """A command cannot do what it was asked; the text is the whole line that the user sees."""


def sentence(error: Exception) -> str:
    """The line that tells this error."""
    if isinstance(error, ModuleNotFoundError):
        return f"this needs the package {error.name}: install flowdock[server]"
    if isinstance(error, Invalid) and error.errors:
        return "; ".join(f"{field} {', '.join(problems)}" for field, problems in error.errors.items())
    if isinstance(error, Forbidden):
        return f"this token may not do that: {error.message}"
    if isinstance(error, ApiError):
        return f"the server refused with {error.status}: {error.message or 'no explanation'}"
    if isinstance(error, UnicodeError):
        return "the text is not valid UTF-8; convert it first"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error) or type(error).__name__
