"""The types of the wire as JSON Schema (2020-12), as OpenAPI 3.1 has it.

A TypedDict becomes a component that is referred to by its name; a union of kinds of message is told apart by `event`.

Source: OpenAPI 3.1.1, 4.8.24; wire facts 1.4 (moments).
"""

import builtins
import inspect
from collections.abc import Iterable
from types import NoneType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    TypeAlias,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from flowdock.protocol import types

Schema: TypeAlias = dict[str, Any]

NAMED_UNIONS = {types.Message: "Message", types.Event: "Event", types.Action: "Action"}
"""Unions that have a name of their own."""
_TOLD_APART_BY = {"Message": "event", "Event": "event", "Action": "@type"}

_SIMPLE: dict[object, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    object: {},
    Any: {},
    None: {"type": "null"},
    NoneType: {"type": "null"},
}
_MILLISECONDS = frozenset({"sent", "edited", "last_activity", "last_ping"})


class Schemas:
    """Renders types, and collects the components that they refer to."""

    def __init__(self) -> None:
        self.components: dict[str, Schema] = {}

    def of(self, kind: Any) -> Schema:
        """The schema of a type."""
        if kind in NAMED_UNIONS:
            return self._union(kind)
        if kind in _SIMPLE:
            return dict(_SIMPLE[kind])
        return self._object(kind) if is_typeddict(kind) else self._made_of(get_origin(kind), get_args(kind))

    def _made_of(self, origin: Any, arguments: tuple[Any, ...]) -> Schema:
        """The schema of a type that is made of others."""
        match origin:
            case _ if origin in (Annotated, NotRequired):
                return self.of(arguments[0])
            case builtins.list:
                return {"type": "array", "items": self.of(arguments[0])}
            case builtins.dict:
                values = self.of(arguments[1])
                return {"type": "object", "additionalProperties": values} if values else {"type": "object"}
            case _ if origin is Literal:
                return {"type": "string", "enum": list(arguments)}
            case _:
                return _any_of([self.of(one) for one in arguments])

    def members(self, kind: Any) -> dict[str, Schema]:
        """The schema of each member of a TypedDict, with what is said of it."""
        hints = get_type_hints(kind, include_extras=True)
        return {name: self._member(name, hint) for name, hint in hints.items()}

    def _member(self, name: str, hint: Any) -> Schema:
        if get_origin(hint) is NotRequired:
            hint = get_args(hint)[0]
        kind, about, *shapes = get_args(hint) if get_origin(hint) is Annotated else (hint, None)
        schema = self.of(shapes[0] if shapes else kind)
        if name.endswith("_at") and "string" in _types(schema):
            schema["format"] = "date-time"
        if name in _MILLISECONDS or (name.endswith("_at") and "integer" in _types(schema)):
            schema["format"] = "int64"
        if about is not None:
            schema["description"] = str(about)
        return schema

    def _object(self, kind: Any) -> Schema:
        name: str = kind.__name__
        if name not in self.components:
            # Before its members, which may refer back to it.
            component = self.components[name] = {"type": "object"}
            component["description"] = str(inspect.getdoc(kind))
            component["properties"] = self.members(kind)
            required = [member for member in component["properties"] if member in kind.__required_keys__]
            if required:
                component["required"] = required
        return _reference(name)

    def _union(self, kind: Any) -> Schema:
        name = NAMED_UNIONS[kind]
        if name not in self.components:
            by = _TOLD_APART_BY[name]
            mapping: dict[str, str] = {}
            for one in get_args(kind):
                reference = self.of(one)["$ref"]
                mapping |= dict.fromkeys(get_args(get_type_hints(one)[by]), reference)
            choices = [{"$ref": reference} for reference in dict.fromkeys(mapping.values())]
            self.components[name] = {"oneOf": choices, "discriminator": {"propertyName": by, "mapping": mapping}}
        return _reference(name)


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _types(schema: Schema) -> set[str]:
    told = schema.get("type", [])
    return {told} if isinstance(told, str) else set(told)


def _any_of(choices: Iterable[Schema]) -> Schema:
    """One of these; `string or null` in its short form."""
    different = list(choices)
    if all(set(one) == {"type"} for one in different):
        return {"type": [one["type"] for one in different]}
    return {"anyOf": different}
