"""What went wrong at a place where files are kept, told in a line.

An object store's client says it in fifty, with addresses and answers in full: too much for a log, and some of it is not
for everybody's eyes. So nothing is taken over but the store's own code and message, or the reason of the network.
"""

import re

from obstore.exceptions import PermissionDeniedError, UnauthenticatedError

_REASON_LIMIT = 200
_CODE = re.compile(r"<Code>([^<]*)</Code>")
_MESSAGE = re.compile(r"<Message>([^<]*)</Message>")
_STATUS = re.compile(r"status code: ([0-9]{3})")
_INNERMOST = re.compile(r'(?:message|error): "([^"]*)"')
_DETAILS = re.compile(r"\s*\bDebug source:.*", re.DOTALL)
_QUERY = re.compile(r"\?\S+")
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist")
# Where a program on a rented machine asks for the machine's credentials: it does so when it was given none.
_ASKING_THE_MACHINE = re.compile(r"/latest/(?:api|meta-data)/|metadata\.google\.internal|/metadata/identity/")
# "Try again" and "too much at once" come and go like any trouble of the server.
_PASSING_STATUS = frozenset({"408", "429"})


class Absent(Exception):
    """There is no such object."""


class PlaceFailed(Exception):
    """A place does not do what it should; the text says why, and what to do, without secrets."""

    def __init__(self, text: str, *, passing: bool) -> None:
        super().__init__(text)
        self.passing = passing
        """Whether it may well be over by itself: a network that is down, a server that starts anew."""


def is_absent(error: Exception) -> bool:
    """Whether only the object is missing, not all there should be around it."""
    return isinstance(error, FileNotFoundError) and not _NO_BUCKET.search(str(error))


def told(error: Exception, *, place: str) -> PlaceFailed:
    """The failure of a place, whose name may be shown."""
    text = str(error)
    step, passing = _next_step(error, text)
    return PlaceFailed(f"{place} cannot be used: {reason(error)}{step}", passing=passing)


def reason(error: Exception) -> str:
    """Why, in at most 200 characters: what the object store said, else the network, else the first line."""
    text = str(error)
    code, message, status = _CODE.search(text), _MESSAGE.search(text), _STATUS.search(text)
    if code:
        found = f"{code[1]}: {message[1]}" if message else code[1]
    elif status:
        found = f"it answered {status[1]}"
    elif innermost := _INNERMOST.findall(text):
        found = innermost[-1]
    elif "TimedOut" in text:
        found = "it does not answer in time"
    else:
        found = _QUERY.sub("?…", _DETAILS.sub("", text))
    return " ".join(found.split()).rstrip(".")[:_REASON_LIMIT] or type(error).__name__


def _next_step(error: Exception, text: str) -> tuple[str, bool]:
    status = _STATUS.search(text)
    if _NO_BUCKET.search(text):
        return "; create it, or correct FLOWDOCK_FILES", False
    if _ASKING_THE_MACHINE.search(text):
        return "; there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the like", False
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)) or (status and status[1] in ("401", "403")):
        return "; its credentials must allow to read, write, list and delete there", False
    if status and status[1].startswith(("3", "4")) and status[1] not in _PASSING_STATUS:
        return "; correct FLOWDOCK_FILES, or the region and endpoint in the environment", False
    return "", True
