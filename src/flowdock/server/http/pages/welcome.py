"""The page at `/`: it says what this is."""

from starlette.requests import Request
from starlette.responses import Response

from flowdock.server.http.pages.page import filled, page

_BODY = """<p>Programs talk to it at <code>{api}</code>, and listen at <code>{api}/stream</code>.</p>
<p>Try it from a terminal: <code>flowdock send "Hello"</code>, then <code>flowdock tail</code>.</p>
<p><a href="/help/">The documentation</a> begins with a tutorial; what programs may ask is told in
<a href="/docs">the reference</a>.</p>
"""


async def welcome(request: Request) -> Response:
    """Where programs find this server."""
    base = f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"
    return page("This Flowdock is running", filled(_BODY, api=base))
