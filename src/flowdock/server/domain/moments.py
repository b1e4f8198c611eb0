"""Points in time: milliseconds since 1970 inside, ISO 8601 with three decimals and `Z` where the wire wants text.

Source: wire facts 1.4.
"""

from datetime import UTC, datetime
from functools import lru_cache


def iso(ms: int) -> str:
    """`2019-10-04T06:13:08.985Z` for milliseconds since 1970."""
    return f"{_second(ms // 1000)}.{ms % 1000:03d}Z"


def iso_second(ms: int) -> str:
    """The same moment cut to the whole second, as `created_at` of a thread."""
    return f"{_second(ms // 1000)}.000Z"


def iso_microsecond(ms: int) -> str:
    """The same moment with six decimals, as audits tell it."""
    return f"{_second(ms // 1000)}.{ms % 1000:03d}000Z"


@lru_cache(maxsize=4096)
def _second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def parse_iso(text: str) -> int | None:
    """Milliseconds since 1970 for an ISO 8601 text (UTC unless it says otherwise), None when it is not one."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
