"""The description says of every row of the table what the table says, and its examples are true to it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs
import pytest

from flowdock.protocol import endpoints, openapi, parameters, resources, types
from flowdock.protocol.endpoints import Endpoint
from flowdock.protocol.openapi import Access
from flowdock.protocol.schemas import Schemas

ANY = Access(("anybody",), ("flow", "manage"), frozenset({"person"}))
DOCUMENT = openapi.document(
    {row.permission: ANY for row in endpoints.ALL}, server_url="http://flowdock.example", version="2"
)


def operation(row: Endpoint[Any], document: Mapping[str, Any] = DOCUMENT) -> Any:
    return document["paths"][row.path][row.method.lower()]


def examples_in(node: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Every example beside its schema, and where."""
    if isinstance(node, dict):
        if "schema" in node and "example" in node:
            yield place, node["schema"], node["example"]
        for name, inner in node.items():
            if name not in ("example", "schema"):
                yield from examples_in(inner, f"{place}/{name}")
    elif isinstance(node, list):
        for at, inner in enumerate(node):
            yield from examples_in(inner, f"{place}/{at}")


def problems(schema: Any, value: object) -> list[str]:
    """What is wrong with a value; unlike for readers, members that nobody described are wrong too."""
    closed = json.loads(json.dumps(DOCUMENT["components"]))
    for component in closed["schemas"].values():
        if "properties" in component:
            component["additionalProperties"] = False
    validator = jsonschema_rs.Draft202012Validator({**schema, "components": closed}, validate_formats=True)
    return [error.message for error in validator.iter_errors(value)]


@pytest.mark.parametrize("row", endpoints.ALL, ids=lambda row: row.name)
def test_every_endpoint_is_described_with_its_path_its_parameters_and_its_answer(row: Endpoint[Any]) -> None:
    told = operation(row)

    assert told["operationId"] == row.name
    assert [one["name"] for one in told["parameters"] if one["in"] == "path"] == list(row.placeholders)
    assert {str(status) for status in (row.status, *row.also)} <= set(told["responses"])
    assert told["tags"][0] in openapi.NOUNS


@pytest.mark.parametrize("place,schema,example", list(examples_in(DOCUMENT["paths"])))
def test_every_example_is_true_to_its_schema(place: str, schema: Any, example: object) -> None:
    assert problems(schema, example) == [], place


def test_every_answer_but_an_empty_one_has_an_example() -> None:
    for row in endpoints.ALL:
        media = operation(row)["responses"][str(row.status)].get("content", {})
        assert row.status == 204 or media["application/json"]["example"] is not None


def test_every_reference_leads_somewhere() -> None:
    text = json.dumps(DOCUMENT)
    referred = {piece.partition('"')[0] for piece in text.split('"#/components/')[1:]}

    for path in referred:
        kind, name = path.split("/")
        assert name in DOCUMENT["components"][kind], path


def test_operations_have_names_of_their_own() -> None:
    assert len({row.name for row in endpoints.ALL}) == len(endpoints.ALL)
    assert len({(row.method, row.path) for row in endpoints.ALL}) == len(endpoints.ALL)


def test_the_kind_of_a_message_is_told_by_its_event() -> None:
    message = DOCUMENT["components"]["schemas"]["Message"]

    assert message["discriminator"]["propertyName"] == "event"
    assert message["discriminator"]["mapping"]["file"] == "#/components/schemas/FileMessage"
    assert problems({"$ref": "#/components/schemas/Message"}, {"event": "file"}) != []


@pytest.mark.parametrize(
    "kind,member,expected",
    [
        (types.Thread, "created_at", {"type": "string", "format": "date-time"}),
        (types.Posting, "sent", {"type": "integer", "format": "int64"}),
        (types.User, "website", {"type": ["string", "null"]}),
        (types.Status, "color", {"type": "string", "enum": list(types.COLOURS)}),
        (types.Thread, "source", {"anyOf": [{"$ref": "#/components/schemas/Source"}, {"type": "null"}]}),
        (types.Posting, "emojiReactions", {"type": "object", "additionalProperties": {"type": "array"}}),
        (resources.TokenDetails, "expires_at", {"type": ["string", "null"], "format": "date-time"}),
        (parameters.FlowUserParameters, "id", {"type": "integer", "description": "somebody of the organization"}),
    ],
)
def test_types_are_rendered_as_json_schema(kind: Any, member: str, expected: Mapping[str, Any]) -> None:
    found = Schemas().members(kind)[member]

    if "additionalProperties" in found:
        del found["additionalProperties"]["items"]
    assert found == expected


def test_what_need_not_be_there_is_not_required() -> None:
    flow = DOCUMENT["components"]["schemas"]["Flow"]

    assert "organization" in flow["required"]
    assert "users" in flow["properties"]
    assert "users" not in flow["required"]


@pytest.mark.parametrize(
    "credentials,expected",
    [
        ("person", [{"token": []}, {"password": []}, {"bearer": []}, {"access_token": []}, {"oauth": ["flow"]}]),
        ("source", [{"flow_token": []}]),
        ("provisioner", [{"scim": []}]),
        ("holder", [{}]),
        ("none", [{}]),
    ],
)
def test_an_operation_says_how_one_says_who_one_is(credentials: Any, expected: list[Any]) -> None:
    access = Access(("someone",), ("flow",), frozenset({credentials}))
    document = openapi.document(
        {row.permission: access for row in endpoints.ALL}, server_url="http://flowdock.example", version="2"
    )

    assert operation(endpoints.SEND, document)["security"] == expected
