"""Everything one may see, searched."""

from flowdock.client.calls.call import Call, call, query_of
from flowdock.protocol import endpoints
from flowdock.protocol.resources import SearchResults


def search(q: str, *, limit: int | None, cursor: str | None) -> Call[SearchResults]:
    """What was found, the newest first."""
    return call(endpoints.SEARCH, query=query_of(endpoints.SEARCH, {"q": q, "limit": limit, "cursor": cursor}))
