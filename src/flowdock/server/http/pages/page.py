"""A page: its frame, its headers, and the rule that whatever is put into it is escaped.

No page runs scripts or loads anything from elsewhere, and no other site may frame one. Its address, which may hold a
secret, is told to no other site.
"""

from collections.abc import Iterable
from functools import cache
from html import escape
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

STYLE_SECONDS = 3600

_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Flowdock</title><link rel="stylesheet" href="/style.css"></head>
<body><main>
<h1>{title}</h1>
{body}</main></body></html>
"""


class Html(str):
    """Text that is HTML already; every other text is escaped where it is put into some."""

    __slots__ = ()


def filled(template: str, **values: object) -> Html:
    """The template with these values in place of their `{names}`, escaped unless they are Html."""
    return Html(
        template.format(
            **{name: value if isinstance(value, Html) else escape(str(value)) for name, value in values.items()}
        )
    )


def joined(pieces: Iterable[Html]) -> Html:
    """Pieces one after another."""
    return Html("".join(pieces))


def page(title: str, body: Html, *, status: int = 200, leads_to: str = "") -> Response:
    """A page that nobody keeps. `leads_to` is where else than here its form may lead, as a source of a policy."""
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none';"
        " form-action 'self'" + (f" {leads_to}" if leads_to else "")
    )
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        # Not `no-referrer`: browsers would then hide from us, too, which page a form comes from.
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
    }
    return HTMLResponse(filled(_FRAME, title=title, body=body), status_code=status, headers=headers)


def told(title: str, sentence: str, *, status: int = 200) -> Response:
    """A page that only says something."""
    return page(title, filled("<p>{sentence}</p>\n", sentence=sentence), status=status)


async def style(request: Request) -> Response:
    """The style sheet of all pages."""
    del request
    headers = {"cache-control": f"public, max-age={STYLE_SECONDS}", "x-content-type-options": "nosniff"}
    return Response(_style(), media_type="text/css", headers=headers)


@cache
def _style() -> bytes:
    return files(__package__).joinpath("style.css").read_bytes()
