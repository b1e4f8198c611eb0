"""Flows as their members see them.

Source: wire facts 2.5.
"""

from typing import Any, Unpack

from flowdock.protocol.parameters import FindFlowParameters, FlowListParameters
from flowdock.server.actions import people, places, presenting
from flowdock.server.actions.places import person
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.moments import iso
from flowdock.server.domain.permissions import SHOW_FLOW
from flowdock.server.store import flows, organizations, sources
from flowdock.server.store.flows import Flow
from flowdock.server.store.transaction import Transaction


def list_flows(tx: Transaction, actor: Actor, **wanted: Unpack[FlowListParameters]) -> list[dict[str, Any]]:
    """The flows the caller is in; with their people if asked."""
    found = flows.of_user(tx, person(actor).user_id)
    with_users = wanted.get("users") or wanted.get("user")
    return [shown(tx, flow) | ({"users": people.of_flow(tx, flow.log_id)} if with_users else {}) for flow in found]


def show_flow(tx: Transaction, actor: Actor, *, org: str, flow: str) -> dict[str, Any]:
    """A flow with everything about it."""
    return _in_full(tx, places.flow_named(tx, actor, org, flow, SHOW_FLOW))


def find_flow(tx: Transaction, actor: Actor, **wanted: Unpack[FindFlowParameters]) -> dict[str, Any]:
    """A flow by id, with everything about it."""
    return _in_full(tx, places.flow_of_id(tx, actor, wanted.get("id", ""), SHOW_FLOW))


def shown(tx: Transaction, flow: Flow) -> dict[str, Any]:
    """A flow as lists show it."""
    site, names = tx.site, f"{flow.organization}/{flow.parameterized_name}"
    number, moment = flows.last_message(tx, flow.log_id)
    return {
        "id": flow.id,
        "name": flow.name,
        "parameterized_name": flow.parameterized_name,
        "email": f"{flow.parameterized_name}@{flow.organization}.{site.mail_domain}",
        "description": flow.description,
        "url": f"{site.api_url}/flows/{names}",
        "web_url": f"{site.web_url}/app/{names}",
        "access_mode": flow.access_mode,
        "flow_admin": bool(flow.flow_admin),
        "_links": _links(tx, flow),
        "api_token": site.api_token(flow.id, flow.api_token_generation),
        "open": bool(flow.open),
        "joined": bool(flow.in_flow),
        "last_message_at": None if moment is None else iso(moment),
        "last_message_id": number,
        "team_notifications": bool(flow.team_notifications),
        "organization": _organization(tx, flow.organization_id),
    }


def _in_full(tx: Transaction, flow: Flow) -> dict[str, Any]:
    known = sources.of_flow(tx, flow.log_id)
    return shown(tx, flow) | {
        "emoji": [],
        "integrations": [
            {"service": presenting.shown_application(tx, source), "source": "activity"} for source in known
        ],
        "sources": [presenting.shown_source(tx, source) for source in known],
        "users": people.of_flow(tx, flow.log_id),
        "join_url": f"{tx.site.web_url}/invitations/{tx.site.join_key(flow.id)}-{flow.parameterized_name}",
        "invitations": [],
        "flow_groups": [],
    }


def _organization(tx: Transaction, organization_id: int) -> dict[str, Any]:
    found = organizations.of_id(tx, organization_id)
    return {
        "active": bool(found.active),
        "billing_method": "none",
        "id": found.id,
        "name": found.name,
        "parameterized_name": found.parameterized_name,
        "url": f"{tx.site.api_url}/organizations/{found.parameterized_name}",
        "user_count": found.user_count,
        "user_limit": found.user_limit,
        "flow_admins": False,
    }


def _links(tx: Transaction, flow: Flow) -> dict[str, Any]:
    api = tx.site.api_url
    url = f"{api}/flows/{flow.organization}/{flow.parameterized_name}"
    return {
        "self": {"methods": ["GET"], "fields": []},
        "users": {"href": f"{url}/users", "methods": ["GET"]},
        "messages": {"href": f"{url}/messages", "methods": ["GET", "POST"]},
        "chat_messages": {"href": f"{url}/messages?app=chat", "methods": ["GET"]},
        "inbox_messages": {"href": f"{url}/messages?app=influx", "methods": ["GET"]},
    }
