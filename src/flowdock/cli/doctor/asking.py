"""Requests as they go over the wire, whatever answers: nothing is tried again, and nobody sent elsewhere.

Not by the client's transport, because that hides what is looked for here: who stands between, and how long it waits.
"""

import http.client
import json
import ssl
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError

SECONDS = 10.0
LONGEST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """What it says; None if that is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def kind(self) -> str:
        """What it is, for people: `404 text/html, by nginx`."""
        by = f", by {self.headers['server']}" if "server" in self.headers else ""
        return f"{self.status} {self.headers.get('content-type', 'nothing that has a type')}{by}"


class NoAnswer(Exception):
    """There was none; the text says why."""


class _Staying(urllib.request.HTTPRedirectHandler):
    """Credentials are for one server: an answer that leads elsewhere is an answer."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Never go there."""


def opened(url: str, *, token: str | None = None, accept: str = "application/json") -> Any:
    """An answer whose body is still to be read, by the proxies that the environment names.

    Raises:
        NoAnswer: there is none.
    """
    request = urllib.request.Request(url, headers={"Accept": accept, "Accept-Encoding": "identity"})  # noqa: S310 - settings allow http and https only
    if token is not None:
        request.add_header("Authorization", f"Basic {b64encode(f'{token}:'.encode()).decode()}")
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    try:
        return urllib.request.build_opener(_Staying(), secure).open(request, timeout=SECONDS)
    except HTTPError as answer:
        return answer
    except URLError as error:
        raise NoAnswer(str(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(str(error) or type(error).__name__) from error


def answer(url: str) -> Answer:
    """A whole answer.

    Raises:
        NoAnswer: there is none.
    """
    with opened(url) as response:
        try:
            body = response.read(LONGEST_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise NoAnswer(str(error) or type(error).__name__) from error
        return Answer(response.status, {name.lower(): value for name, value in response.headers.items()}, body)
