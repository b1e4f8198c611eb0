"""Everything that can go wrong while talking to Flowdock, as one tree, and the JSON body that carries a refusal.

    FlowdockError
    ├── ApiError               the server refused: args == (status, body_bytes); also an AssertionError
    │   ├── Invalid            400, 413, 415, 422: the request itself is wrong
    │   ├── Unauthorized       401
    │   ├── Forbidden          403
    │   ├── NotFound           404: absent, or not visible to this token
    │   ├── Gone               410: the source of this flow token was removed
    │   ├── RateLimited        429: `retry_after` seconds
    │   └── ServerError        5xx
    ├── ConnectionFailed       no answer, or none that makes sense
    │   ├── TimedOut
    │   └── StreamBroken
    │       └── StreamGap      events that can be had neither from the stream nor by listing
    ├── UnknownName            nobody, or no flow, has this name; also a KeyError, hence a LookupError
    ├── BadSetting             an address or a profile that cannot be used; also a ValueError
    ├── TokenMissing           no token was given or found; also a TypeError
    └── Unverified             a request that claims to be Flowdock's is not; also a ValueError

Source: wire facts 1.5.
"""

import json
from collections.abc import Mapping, Sequence

NOT_FOUND_BODY = b'{"message":"not found"}'


class FlowdockError(Exception):
    """The root of every error this package raises on purpose."""

    tries = 1
    """How often the request was sent before this was given up."""


class ApiError(FlowdockError, AssertionError):
    """The server refused a request.

    `args` is `(status, body_bytes)`. It is an `AssertionError` as well, because programs written for the
    original wrapper catch that.
    """

    def __init__(self, status: int, body: bytes, *, request: str = "", retry_after: float | None = None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.request = request
        """What was asked, such as `POST /flows/acme/main/messages`; empty when unknown."""
        self.retry_after = retry_after
        """Seconds to wait before the next try, when the server said."""

    @property
    def message(self) -> str:
        """The server's own words, or the beginning of the body when it has none."""
        said = _parsed(self.body).get("message")
        return said if isinstance(said, str) else self.body[:200].decode(errors="replace").strip()

    @property
    def errors(self) -> dict[str, list[str]]:
        """Problems by field, as in `{"content": ["can't be blank"]}`; empty when the server named none."""
        found = _parsed(self.body).get("errors")
        return found if isinstance(found, dict) else {}

    def __str__(self) -> str:
        problems = "; ".join(f"{field} {', '.join(texts)}" for field, texts in self.errors.items())
        sentence = f"{self.message or 'no explanation'} ({problems})" if problems else self.message or "no explanation"
        return f"{self.request} was answered {self.status}: {sentence}" if self.request else f"{self.status} {sentence}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.args, self.request, self.retry_after)


class Invalid(ApiError):
    """The request itself is wrong (400, 413, 415, 422); `errors` says which field and why."""


class Unauthorized(ApiError):
    """No credentials, or wrong ones (401)."""


class Forbidden(ApiError):
    """The server knows who asks, and does not allow it (403)."""


class NotFound(ApiError):
    """Absent, or not visible to this token: the two look the same (404)."""


class Gone(ApiError):
    """The source that this flow token belonged to was removed (410)."""


class RateLimited(ApiError):
    """Too many requests (429); `retry_after` says how long to wait."""


class ServerError(ApiError):
    """The server could not do its part (5xx)."""


class ConnectionFailed(FlowdockError):
    """No answer, or none that makes sense."""

    reached = True
    """False when the request certainly never reached the server, so that asking again cannot do a thing twice."""


class TimedOut(ConnectionFailed):
    """The server did not answer in time."""


class StreamBroken(ConnectionFailed):
    """A stream carried something that is not an event."""


class StreamGap(StreamBroken):
    """Events that happened since the last one that was read can be had neither from the stream nor by listing.

    The stream that raised it goes on after the gap when it is asked for the next event.
    """

    places: tuple[str, ...] = ()
    """Where something may be missing: flows as `org/flow`, conversations as the other person's id."""


class UnknownName(FlowdockError, KeyError):
    """Nobody that this token can see has this display name, or no flow this name."""

    def __str__(self) -> str:
        return Exception.__str__(self)  # a KeyError would show its text in quotes


class BadSetting(FlowdockError, ValueError):
    """An address or a profile that cannot be used."""


class TokenMissing(FlowdockError, TypeError):
    """No token was given, and none was found."""


class Unverified(FlowdockError, ValueError):
    """A request that claims to be Flowdock's is not, or was made too long ago."""


_CLASS_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: Invalid,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    410: Gone,
    413: Invalid,
    415: Invalid,
    422: Invalid,
    429: RateLimited,
}


def from_answer(status: int, body: bytes, *, request: str = "", retry_after: float | None = None) -> ApiError:
    """The error that fits a refused request; raise it."""
    kind = ServerError if status >= 500 else _CLASS_BY_STATUS.get(status, ApiError)
    return kind(status, body, request=request, retry_after=retry_after)


def body_of(message: str, errors: Mapping[str, Sequence[str]] | None = None) -> bytes:
    """The JSON body of a refusal: `{"message": …}`, with problems by field where there are any."""
    content: dict[str, object] = {"message": message}
    if errors:
        content["errors"] = {field: list(problems) for field, problems in errors.items()}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _parsed(body: bytes) -> dict[str, object]:
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _rebuild(kind: type[ApiError], args: tuple[int, bytes], request: str, retry_after: float | None) -> ApiError:
    return kind(*args, request=request, retry_after=retry_after)
