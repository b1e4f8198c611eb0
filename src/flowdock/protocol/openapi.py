"""The table of endpoints as an OpenAPI 3.1 document, made of the table alone; who may do what is passed in.

Source: OpenAPI 3.1.1; wire facts 1.2 (credentials), 1.3 (parameters), 1.5 (errors), 2.13 (scopes).
"""

import inspect
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_type_hints

from flowdock.protocol import endpoints, examples, resources
from flowdock.protocol.endpoints import PLACEHOLDERS, Endpoint
from flowdock.protocol.resources import SCOPES
from flowdock.protocol.schemas import Schema, Schemas

Credentials: TypeAlias = Literal["person", "source", "provisioner", "holder", "none"]


@dataclass(frozen=True, slots=True)
class Access:
    """Who may do something: callers in words, scopes of which a limited token needs one, how one says who one is."""

    callers: tuple[str, ...]
    scopes: tuple[str, ...]
    credentials: frozenset[Credentials]
    archived: bool = True
    """Whether it is still allowed in an archived flow."""


_NOUNS = (
    ("Webhooks", "/webhooks"),
    ("Invitations", "invitations"),
    ("Provisioning", "/scim"),
    ("Sources", "/sources|/integrations"),
    ("Private conversations", "^/private"),
    ("Notifications", "/unread$|^/notifications"),
    ("Push API", "^/messages/|^/git|^/jira|^/jari"),
    ("OAuth", "^/oauth"),
    ("Threads", "/threads"),
    ("Messages", "/messages|^/comments|^/activities|^/files"),
    ("Organizations", "^/organizations"),
    ("People", "/users?(/|$)|^/password"),
    ("Flows", "^/flows"),
    ("Search", "^/search"),
)
"""Which noun an endpoint is about: the first whose pattern its path holds."""
NOUNS = (
    "Messages",
    "Threads",
    "Flows",
    "People",
    "Organizations",
    "Private conversations",
    "Invitations",
    "Sources",
    "Push API",
    "Webhooks",
    "Notifications",
    "Search",
    "OAuth",
    "Provisioning",
    "Description",
)
"""In the order in which one reads about them."""

_ABOUT = """Flowdock, self-hosted.

Parameters may come in the query, as JSON, in a form or in multipart, whatever the method; the body beats the query.
Paths may begin with `/v1` or `/v2` and end with a slash. Moments are ISO 8601 with milliseconds, or milliseconds since
1970 where the type is a number. Readers pass over kinds of `event` and members that they do not know. An absent thing
and a hidden one are answered alike: 404. `Flowdock-User` names the person who asked.
"""

_SCOPES: Mapping[str, str] = {
    "flow": "read and write in flows",
    "private": "read and write private conversations",
    "manage": "change flows, organizations and who is in them",
    "profile": "change one's own profile",
    "offline_access": "a refresh token",
    "integration": "make and tend sources of the application",
}
_ERROR: Schema = {
    "type": "object",
    "description": "A refusal: a sentence for people, and problems by parameter where there are any.",
    "properties": {
        "message": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
    "required": ["message"],
}
_REFUSALS: Mapping[int, tuple[str, str]] = {
    400: ("A parameter or the body is wrong", "Validation error"),
    401: ("No credentials, or wrong ones", "Bad credentials"),
    403: ("Known and visible, but not allowed", "Access denied"),
    404: ("Absent, or not visible to whoever asks", "not found"),
    409: ("It exists already", "it exists already"),
    410: ("The source of this flow_token was removed", "The source of this flow_token was removed"),
    413: ("The body is too large", "the body is larger than 16777216 bytes"),
    415: ("A kind of body that is not understood", "Content-Type 'text/xml' is not understood"),
    429: ("Too often; `Retry-After` says when", "Too many wrong passwords for this address; wait some minutes"),
    502: ("The integration did not do its part", "the integration answered 500"),
    503: ("Not now; `Retry-After` says when", "The database cannot do its work now; try again"),
    504: ("The integration did not answer in time", "the integration did not answer"),
}
FAILURES: Mapping[str, Any] = {
    "token": resources.OAuthError,
    "revoke": resources.OAuthError,
    "run_action": resources.ActionResult,
}
"""What is told of failures by endpoints that have more to tell than others, by their names."""
_WITHOUT_BODY = 204
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def document(access: Mapping[str, Access], *, server_url: str, version: str) -> dict[str, Any]:
    """The whole description; `access` by the names of permissions."""
    schemas, paths = Schemas(), dict[str, dict[str, Any]]()
    schemas.components["Error"] = _ERROR
    for row in endpoints.ALL:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, access[row.permission], schemas)
    return {
        "openapi": "3.1.1",
        "info": {"title": "Flowdock", "version": version, "description": _ABOUT, "license": {"name": "MIT"}},
        "servers": [{"url": server_url}],
        "tags": [{"name": noun} for noun in NOUNS],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "responses": {str(status): _refusal(*told) for status, told in _REFUSALS.items()},
            "securitySchemes": _security_schemes(server_url),
        },
    }


def noun_of(row: Endpoint[Any]) -> str:
    """What an endpoint is about, one of `NOUNS`."""
    return next((noun for noun, pattern in _NOUNS if re.search(pattern, row.path)), NOUNS[-1])


def statuses(row: Endpoint[Any], access: Access) -> list[int]:
    """Every status that an endpoint may answer with."""
    found = {row.status, *row.also, 400, 413, 415, 503}
    if access.credentials & {"person", "source", "provisioner"}:
        found |= {401, 403, 404, 429}
    if "holder" in access.credentials:
        found |= {403, 404, 429}
    if access.credentials & {"source", "holder"}:
        found.add(410)
    return sorted(found)


def _operation(row: Endpoint[Any], access: Access, schemas: Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": row.name,
        "summary": row.summary.capitalize(),
        "description": _description(row, access),
        "tags": [noun_of(row)],
        "parameters": [*map(_path_parameter, row.placeholders), *_query(row, schemas)],
        "responses": {str(status): _response(row, status, schemas) for status in statuses(row, access)},
        "security": _security(access),
        "x-about": _about(row),
        "x-callers": list(access.callers),
        "x-scopes": list(access.scopes),
    }
    if row.method != "GET" and get_type_hints(row.parameters):
        operation["requestBody"] = _request_body(row, schemas)
    return operation


def _description(row: Endpoint[Any], access: Access) -> str:
    sentences = [f"For {', or '.join(access.callers)}."]
    if access.credentials & {"person"}:
        wanted = " or ".join(f"`{scope}`" for scope in access.scopes)
        sentences.append(f"A limited token needs the scope {wanted}." if wanted else "Not with a limited token.")
    if not access.archived:
        sentences.append("Not in an archived flow.")
    return " ".join([*filter(None, [_about(row)]), *sentences])


def _about(row: Endpoint[Any]) -> str:
    """What is sent."""
    return str(inspect.getdoc(row.parameters)) if get_type_hints(row.parameters) else ""


def _path_parameter(name: str) -> dict[str, Any]:
    kind = "integer" if PLACEHOLDERS[name] is int else "string"
    schema: Schema = {"type": kind, "minLength": 1} if kind == "string" else {"type": kind, "minimum": 0}
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": examples.PLACES[name].about,
        "schema": schema,
        "example": examples.PLACES[name].value,
    }


def _query(row: Endpoint[Any], schemas: Schemas) -> Iterable[dict[str, Any]]:
    """The parameters of a request without a body of its own."""
    if row.method != "GET":
        return
    given = examples.request(row)
    for name, schema in schemas.members(row.parameters).items():
        told: dict[str, Any] = {"name": name, "in": "query", "description": schema.pop("description")}
        if name in given:
            told["example"] = given[name]
        yield {**told, "schema": schema, "style": "form", "explode": False}


def _request_body(row: Endpoint[Any], schemas: Schemas) -> dict[str, Any]:
    media: dict[str, Any] = {"schema": schemas.of(row.parameters)}
    told = str(get_type_hints(row.parameters, include_extras=True))
    kinds = [_JSON, _FORM, *([_MULTIPART] if re.search("multipart|part itself", told) else [])]
    content = {kind: dict(media) for kind in kinds}
    content[_JSON]["example"] = examples.request(row)
    return {"required": False, "content": content}


def _response(row: Endpoint[Any], status: int, schemas: Schemas) -> dict[str, Any]:
    if status >= 400:
        return _failure(row, status, schemas)
    if status == _WITHOUT_BODY:
        return {"description": "Done; there is nothing to say"}
    if row.result is None or status == 202 != row.status:
        return {"description": "Done", "content": {_JSON: {"schema": {"type": "object"}, "example": {}}}}
    media = {"schema": schemas.of(row.result), "example": examples.answer(row)}
    return {"description": "Made" if status == 201 else "Done", "content": dict.fromkeys(_answered_as(row), media)}


def _failure(row: Endpoint[Any], status: int, schemas: Schemas) -> dict[str, Any]:
    """A refusal, or what else an endpoint tells of a failure of its own kind."""
    special = FAILURES.get(row.name)
    if special is None:
        return {"$ref": f"#/components/responses/{status}"}
    schema = {"anyOf": [schemas.of(special), {"$ref": "#/components/schemas/Error"}]}
    content = {kind: {"schema": schema} for kind in _answered_as(row)}
    return {"description": _REFUSALS[status][0], "content": content}


def _answered_as(row: Endpoint[Any]) -> Sequence[str]:
    """Media types: what exchanges a token for an application speaks forms too, unless JSON is asked for."""
    return (_JSON, _FORM) if row.name == "token" else (_JSON,)


def _refusal(about: str, sentence: str) -> dict[str, Any]:
    content = {_JSON: {"schema": {"$ref": "#/components/schemas/Error"}, "example": {"message": sentence}}}
    return {"description": about, "content": content}


def _security(access: Access) -> list[dict[str, list[str]]]:
    """The ways to say who one is; any one of them is enough."""
    found: list[dict[str, list[str]]] = []
    if "person" in access.credentials:
        found += [{"token": []}, {"password": []}, {"bearer": []}, {"access_token": []}]
        found += [{"oauth": [scope]} for scope in access.scopes]
    if "source" in access.credentials:
        found.append({"flow_token": []})
    if "provisioner" in access.credentials:
        found.append({"scim": []})
    if access.credentials & {"holder", "none"}:
        found.append({})
    return found


def _security_schemes(server_url: str) -> dict[str, Any]:
    exchange = {"tokenUrl": f"{server_url}/oauth/token", "refreshUrl": f"{server_url}/oauth/token"}
    scopes = {scope: _SCOPES[scope] for scope in SCOPES}
    code = {"authorizationUrl": f"{server_url}/oauth/authorize", **exchange, "scopes": scopes}
    return {
        "token": {"type": "http", "scheme": "basic", "description": "A personal token as user name, any password"},
        "password": {"type": "http", "scheme": "basic", "description": "E-mail address and password"},
        "bearer": {"type": "http", "scheme": "bearer", "description": "A personal token or an OAuth access token"},
        "access_token": {"type": "apiKey", "in": "query", "name": "access_token", "description": "The same"},
        "flow_token": {"type": "apiKey", "in": "query", "name": "flow_token", "description": "The token of a source"},
        "scim": {"type": "http", "scheme": "bearer", "description": "The token of an organization's provisioner"},
        "oauth": {
            "type": "oauth2",
            "description": "The token of an application, for what a person allowed it",
            "flows": {"authorizationCode": code, "password": {**exchange, "scopes": scopes}},
        },
    }
