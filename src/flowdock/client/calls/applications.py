"""Developer applications of one's own.

Source: wire facts 2.13.
"""

from collections.abc import Mapping

from flowdock.client.calls.call import Call, call, changes_of, given, order
from flowdock.protocol import endpoints
from flowdock.protocol.resources import ApplicationDetails


def list_applications() -> Call[list[ApplicationDetails]]:
    """One's applications."""
    return call(endpoints.LIST_APPLICATIONS)


def show_application(id: int) -> Call[ApplicationDetails]:
    """One of them."""
    return call(endpoints.SHOW_APPLICATION, {"id": id})


def create_application(name: str, *, redirect_uri: str | None, **rest: str | None) -> Call[ApplicationDetails]:
    """Register an application."""
    members = given({"name": name, "redirect_uri": redirect_uri, **rest})
    return call(endpoints.CREATE_APPLICATION, json=members)


def update_application(id: int, changes: Mapping[str, object]) -> Call[ApplicationDetails]:
    """Change one."""
    row = endpoints.UPDATE_APPLICATION
    return call(row, {"id": id}, json=changes_of(row, "update_application", changes))


def renew_client_secret(id: int) -> Call[ApplicationDetails]:
    """Another secret for one; the one before ends."""
    return call(endpoints.RENEW_CLIENT_SECRET, {"id": id})


def remove_application(id: int) -> Call[None]:
    """Remove one; its tokens end."""
    return order(endpoints.REMOVE_APPLICATION, {"id": id})
