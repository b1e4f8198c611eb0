"""What answers there: a Flowdock, which version, at what time."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from flowdock.cli.addresses import is_here
from flowdock.cli.doctor import asking
from flowdock.cli.doctor.asking import Answer, NoAnswer
from flowdock.cli.doctor.findings import Case, Finding, fine, note, wrong

APART_SECONDS = 120
"""Clocks that differ by more make links to files and tokens end too early or too late."""


def health(case: Case) -> Iterator[Finding]:
    """Whether a Flowdock answers, and is well."""
    url = case.where.api_url
    try:
        found = asking.answer(f"{url}/health")
    except NoAnswer as error:
        yield wrong("server", f"{url} takes the connection and does not answer: {error}", _other(url), is_end=True)
        return
    if "location" in found.headers:
        there = found.headers["location"].removesuffix("/health")
        yield wrong("server", f"{url} leads to {there}", f"'flowdock login --api-url {there}'", is_end=True)
    elif not isinstance(found.json, dict) or found.json.get("status") not in {"ok", "unavailable"}:
        yield wrong("server", f"{url} is no Flowdock: it answered {found.kind}", _other(url), is_end=True)
    elif found.status == 200:
        yield fine("server", f"a Flowdock answers at {url}")
        yield from _clock(found)
    else:
        yield wrong(
            "server", f"the Flowdock at {url} is not well: {found.json.get('message')}", "look at its log", is_end=True
        )


def version(case: Case) -> Iterator[Finding]:
    """Which version it is, and which this is."""
    import flowdock

    own = flowdock.__version__
    try:
        document = asking.answer(f"{case.where.api_url}/openapi.json").json
        theirs = str(document["info"]["version"])
    except (NoAnswer, KeyError, TypeError):
        yield note("version", f"the server does not tell its version; this is {own}")
        return
    if theirs.split(".", maxsplit=1)[0] == own.split(".")[0]:
        yield fine("version", f"{theirs} there, {own} here")
    else:
        yield note("version", f"{theirs} there, {own} here", "have the older one updated")


def _clock(found: Answer) -> Iterator[Finding]:
    try:
        there = parsedate_to_datetime(found.headers["date"])
    except (KeyError, ValueError):
        return
    if not there.tzinfo:
        return
    apart = (datetime.now(UTC) - there).total_seconds()
    told = f"this machine is {abs(apart):.0f} s {'ahead of' if apart > 0 else 'behind'} the server"
    if abs(apart) > APART_SECONDS:
        yield wrong("clock", told, "have the clocks set by the network (NTP)")
    else:
        yield fine("clock", told if abs(apart) > 1 else "the same here and there")


def _other(url: str) -> str:
    if is_here(url):
        return "something else has taken this port; 'flowdock up --port' takes another one"
    return "is the address right, and does the proxy before it know the server?"
