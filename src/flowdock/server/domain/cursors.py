"""Cursors: how far a stream's reader has come in each log it follows.

A reader of one flow has the event's number as its cursor; a reader of several, and one of private events, has
`log:number` pairs. Outside it is opaque: a client hands back what it got.

Source: wire facts 5.3, 5.4.
"""

from collections.abc import Iterable, Mapping

LONGEST = 64 * 1024
"""Characters; enough for a reader of some thousand logs."""


def of(positions: Mapping[int, int], *, compound: bool) -> str:
    """The cursor of a reader of these logs; `compound` if it names them, as that of a single flow's reader does not."""
    return of_several(positions) if compound else of_one(*positions.values())


def of_one(number: int) -> str:
    """The cursor of a reader of a single log."""
    return str(number)


def of_several(positions: Mapping[int, int]) -> str:
    """The cursor of a reader of several logs."""
    return ",".join(f"{log_id}:{number}" for log_id, number in positions.items())


def resume(cursor: str | None, log_ids: Iterable[int]) -> dict[int, int] | None:
    """Where to go on in each log; those that the cursor does not know are left out.

    A text that is no cursor of these logs gives None.
    """
    if not cursor or len(cursor) > LONGEST:
        return None
    wanted = list(log_ids)
    if ":" not in cursor:
        number = _number(cursor)
        return {wanted[0]: number} if len(wanted) == 1 and number is not None else None
    positions: dict[int, int] = {}
    for pair in cursor.split(","):
        log_text, _, number_text = pair.partition(":")
        log_id, number = _number(log_text), _number(number_text)
        if log_id is None or number is None:
            return None
        positions[log_id] = number
    return {log_id: positions[log_id] for log_id in wanted if log_id in positions}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
