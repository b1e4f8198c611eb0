"""When to try again, how long to wait before, and from where to go on. Pure: clock and chance are arguments.

A request is tried again when that cannot do a thing twice, for as long as its caller gave it. A stream that was open
once is resumed for ever. Waits double from try to try, and a part of each is chance, so that a thousand
clients of a server that restarts do not come back at the same moment.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flowdock.client.reading import Reader
from flowdock.protocol.errors import ApiError, ConnectionFailed, FlowdockError, StreamBroken, TimedOut

OVERLOADED = 429
LASTING = frozenset({501, 505, 507, 508, 511})
"""Of the 5xx those that say: asking again is no use."""
PASSING_ON_STREAMS = frozenset({408, 409, 425, 429})
"""With every 5xx, what says nothing about the next try. Source: wire facts 1.5 and 5.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How much of it there is; times are in seconds."""

    tries: int = 8
    """Of one request."""
    first_tries: int = 4
    """Of one to a server that never answered, of one that fails inside it, and of a stream that was never open."""
    first_wait: float = 0.25
    longest_wait: float = 30.0
    longest_asked_wait: float = 60.0
    """When a server asks for longer than this, a request fails at once and a stream is opened after this time."""
    silence: float = 90.0
    """A stream from which not even a keep-alive came for this long is dead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A request that failed, maybe not for the first time."""

    tries: int
    """How often it was sent."""
    repeatable: bool
    """Whether doing it twice equals doing it once."""
    left: float | None = None
    """Seconds until its deadline; None if it has none."""
    known: bool = True
    """Whether the server has ever answered this client."""
    outlasts_silence: bool = False
    """Whether its caller gave it more time than the wait for one answer takes."""


def wait_before_retry(error: FlowdockError, attempt: Attempt, *, chance: float, patience: Patience) -> float | None:
    """Seconds to wait before a request is tried again, or None to give up; `chance` is a number from 0 to 1."""
    if not _helps(error, attempt) or attempt.tries >= _most_tries(error, attempt, patience):
        return None
    wait = backoff(attempt.tries, chance=chance, patience=patience)
    asked = (error.retry_after if isinstance(error, ApiError) else None) or 0.0
    if asked > patience.longest_asked_wait:
        return None
    wait = max(wait, asked)
    return wait if attempt.left is None or wait < attempt.left else None


def may_have_been_done(error: FlowdockError) -> bool:
    """Whether the server may have done what it did not confirm."""
    if isinstance(error, ConnectionFailed):
        return error.reached
    return isinstance(error, ApiError) and _is_passing(error.status)


def _helps(error: FlowdockError, attempt: Attempt) -> bool:
    if isinstance(error, TimedOut) and not attempt.outlasts_silence:
        return False  # who waited that long has waited enough
    if isinstance(error, ConnectionFailed):
        return attempt.repeatable or not error.reached
    if not isinstance(error, ApiError):
        return False
    return error.status == OVERLOADED or (attempt.repeatable and _is_passing(error.status))


def _most_tries(error: FlowdockError, attempt: Attempt, patience: Patience) -> int:
    is_early = not attempt.known or (isinstance(error, ApiError) and error.status == 500)
    return min(patience.first_tries, patience.tries) if is_early else patience.tries


def _is_passing(status: int) -> bool:
    """Whether the server is away, busy or at fault, says it or somebody before it."""
    return status >= 500 and status not in LASTING


def may_resume(error: FlowdockError, reader: Reader, *, patience: Patience) -> bool:
    """Whether a stream that `error` ended is opened again; `reader` is as it was then.

    Given up are refusals that would be repeated, what is broken in the same place for the second time, and a server
    that was never reached at all.
    """
    if isinstance(error, StreamBroken):
        return reader.broken_at != (reader.cursor,)
    if isinstance(error, ConnectionFailed):
        return reader.was_open or reader.failures + 1 < patience.first_tries
    return isinstance(error, ApiError) and (error.status >= 500 or error.status in PASSING_ON_STREAMS)


def wait_before_resuming(
    error: FlowdockError | None, reader: Reader, *, retry: float | None, chance: float, patience: Patience
) -> float:
    """Seconds to wait before a stream is opened again; no `error` means that it ended properly.

    `retry` is what the stream itself asked for, in seconds.
    """
    asked = error.retry_after if isinstance(error, ApiError) else retry
    wait = backoff(reader.failures + 1, chance=chance, patience=patience)
    return max(wait, min(asked or 0.0, patience.longest_asked_wait))


def backoff(failures: int, *, chance: float, patience: Patience) -> float:
    """Seconds to wait after so many failures in a row: doubling, between one and two times the half of it."""
    full = min(patience.longest_wait, patience.first_wait * 2.0 ** min(failures, 32))
    return full * (1 + chance) / 2


def seconds_of(retry_after: str | None, *, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for, given as a number or as a date; None when it says nothing.

    Source: RFC 9110 section 10.2.3.
    """
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - now).total_seconds())
