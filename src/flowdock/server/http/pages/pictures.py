"""Pictures for people and applications that gave none.

Source: wire facts 2.6 (every person has an `avatar`), 3.6 (every application an `icon_url`).
"""

from starlette.requests import Request
from starlette.responses import Response

_PICTURE = """<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80" viewBox="0 0 80 80">
<rect width="80" height="80" fill="hsl({hue} 55% 42%)"/>
<text x="40" y="54" font-family="sans-serif" font-size="40" fill="#fff" text-anchor="middle">{mark}</text></svg>
"""
_GOLDEN_ANGLE = 137


async def picture(request: Request) -> Response:
    """A colour of its own with its number."""
    number = int(request.path_params["number"])
    picture = _PICTURE.format(hue=number * _GOLDEN_ANGLE % 360, mark=number % 100)
    headers = {"cache-control": "public, max-age=86400", "content-security-policy": "default-src 'none'"}
    return Response(picture, media_type="image/svg+xml", headers=headers)
