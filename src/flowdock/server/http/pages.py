"""What a browser finds here: a page that says what this is, and pictures for people who gave none.

Source: wire facts 2.6 (every person has an `avatar`).
"""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Flowdock</title>
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }}
body {{ max-width: 42rem; margin: 12vh auto; padding: 0 1.5rem }}
h1 {{ border-left: .5rem solid #3b9; padding-left: .75rem }}
code {{ background: color-mix(in srgb, currentColor 8%, transparent); padding: .1em .35em; border-radius: .3em }}
</style>
<h1>This Flowdock is running</h1>
<p>Programs talk to it at <code>{api}</code>, and listen at <code>{api}/stream</code>.</p>
<p>Try it from a terminal: <code>flowdock send "Hello"</code>, then <code>flowdock tail</code>.</p>
</html>
"""

_AVATAR = """<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80" viewBox="0 0 80 80">
<rect width="80" height="80" fill="hsl({hue} 55% 42%)"/>
<text x="40" y="54" font-family="sans-serif" font-size="40" fill="#fff" text-anchor="middle">{mark}</text></svg>
"""
_GOLDEN_ANGLE = 137


async def welcome(request: Request) -> Response:
    """The page at `/`."""
    base = f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"
    return HTMLResponse(_PAGE.format(api=escape(base)), headers={"content-security-policy": _POLICY})


async def avatar(request: Request) -> Response:
    """A person's picture: a colour of their own with their number."""
    user_id = int(request.path_params["user_id"])
    picture = _AVATAR.format(hue=user_id * _GOLDEN_ANGLE % 360, mark=user_id % 100)
    headers = {"cache-control": "public, max-age=86400", "content-security-policy": "default-src 'none'"}
    return Response(picture, media_type="image/svg+xml", headers=headers)
