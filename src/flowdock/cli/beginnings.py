"""From when on: what `--since` takes, and which message of a place came before that moment."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import typer

from flowdock import Flow, Private

PAGE = 100

_AGO = re.compile(r"(\d{1,6})\s*([smhdw])", re.IGNORECASE)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str, *, now: datetime) -> int | datetime:
    """The number of a message, or a moment; `now` has a time zone, which is also that of what was written.

    Raises:
        typer.BadParameter: it is neither.
    """
    if text.isdecimal():
        return int(text)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    word = text.strip().lower()
    if word in {"now", "today", "yesterday"}:
        return {"now": now, "today": midnight, "yesterday": midnight - timedelta(days=1)}[word]
    if ago := _AGO.fullmatch(word):
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is neither the number of a message nor a time such as 2h, 3d, today or 2026-01-31T09:30"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)


def last_before(place: Flow | Private, moment: datetime) -> int:
    """The number of the last message before a moment, 0 if there is none: few questions, however long ago it was."""
    until = moment.timestamp() * 1000
    newest = place.list(limit=PAGE)
    if not newest or newest[-1]["sent"] < until:
        return newest[-1]["id"] if newest else 0
    earlier = [message["id"] for message in newest if message["sent"] < until]
    return earlier[-1] if earlier else _sought(place, below=newest[0]["id"], is_before=lambda sent: sent < until)


def _sought(place: Flow | Private, *, below: int, is_before: Callable[[int], bool]) -> int:
    """The same by halving: numbers grow with time, and of each there is a next message."""
    before, after = 0, below
    while after - before > 1:
        middle = (before + after) // 2
        following = place.list(since_id=middle - 1, sort="asc", limit=1)[0]
        if is_before(following["sent"]):
            before = max(following["id"], middle)
        else:
            after = middle
    return before
