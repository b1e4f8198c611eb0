"""Whether what happens arrives as it happens."""

import http.client
import sys
import time
from collections.abc import Iterator
from typing import Any

from flowdock.cli import terminal
from flowdock.cli.doctor import asking
from flowdock.cli.doctor.asking import NoAnswer
from flowdock.cli.doctor.findings import Case, Finding, fine, wrong
from flowdock.protocol import endpoints

BETWEEN = ("via", "server", "x-cache", "cf-ray", "x-served-by")
"""Headers in which what stands between tells of itself."""
UNBUFFERED = "let it pass streams unbuffered, as in 'How to run it behind TLS' (nginx: proxy_buffering off)"


def stream(case: Case) -> Iterator[Finding]:
    """Whether a stream opens, and a sign of life comes through at once."""
    url = f"{case.where.stream_url}{endpoints.LIST_FLOWS.url()}?user=1"
    begin = time.monotonic()
    try:
        response = asking.opened(url, token=case.where.token, accept="text/event-stream")
    except NoAnswer as error:
        yield wrong(
            "stream", f"{case.where.stream_url} does not open: {error}", f"is it the streaming address? {UNBUFFERED}"
        )
        return
    with response:
        kind = response.headers.get("content-type", "nothing that has a type")
        if response.status != 200 or not kind.startswith("text/event-stream"):
            told = f"{case.where.stream_url} answered {response.status} {kind} instead of a stream"
            yield wrong("stream", told, "is it the streaming address? FLOWDOCK_STREAM_URL says another")
            return
        opening = time.monotonic() - begin
        yield _sign(response, case, opening)


def _sign(response: Any, case: Case, opening: float) -> Finding:
    if sys.stderr.isatty():
        terminal.remark(f"waiting up to {case.silence_seconds:g} s for a sign of life of the stream")
    between = "; ".join(f"{name}: {response.headers[name]}" for name in BETWEEN if name in response.headers)
    through = f", through {between}" if between else ""
    begin = time.monotonic()
    _let_wait(response, case.silence_seconds)
    try:
        came = response.read1(1)
    except TimeoutError:
        told = f"it opens, and nothing came for {case.silence_seconds:g} s{through}"
        return wrong("stream", told, f"something holds it back: {UNBUFFERED}")
    except (OSError, http.client.HTTPException) as error:
        return wrong("stream", f"it opens and is cut: {error}{through}", "what stands between allows too short a time")
    if not came:
        return wrong("stream", f"it opens and ends at once{through}", "what stands between does not pass streams")
    waited = time.monotonic() - begin
    return fine("stream", f"opens in {opening * 1000:.0f} ms, a sign of life after {waited:.0f} s{through}")


def _let_wait(response: Any, seconds: float) -> None:
    """How long reading waits; the library tells it only for connecting and reading at once."""
    response.fp.raw._sock.settimeout(seconds)  # noqa: SLF001 - there is no public way
