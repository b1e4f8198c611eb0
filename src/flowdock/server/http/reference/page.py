"""The page: what holds for all endpoints, then endpoint by endpoint, then the types by name.

It is plain HTML without scripts, made once; the browser's own search finds everything in it.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from flowdock.protocol.openapi import NOUNS
from flowdock.protocol.snippets import START
from flowdock.server.http import describing
from flowdock.server.http.answering import Service
from flowdock.server.http.pages.page import STYLE_SECONDS, Html, filled, joined
from flowdock.server.http.reference import shapes
from flowdock.server.http.reference.operations import article

_FRAME = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>API · Flowdock</title><link rel="stylesheet" href="/docs.css"></head>
<body><header><a href="/docs"><strong>Flowdock</strong> API</a> <a href="/openapi.json">openapi.json</a>
<a href="/help/">documentation</a></header>
<details class="index" open><summary>Contents</summary><nav>{index}</nav></details>
<main>{intro}{sections}{types}</main></body></html>
"""
_INTRO = """<section id="start"><h1>The API of this Flowdock</h1>
<p>Everything is at <code>{url}</code>; streams are at <code>{url}/stream</code>. This page is made from the table that
the server answers by, so it describes what is running here.</p>
<div class="cards">
<div><h2>Who you are</h2><p>Send your token as the user name of HTTP Basic, with any password: <code>curl -u $TOKEN:
{url}/user</code>. E-mail address and password work too, and so do <code>Authorization: Bearer …</code> and
<code>?access_token=…</code>. A source sends its <code>flow_token</code> as a parameter.</p></div>
<div><h2>Parameters</h2><p>In the query, as JSON, in a form (<code>thread[status][color]=red</code>) or in multipart,
whatever the method. The body beats the query. Numbers and booleans may be texts. <code>null</code> means left
out.</p></div>
<div><h2>Answers</h2><p>JSON. Moments are ISO 8601 with milliseconds, or milliseconds since 1970.
<code>Flowdock-User</code> names who asked. Expect members and kinds of <code>event</code> that you do not know, and
pass over them.</p></div>
<div><h2>Refusals</h2><p><code>{example}</code>, with problems by parameter in <code>errors</code>. What you may not see
is answered like what is not there: 404. After 429 and 503, <code>Retry-After</code> says when to ask again.</p></div>
<div><h2>Addresses</h2><p>Paths may begin with <code>/v1</code> or <code>/v2</code>, and end with a slash or
<code>.json</code>. Other sites' pages may ask (CORS).</p></div>
<div><h2>Streams</h2><p><code>GET {url}/stream/flows?filter=acme/main&amp;user=1</code> stays open and tells events as
they happen: JSON lines, or server-sent events for <code>Accept: text/event-stream</code>, which resume after
<code>Last-Event-ID</code>. Bodies of files are at their message's <code>path</code>.</p></div>
</div>
<figure><figcaption>Python, as in all examples below</figcaption><pre tabindex="0"><code>{start}</code></pre></figure>
</section>
"""
_SECTION = """<section id="{anchor}"><h2>{noun}</h2>
{articles}</section>
"""
_TYPE = """<article id="type-{name}" class="type"><h3><a class="anchor" href="#type-{name}">{name}</a></h3>
<p>{about}</p>
{members}</article>
"""
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


async def show(service: Service, request: Request) -> Response:
    """The page of this server."""
    del request
    headers = {
        "content-security-policy": _POLICY,
        "cache-control": "public, max-age=300",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(_page(service.store.site.api_url), headers=headers)


async def style(request: Request) -> Response:
    """Its style sheet."""
    del request
    headers = {"cache-control": f"public, max-age={STYLE_SECONDS}", "x-content-type-options": "nosniff"}
    return Response(files(__package__).joinpath("reference.css").read_bytes(), media_type="text/css", headers=headers)


@cache
def _page(server_url: str) -> Html:
    document = describing.document(server_url)
    by_noun: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = {noun: [] for noun in NOUNS}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            by_noun[operation["tags"][0]].append((path, method, operation))
    sections = [
        filled(
            _SECTION, noun=noun, anchor=_anchor(noun), articles=joined(article(*one, document) for one in operations)
        )
        for noun, operations in by_noun.items()
    ]
    return filled(
        _FRAME,
        index=joined(_index(by_noun)),
        intro=filled(_INTRO, url=server_url, start=START, example='{"message":"…"}'),
        sections=joined(sections),
        types=_types(document["components"]["schemas"]),
    )


def _index(by_noun: Mapping[str, list[tuple[str, str, Mapping[str, Any]]]]) -> Iterator[Html]:
    for noun, operations in by_noun.items():
        yield filled('<h2><a href="#{anchor}">{noun}</a></h2><ul>', anchor=_anchor(noun), noun=noun)
        for _, method, operation in operations:
            yield filled(
                '<li><a href="#{name}"><span class="method {method}">{short}</span> {summary}</a>',
                name=operation["operationId"],
                method=method,
                short=method.upper().replace("DELETE", "DEL"),
                summary=operation["summary"],
            )
        yield Html("</ul>")
    yield Html('<h2><a href="#types">Types</a></h2>')


def _types(schemas: Mapping[str, Any]) -> Html:
    told = [
        filled(
            _TYPE,
            name=name,
            about=shapes.sentence(schema.get("description", "")),
            members=shapes.members("member", schema["properties"], schema.get("required", []))
            if "properties" in schema
            else _kinds(schema),
        )
        for name, schema in schemas.items()
        if not name.endswith("Parameters")
    ]
    return filled(
        '<section id="types"><h2>Types</h2><p>Members with a <span class="mark">?</span> need not be there.</p>'
        '<div class="types">{told}</div></section>',
        told=joined(told),
    )


def _kinds(schema: Mapping[str, Any]) -> Html:
    """What a union is, by the member that tells its kinds apart."""
    told = schema["discriminator"]
    rows = [
        filled(
            "<li><code>{by}: {kind}</code> is {type}",
            by=told["propertyName"],
            kind=kind,
            type=shapes.words({"$ref": at}),
        )
        for kind, at in told["mapping"].items()
    ]
    return filled("<ul>{rows}</ul>", rows=joined(rows))


def _anchor(noun: str) -> str:
    return f"about-{noun.lower().replace(' ', '-')}"
