"""Flows, and who is in them.

Source: wire facts 2.5 and 2.6.
"""

from collections.abc import Mapping

from flowdock.client.calls.call import Call, call, changes_of, given, order
from flowdock.protocol import endpoints
from flowdock.protocol.resources import ApiToken, JoinUrl
from flowdock.protocol.types import Flow, FlowUser


def list_flows(*, users: bool = False) -> Call[list[Flow]]:
    """The flows one is in, with the people of each if wanted."""
    return call(endpoints.LIST_FLOWS, query={"users": "1"} if users else {})


def all_flows(*, users: bool = False) -> Call[list[Flow]]:
    """The flows one is in and those one may join, with the people of each if wanted."""
    return call(endpoints.ALL_FLOWS, query={"users": "1"} if users else {})


def find_flow(id: str) -> Call[Flow]:
    """The flow of this id."""
    return call(endpoints.FIND_FLOW, query={"id": id})


def create_flow(org: str, name: str, *, description: str | None, access_mode: str | None) -> Call[Flow]:
    """Make a flow."""
    members = given({"name": name, "description": description, "access_mode": access_mode})
    return call(endpoints.CREATE_FLOW, {"org": org}, json=members)


def show_flow(org: str, flow: str) -> Call[Flow]:
    """One flow with all its details."""
    return call(endpoints.SHOW_FLOW, {"org": org, "flow": flow})


def update_flow(org: str, flow: str, changes: Mapping[str, object]) -> Call[Flow]:
    """Change a flow, or what it is to oneself."""
    row = endpoints.UPDATE_FLOW
    return call(row, {"org": org, "flow": flow}, json=changes_of(row, "update", changes))


def show_join_url(org: str, flow: str) -> Call[JoinUrl]:
    """The address by which people may come in."""
    return call(endpoints.SHOW_JOIN_URL, {"org": org, "flow": flow})


def renew_join_url(org: str, flow: str) -> Call[JoinUrl]:
    """Another such address; the one before ends."""
    return call(endpoints.RENEW_JOIN_URL, {"org": org, "flow": flow})


def remove_join_url(org: str, flow: str) -> Call[None]:
    """End the address."""
    return order(endpoints.REMOVE_JOIN_URL, {"org": org, "flow": flow})


def renew_api_token(org: str, flow: str) -> Call[ApiToken]:
    """Another token for the Push API; the one before ends."""
    return call(endpoints.RENEW_API_TOKEN, {"org": org, "flow": flow})


def flow_users(org: str, flow: str) -> Call[list[FlowUser]]:
    """The people of a flow, also those who left it."""
    return call(endpoints.FLOW_USERS, {"org": org, "flow": flow})


def add_flow_user(org: str, flow: str, uid: int) -> Call[None]:
    """Bring somebody of the organization in."""
    return order(endpoints.ADD_FLOW_USER, {"org": org, "flow": flow}, json={"id": uid})


def update_flow_user(org: str, flow: str, uid: int, **changes: bool) -> Call[None]:
    """Take somebody out or let them in again (`disabled`), or say whether they administer the flow (`flow_admin`)."""
    return order(endpoints.UPDATE_FLOW_USER, {"org": org, "flow": flow, "user_id": uid}, json=changes)
