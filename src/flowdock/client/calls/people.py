"""People.

Source: wire facts 2.6.
"""

from collections.abc import Mapping

from flowdock.client.calls.call import Call, call, changes_of
from flowdock.protocol import endpoints
from flowdock.protocol.types import User


def me() -> Call[User]:
    """The person whose token this is."""
    return call(endpoints.ME)


def list_users() -> Call[list[User]]:
    """Everyone one can see."""
    return call(endpoints.LIST_USERS)


def show_user(uid: int) -> Call[User]:
    """One person."""
    return call(endpoints.SHOW_USER, {"user_id": uid})


def update_user(uid: int, changes: Mapping[str, object]) -> Call[User]:
    """Change what is told about oneself."""
    row = endpoints.UPDATE_USER
    return call(row, {"user_id": uid}, json=changes_of(row, "update_user", changes))
