"""Sources: the integrations of a flow.

Source: wire facts 2.10.
"""

from collections.abc import Mapping

from flowdock.client.calls.call import Call, call, changes_of, given, order
from flowdock.protocol import endpoints
from flowdock.protocol.resources import SourceDetails


def list_sources(*, flow_token: str | None = None) -> Call[list[SourceDetails]]:
    """All sources one can see; for a source itself, that one."""
    return call(endpoints.LIST_SOURCES, query={} if flow_token is None else {"flow_token": flow_token})


def update_own_source(flow_token: str, changes: Mapping[str, object]) -> Call[SourceDetails]:
    """Change the source whose token this is."""
    row = endpoints.UPDATE_OWN_SOURCE
    return call(row, json={"flow_token": flow_token} | changes_of(row, "update", changes))


def flow_sources(org: str, flow: str) -> Call[list[SourceDetails]]:
    """The sources of a flow."""
    return call(endpoints.FLOW_SOURCES, {"org": org, "flow": flow})


def show_source(org: str, flow: str, id: int) -> Call[SourceDetails]:
    """One of them."""
    return call(endpoints.SHOW_SOURCE, {"org": org, "flow": flow, "id": id})


def create_source(
    org: str, flow: str, name: str, *, external_url: str | None, application_id: int | None
) -> Call[SourceDetails]:
    """Add a source."""
    members = given({"name": name, "external_url": external_url, "application_id": application_id})
    return call(endpoints.CREATE_SOURCE, {"org": org, "flow": flow}, json=members)


def update_source(org: str, flow: str, id: int, changes: Mapping[str, object]) -> Call[SourceDetails]:
    """Change a source."""
    row = endpoints.UPDATE_SOURCE
    values = {"org": org, "flow": flow, "id": id}
    return call(row, values, json=changes_of(row, "update_source", changes))


def remove_source(org: str, flow: str, id: int) -> Call[None]:
    """Remove a source; its token ends."""
    return order(endpoints.REMOVE_SOURCE, {"org": org, "flow": flow, "id": id})
