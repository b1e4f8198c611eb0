"""Codes, passwords and refresh tokens for access tokens.

Source: wire facts 2.13; RFC 6749, 4.1.3, 4.3, 6; RFC 7009; RFC 7636.
"""

from collections.abc import Mapping

from flowdock.client.calls.call import Call, call, given, nothing
from flowdock.protocol import endpoints
from flowdock.protocol.resources import AccessToken


def exchange(members: Mapping[str, str | None]) -> Call[AccessToken]:
    """The tokens for what the members prove; they are those of a token request."""
    # Without the header old software is answered with a form.
    return call(endpoints.TOKEN, form=given(members), headers={"Accept": "application/json"})


def revoke(members: Mapping[str, str | None]) -> Call[None]:
    """Give a token back."""
    return call(endpoints.REVOKE, form=given(members), read=nothing)
