"""A flow as the API shows it: as lists do, and in full to those who are in it.

Source: wire facts 2.5.
"""

from collections.abc import Sequence
from typing import Any

from flowdock.server.actions import inviting, notifying, people, places, source_shapes
from flowdock.server.actions import organizations as shown_organizations
from flowdock.server.actions.places import person
from flowdock.server.domain import permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.moments import iso
from flowdock.server.domain.permissions import (
    ADD_FLOW_USER,
    BLOCK_FLOW_USER,
    CHANGE_JOIN_LINK,
    CHANGE_SOURCE,
    CREATE_SOURCE,
    INVITE_TO_FLOW,
    LIST_FLOW_USERS,
    OPEN_FLOW,
    POST_TO_FLOW,
    READ_FLOW,
    RENEW_API_TOKEN,
    SHOW_FLOW,
    SHOW_JOIN_LINK,
    SHOW_SOURCES,
    UPDATE_FLOW,
    Rule,
)
from flowdock.server.store import emoji, flows, organizations, sources
from flowdock.server.store.flows import Flow, LastMessage
from flowdock.server.store.transaction import Transaction

_LINKS: dict[str, tuple[str, dict[str, Rule]]] = {
    "invitations": ("/invitations", {"GET": INVITE_TO_FLOW, "POST": INVITE_TO_FLOW}),
    "users": ("/users", {"GET": LIST_FLOW_USERS, "POST": ADD_FLOW_USER, "PUT": BLOCK_FLOW_USER}),
    "sources": ("/sources", {"GET": SHOW_SOURCES, "POST": CREATE_SOURCE, "DELETE": CHANGE_SOURCE}),
    "join_url": ("/join_url", {"GET": SHOW_JOIN_LINK, "POST": CHANGE_JOIN_LINK, "DELETE": CHANGE_JOIN_LINK}),
    "api_token": ("/api_token", {"POST": RENEW_API_TOKEN}),
    "messages": ("/messages", {"GET": READ_FLOW, "POST": POST_TO_FLOW}),
    "chat_messages": ("/messages?app=chat", {"GET": READ_FLOW}),
    "inbox_messages": ("/messages?app=influx", {"GET": READ_FLOW}),
}
"""What a flow links to, below its own address, and what each method takes."""

_NO_MESSAGE = LastMessage(None, None)
_ADMINS_FIELDS = ["name", "description", "access_mode", "disabled"]


def listed(tx: Transaction, actor: Actor, flow: Flow) -> dict[str, Any]:
    """A flow as lists show it."""
    return all_listed(tx, actor, [flow])[0]


def all_listed(tx: Transaction, actor: Actor, found: Sequence[Flow]) -> list[dict[str, Any]]:
    """Flows as lists show them, asked for together what all of them need."""
    last = flows.last_messages(tx, [flow.log_id for flow in found if flow.in_flow])
    waiting = notifying.waiting(tx, person(actor).user_id, [flow.log_id for flow in found])
    shown = {one: _organization(tx, one) for one in {flow.organization_id for flow in found}}
    return [
        _listed(tx, actor, flow, last=last.get(flow.log_id, _NO_MESSAGE), organization=shown[flow.organization_id])
        | {"unread_mentions": waiting[flow.log_id] if flow.in_flow else 0}
        for flow in found
    ]


def _listed(
    tx: Transaction, actor: Actor, flow: Flow, *, last: LastMessage, organization: dict[str, Any]
) -> dict[str, Any]:
    site, names = tx.site, f"{flow.organization}/{flow.parameterized_name}"
    # Whoever has the token may post; so it is for those only who may anyway.
    may_post = permissions.allows(POST_TO_FLOW, actor, places.roles_in(flow))
    shown: dict[str, Any] = {
        "id": flow.id,
        "name": flow.name,
        "parameterized_name": flow.parameterized_name,
        "email": site.mail_address(flow.organization, flow.parameterized_name),
        "description": flow.description,
        "url": f"{site.api_url}/flows/{names}",
        "web_url": f"{site.web_url}/app/{names}",
        "access_mode": flow.access_mode,
        "flow_admin": bool(flow.flow_admin),
        "_links": _links(tx, actor, flow),
        **({"api_token": site.api_token(flow.id, flow.api_token_generation)} if may_post else {}),
        "open": bool(flow.open),
        "joined": bool(flow.in_flow),
        "last_message_at": None if last.moment is None else iso(last.moment),
        "last_message_id": last.number,
        "team_notifications": bool(flow.team_notifications),
        "organization": organization,
    }
    return shown | ({"disabled": True} if flow.disabled else {})


def in_full(tx: Transaction, actor: Actor, flow: Flow) -> dict[str, Any]:
    """A flow with everything about it, for somebody who is in it."""
    known = sources.of_flow(tx, flow.log_id)
    may_invite = permissions.allows(INVITE_TO_FLOW, actor, places.roles_in(flow))
    may_share = permissions.allows(SHOW_JOIN_LINK, actor, places.roles_in(flow))
    return listed(tx, actor, flow) | {
        "emoji": [shown_emoji(tx, one) for one in emoji.of_organization(tx, flow.organization_id)],
        "integrations": [
            {"service": source_shapes.shown_application(tx, source), "source": "activity"} for source in known
        ],
        "sources": [source_shapes.shown_source(tx, source) for source in known],
        "users": people.of_flow(tx, flow.log_id),
        "join_url": join_url(tx, flow) if may_share else None,
        "invitations": inviting.pending(tx, flow) if may_invite else [],
        "flow_groups": [],
    }


def join_url(tx: Transaction, flow: Flow) -> str | None:
    """The address by which people may join a flow, None when there is none."""
    if flow.join_generation < 0:
        return None
    key = tx.site.join_key(flow.id, flow.join_generation)
    return f"{tx.site.web_url}/invitations/{key}-{flow.parameterized_name}"


def shown_emoji(tx: Transaction, one: emoji.Emoji) -> dict[str, str]:
    """An emoji of an organization's own."""
    return {"id": one.name, "image_url": f"{tx.site.web_url}/emoji/{one.digest}"}


def _organization(tx: Transaction, organization_id: int) -> dict[str, Any]:
    found = organizations.get(tx, organization_id)
    return shown_organizations.summary(tx, found) | {"billing_method": "none", "flow_admins": False}


def _links(tx: Transaction, actor: Actor, flow: Flow) -> dict[str, Any]:
    api, roles = tx.site.api_url, places.roles_in(flow)

    def may(rule: Rule) -> bool:
        return permissions.allows(rule, actor, roles) and (rule.archived or not flow.disabled)

    def methods(rules: dict[str, Rule]) -> list[str]:
        return [method for method, rule in rules.items() if may(rule)]

    own = ["open", "team_notifications"] if may(OPEN_FLOW) and flow.in_flow else ["open"] if may(OPEN_FLOW) else []
    itself = {"GET": SHOW_FLOW, "PUT": OPEN_FLOW}
    fields = own + (_ADMINS_FIELDS if may(UPDATE_FLOW) else [])
    url = f"{api}/flows/{flow.organization}/{flow.parameterized_name}"
    links: dict[str, Any] = {"self": {"methods": methods(itself), "fields": fields}}
    for name, (path, rules) in _LINKS.items():
        links[name] = {"href": f"{url}{path}", "methods": methods(rules)}
    if may(BLOCK_FLOW_USER):
        links["users"]["fields"] = ["disabled"]
    links["emoji"] = {"href": f"{api}/organizations/{flow.organization}/emoji", "methods": ["GET"]}
    links["files"] = {"href": f"{api}/files/{flow.log_id}", "methods": methods({"POST": POST_TO_FLOW})}
    return links
