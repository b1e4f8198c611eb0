"""Tokens of one's own."""

from collections.abc import Iterable

from flowdock.client.calls.call import Call, call, given, listed, order
from flowdock.protocol import endpoints
from flowdock.protocol.resources import TokenDetails


def list_tokens() -> Call[list[TokenDetails]]:
    """One's tokens, without the secret itself."""
    return call(endpoints.LIST_TOKENS)


def create_token(label: str, *, scopes: Iterable[str] | str | None) -> Call[TokenDetails]:
    """Make one."""
    return call(endpoints.CREATE_TOKEN, json=given({"label": label, "scopes": listed(scopes)}))


def revoke_token(id: int) -> Call[None]:
    """End one."""
    return order(endpoints.REVOKE_TOKEN, {"id": id})
