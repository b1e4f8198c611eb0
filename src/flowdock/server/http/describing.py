"""The description of the API as this server gives it: the table of endpoints with the table of permissions.

Source: OpenAPI 3.1.1.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from flowdock.protocol import openapi
from flowdock.protocol.openapi import Access, Credentials
from flowdock.protocol.resources import SCOPES
from flowdock.server.actions.answers import Encoded
from flowdock.server.domain import permissions
from flowdock.server.domain.permissions import Role, Rule
from flowdock.server.http.answering import Asked, Service

_CREDENTIALS: Mapping[Role, Credentials] = {
    Role.ANYBODY: "none",
    Role.HOLDER: "holder",
    Role.SOURCE: "source",
    Role.PROVISIONER: "provisioner",
}
"""How somebody in a role says who they are; in every other they are a person."""


async def describe(service: Service, asked: Asked) -> Encoded:
    """The OpenAPI document of this server."""
    del asked
    return Encoded(_described(service.store.site.api_url))


@cache
def document(server_url: str) -> dict[str, Any]:
    """The OpenAPI document of a server at this address."""
    return openapi.document(ACCESS, server_url=server_url, version=version("flowdock"))


@cache
def _described(server_url: str) -> bytes:
    return msgspec.json.encode(document(server_url))


def _access(rule: Rule) -> Access:
    return Access(
        callers=tuple(role.value for role in Role if role in rule.roles),
        scopes=tuple(scope for scope in SCOPES if scope in rule.scopes),
        credentials=frozenset(_CREDENTIALS.get(role, "person") for role in rule.roles),
        archived=rule.archived,
    )


ACCESS: Mapping[str, Access] = {name: _access(rule) for name, rule in permissions.TABLE.items()}
"""Who may do what, by the names of permissions."""
