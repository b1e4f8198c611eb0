"""Types in words: what a schema of the description allows, with links to types that have a name."""

from collections.abc import Mapping
from typing import Any

from flowdock.server.http.pages.page import Html, filled, joined

Schema = Mapping[str, Any]

_MEMBER = """<tr><td><code>{name}</code>{mark}</td><td>{kind}</td><td>{about}</td></tr>
"""
_TABLE = """<div class="wide"><table><thead><tr><th>{heading}<th>type<th></tr></thead><tbody>
{rows}</tbody></table></div>
"""
_WORDS = {"string": "text", "integer": "number", "boolean": "boolean", "null": "null", "object": "object"}


def words(schema: Schema) -> Html:
    """What a schema allows."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rpartition("/")[2]
        return filled('<a href="#type-{name}">{name}</a>', name=name)
    if choices := _choices(schema):
        return Html(" or ".join(choices))
    if "items" in schema:
        return filled("list of {items}", items=words(schema["items"]))
    if "additionalProperties" in schema:
        return filled("object of {values}", values=words(schema["additionalProperties"]))
    return filled("{word}", word=_word(schema.get("type", "any"), schema.get("format")))


def _choices(schema: Schema) -> list[Html]:
    """Each of several things that a schema allows; none when there is one alone."""
    kind = schema.get("type")
    if "enum" in schema:
        return [filled("<code>{one}</code>", one=one) for one in schema["enum"]]
    if isinstance(kind, list):
        return [words({**schema, "type": one}) for one in kind]
    return [words(one) for one in schema.get("anyOf", ())]


def sentence(text: str) -> Html:
    """A text in which what stands between backticks is code."""
    pieces = enumerate(text.split("`"))
    return joined(filled("<code>{piece}</code>" if at % 2 else "{piece}", piece=piece) for at, piece in pieces)


def members(heading: str, properties: Mapping[str, Schema], required: list[str] | None = None) -> Html:
    """A table of parameters, or of members of a type, where those that need not be there have a mark."""
    rows = [
        filled(
            _MEMBER,
            name=name,
            kind=words(schema),
            about=sentence(schema.get("description", "")),
            mark=Html("") if required is None or name in required else Html('<span class="mark">?</span>'),
        )
        for name, schema in properties.items()
    ]
    return filled(_TABLE, heading=heading, rows=joined(rows))


def _word(kind: str, form: str | None) -> str:
    if form == "date-time" and kind == "string":
        return "moment"
    return "milliseconds" if form == "int64" and kind == "integer" else _WORDS.get(kind, kind)
