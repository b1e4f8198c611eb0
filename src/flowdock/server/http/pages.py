"""What a browser finds here: a page that says what this is, and pictures for people and applications that gave none.

Source: wire facts 2.6 (every person has an `avatar`), 3.6 (every application an `icon_url`).
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

_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80" viewBox="0 0 80 80">
<rect width="80" height="80" fill="hsl({hue} 55% 42%)"/>
<text x="40" y="54" font-family="sans-serif" font-size="40" fill="#fff" text-anchor="middle">{mark}</text></svg>
"""
_GOLDEN_ANGLE = 137


async def welcome(request: Request) -> Response:
    """The page at `/`."""
    base = f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"
    return HTMLResponse(_PAGE.format(api=escape(base)), headers={"content-security-policy": _POLICY})


async def picture(request: Request) -> Response:
    """The picture of a person or an application that gave none: a colour of their own with their number."""
    number = int(request.path_params["number"])
    picture = _PICTURE.format(hue=number * _GOLDEN_ANGLE % 360, mark=number % 100)
    headers = {"cache-control": "public, max-age=86400", "content-security-policy": "default-src 'none'"}
    return Response(picture, media_type="image/svg+xml", headers=headers)
