"""The page on which somebody allows an application something, and the one that shows a code to be copied."""

from collections.abc import Mapping

from starlette.responses import Response

from flowdock.server.actions.granting import Wish
from flowdock.server.domain import links, scopes
from flowdock.server.http.pages.page import Html, filled, joined, page

_BODY = """<p><bdi><strong>{application}</strong></bdi> asks to act for you, <bdi>{name}</bdi> (<bdi>{email}</bdi>).
It could:</p>
<ul>
{scopes}</ul>
<p class="quiet">{destination} You can revoke this at any time, in your list of tokens.</p>
<form method="post" action="/oauth/authorize">
{fields}<button name="decision" value="approve">Allow</button>
<button name="decision" value="deny" class="quiet">Do not allow</button>
</form>
<form method="post" action="/logout"><input type="hidden" name="next" value="{here}">
<button class="link">Sign in as somebody else</button></form>
"""
_SCOPE = "<li>{words}</li>\n"
_FIELD = '<input type="hidden" name="{name}" value="{value}">\n'
_CODE = """<p>Copy this code into <bdi><strong>{application}</strong></bdi>. It is good once, for ten minutes.</p>
<p><code class="told">{code}</code></p>
"""


def consent(wish: Wish, fields: Mapping[str, str], *, name: str, email: str, here: str) -> Response:
    """Who asks for what; `fields` come back with the decision, `here` is the address of this page."""
    application = wish.application.name
    if wish.redirect_uri == links.OUT_OF_BAND:
        leads_to, destination = "", "You will get a code to copy."
    else:
        leads_to = links.origin_of(wish.redirect_uri)
        destination = f"You will be sent to {leads_to}."
    body = filled(
        _BODY,
        application=application,
        name=name,
        email=email,
        scopes=joined(filled(_SCOPE, words=scopes.WORDS[scope]) for scope in wish.scopes),
        destination=destination,
        fields=joined(filled(_FIELD, name=one, value=value) for one, value in fields.items()),
        here=here,
    )
    return page(f"Allow {application}?", Html(body), leads_to=leads_to)


def code(application: str, code: str) -> Response:
    """The code of an application that nobody can be sent to."""
    return page("Your code", filled(_CODE, application=application, code=code))
