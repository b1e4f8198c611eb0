"""One endpoint on the page: who may, what to send, what comes back, and an example of each."""

import json
from collections.abc import Mapping
from shlex import quote
from typing import Any
from urllib.parse import urlencode

from flowdock.protocol.snippets import PYTHON
from flowdock.server.http.pages.page import Html, filled, joined
from flowdock.server.http.reference import shapes

Operation = Mapping[str, Any]

_ARTICLE = """<article id="{name}">
<div class="about">
<h3><a class="anchor" href="#{name}">{summary}</a></h3>
<p class="call"><span class="method {css}">{method}</span> <code>{path}</code></p>
<p>{about}</p>
<dl>
<dt>Who may<dd>{callers}
<dt>Limited tokens<dd>{scopes}
<dt>Answers<dd>{statuses}
</dl>
{parameters}</div>
<div class="shown">{examples}</div>
</article>
"""
_EXAMPLE = """<figure><figcaption>{title}</figcaption><pre tabindex="0"><code>{text}</code></pre></figure>
"""
_STATUS = """<span class="status s{first}" title="{about}">{status}</span> """
_JSON = "application/json"


def article(path: str, method: str, operation: Operation, document: Mapping[str, Any]) -> Html:
    """All there is to say about one endpoint."""
    scopes = [filled("<code>{scope}</code>", scope=scope) for scope in operation["x-scopes"]]
    takes_people = any("token" in way for way in operation["security"])
    return filled(
        _ARTICLE,
        name=operation["operationId"],
        summary=operation["summary"],
        method=method.upper(),
        css=method,
        path=path,
        about=shapes.sentence(operation["x-about"]),
        callers=" · ".join(operation["x-callers"]),
        scopes=Html(" or ".join(scopes) or ("none: only tokens without limits" if takes_people else "not for people")),
        statuses=joined(_status(status, told, document) for status, told in operation["responses"].items()),
        parameters=_parameters(operation, document),
        examples=joined(_examples(path, method, operation, document)),
    )


def _status(status: str, told: Mapping[str, Any], document: Mapping[str, Any]) -> Html:
    about = told.get("description") or document["components"]["responses"][status]["description"]
    return filled(_STATUS, status=status, first=status[0], about=about)


def _parameters(operation: Operation, document: Mapping[str, Any]) -> Html:
    tables = []
    for place, heading in (("path", "in the path"), ("query", "parameter")):
        found = {
            one["name"]: {**one["schema"], "description": one["description"]}
            for one in operation["parameters"]
            if one["in"] == place
        }
        if found:
            tables.append(shapes.members(heading, found))
    if "requestBody" in operation:
        name = operation["requestBody"]["content"][_JSON]["schema"]["$ref"].rpartition("/")[2]
        tables.append(shapes.members("parameter", document["components"]["schemas"][name]["properties"]))
    return joined(tables)


def _examples(path: str, method: str, operation: Operation, document: Mapping[str, Any]) -> list[Html]:
    found = [filled(_EXAMPLE, title="curl", text=_curl(path, method, operation, document))]
    if operation["operationId"] in PYTHON:
        found.append(filled(_EXAMPLE, title="Python", text=PYTHON[operation["operationId"]]))
    status, told = next(iter(operation["responses"].items()))
    media = told.get("content", {}).get(_JSON)
    text = _pretty(media["example"]) if media else "no content"
    return [*found, filled(_EXAMPLE, title=f"{status} {told['description']}", text=text)]


def _curl(path: str, method: str, operation: Operation, document: Mapping[str, Any]) -> str:
    given = {
        one["name"]: one["example"] for one in operation["parameters"] if "example" in one and one["in"] == "query"
    }
    for one in operation["parameters"]:
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", str(one["example"]))
    query = urlencode({name: _in_query(value) for name, value in given.items()})
    words = ["curl", *_credentials(operation), *([] if method == "get" else ["-X", method.upper()])]
    address = f"{document['servers'][0]['url']}{path}{'?' if query else ''}{query}"
    lines = [f"{' '.join(words)} {quote(address)}"]
    if "requestBody" in operation:
        body = json.dumps(operation["requestBody"]["content"][_JSON]["example"], ensure_ascii=False)
        lines += ["-H 'Content-Type: application/json'", f"-d {quote(body)}"]
    return " \\\n  ".join(lines)


def _credentials(operation: Operation) -> list[str]:
    ways = {name for way in operation["security"] for name in way}
    if "scim" in ways:
        return ["-H", '"Authorization: Bearer $SCIM_TOKEN"']
    return ["-u", "$TOKEN:"] if "token" in ways else []


def _in_query(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
