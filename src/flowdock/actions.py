"""What Flowdock asks of other programs, verified there: that it is Flowdock who asks, and for whom.

    from flowdock import actions

    try:
        claims = actions.verify(request.headers, request.body, CLIENT_SECRET)
    except flowdock.Unverified as error:
        ...  # answer 403: somebody else asked

A program that carries thread actions out uses `verify`, and `challenge` where a person has to sign in first; one that
is told events by a webhook uses `verify_webhook`. It needs nothing but the standard library.

Source: wire facts 7.1, 2.15; RFC 7519 and RFC 7515 (HS256).
"""

import binascii
import hashlib
import hmac
import json
import re
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Mapping
from typing import Any, Protocol, TypedDict, cast

from flowdock.protocol.errors import BadSetting, Unverified
from flowdock.protocol.types import Event

LEEWAY = 5.0
"""By so many seconds the clocks of both machines may differ."""

_PART = re.compile(r"[A-Za-z0-9_-]+")


class Headers(Protocol):
    """The headers of a request, as every library has them: a mapping, or anything else with `items()`."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Names and values; a name may come twice."""


class Claims(TypedDict):
    """What a verified request says: who wants the action to be carried out, and until when it is good.

    `user_id` is the person's id in Flowdock, `expires` in seconds since 1970. Their name is in the request's body.
    """

    user_id: int
    expires: int


def verify(
    headers: Headers,
    body: bytes,
    secret: str,
    *,
    leeway: float = LEEWAY,
    now: float | None = None,
) -> Claims:
    """Who wants a thread action to be carried out, if it is Flowdock that asks.

    `headers` may be spelled in any case, `body` is what came, byte for byte, and `secret` is the client secret of the
    application behind the source. A token is good for half a minute; by `leeway` seconds clocks may differ. `now`
    (seconds since 1970) is the present moment when left out.

    Example:
        try:
            claims = actions.verify(request.headers, request.body, CLIENT_SECRET)
        except flowdock.Unverified as error:
            print("403:", error)
        else:
            print("for the person with the id", claims["user_id"])

    Raises:
        Unverified: somebody else asked, or it was too long ago. Answer 403, and do nothing.
    """
    token = _header(headers, "FLOWDOCK-TOKEN")
    claims = _claims(token, secret)
    expires, signature, subject = claims.get("exp"), claims.get("signature"), str(claims.get("sub", ""))
    if not isinstance(expires, int):
        raise Unverified("the FLOWDOCK-TOKEN does not say until when it is good")
    late = (time.time() if now is None else now) - expires
    if late >= leeway:
        raise Unverified(f"the FLOWDOCK-TOKEN expired {late:.0f} seconds ago; is the clock of this machine right?")
    if not isinstance(signature, str) or not _equal(signature, hashlib.sha256(body).hexdigest()):
        raise Unverified("the FLOWDOCK-TOKEN was made for another body; give the body as it came, byte for byte")
    if not re.fullmatch("[0-9]{1,18}", subject):
        raise Unverified("the FLOWDOCK-TOKEN does not say who asks")
    return {"user_id": int(subject), "expires": expires}


def challenge(url: str) -> str:
    """The `WWW-Authenticate` header of a 401 by which Flowdock sends the person to this address, to sign in there.

    Example:
        headers = {"WWW-Authenticate": actions.challenge("https://ci.example.com/login")}

    Raises:
        BadSetting: it is no address of the web.
    """
    if not re.fullmatch(r"https?://[^\s\",<>]+", url) or not url.isascii():
        raise BadSetting(f"{url!r} is not an address such as https://ci.example.com/login")
    return f"Flowdock-Token url={url}"


def verify_webhook(headers: Headers, body: bytes, secret: str) -> Event:
    """The event that a webhook tells, if it is Flowdock that tells it.

    It may come more than once; `X-Flowdock-Delivery` and the event's own `flow` and `id` are then the same.

    Example:
        event = actions.verify_webhook(request.headers, request.body, WEBHOOK_SECRET)
        print(event["event"], event["content"])

    Raises:
        Unverified: somebody else says so. Answer 403.
    """
    kind, _, given = _header(headers, "X-Flowdock-Signature").partition("=")
    expected = hmac.new(secret.encode(), body, "sha1").hexdigest()
    if kind != "sha1" or not _equal(given, expected):
        raise Unverified("X-Flowdock-Signature is not that of this body; is the secret the webhook's own?")
    try:
        event = json.loads(body)
    except ValueError as error:
        raise Unverified("the body is not JSON") from error
    if not isinstance(event, dict):
        raise Unverified("the body is no event")
    return cast("Event", event)


def _header(headers: Headers, name: str) -> str:
    found = [value for key, value in headers.items() if key.lower() == name.lower()]
    if len(found) != 1:
        raise Unverified(f"there is no {name} header" if not found else f"there are {len(found)} {name} headers")
    return found[0].strip()


def _claims(token: str, secret: str) -> Mapping[str, Any]:
    """The claims of a JSON Web Token that this secret signed by HS256, and by nothing else."""
    parts = token.split(".")
    if len(parts) != 3 or not all(_PART.fullmatch(part) for part in parts):
        raise Unverified("the FLOWDOCK-TOKEN is not a JSON Web Token")
    signed = f"{parts[0]}.{parts[1]}".encode()
    genuine = hmac.digest(secret.encode(), signed, "sha256")
    if _object(parts[0]).get("alg") != "HS256" or not hmac.compare_digest(_decoded(parts[2]), genuine):
        raise Unverified("the FLOWDOCK-TOKEN was not signed with this secret; is it the application's client secret?")
    return _object(parts[1])


def _object(part: str) -> Mapping[str, Any]:
    try:
        content = json.loads(_decoded(part))
    except (ValueError, RecursionError) as error:
        raise Unverified("the FLOWDOCK-TOKEN is not a JSON Web Token") from error
    if not isinstance(content, dict):
        raise Unverified("the FLOWDOCK-TOKEN is not a JSON Web Token")
    return content


def _decoded(part: str) -> bytes:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except binascii.Error as error:
        raise Unverified("the FLOWDOCK-TOKEN is not a JSON Web Token") from error


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
