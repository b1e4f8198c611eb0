"""People as others see them.

Source: wire facts 2.5 (flow users), 2.6.
"""

from typing import Any

from flowdock.server.actions import places
from flowdock.server.actions.places import person
from flowdock.server.domain import permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import LIST_FLOW_USERS, SHOW_USER
from flowdock.server.store import people
from flowdock.server.store.people import User
from flowdock.server.store.transaction import Transaction


def me(tx: Transaction, actor: Actor) -> dict[str, Any]:
    """The caller."""
    return shown(tx, people.get(tx, person(actor).user_id))


def list_users(tx: Transaction, actor: Actor) -> list[dict[str, Any]]:
    """Everyone the caller may know of, the caller first."""
    return [shown(tx, user) for user in people.visible_to(tx, person(actor).user_id)]


def show_user(tx: Transaction, actor: Actor, *, user_id: int) -> dict[str, Any]:
    """Somebody the caller may know of."""
    permissions.demand(SHOW_USER, actor, places.roles_towards(tx, person(actor).user_id, user_id))
    return shown(tx, people.get(tx, user_id))


def flow_users(tx: Transaction, actor: Actor, *, org: str, flow: str) -> list[dict[str, Any]]:
    """The people of a flow, those who left included."""
    return of_flow(tx, places.in_flow(tx, actor, org, flow, LIST_FLOW_USERS).log_id)


def of_flow(tx: Transaction, log_id: int) -> list[dict[str, Any]]:
    """The people of a flow that the caller is known to see."""
    return [
        shown(tx, member.user)
        | {
            "disabled": bool(member.user.disabled or member.blocked),
            "team_notifications": bool(member.team_notifications),
            "in_flow": bool(member.in_flow),
            "status": member.status,
            "flow_admin": bool(member.flow_admin),
            "last_activity": member.last_activity,
            "last_ping": member.last_ping,
        }
        for member in people.members(tx, log_id)
    ]


def shown(tx: Transaction, user: User) -> dict[str, Any]:
    """A person without what belongs to one flow."""
    return {
        "id": user.id,
        "nick": user.nick,
        "email": user.email,
        "avatar": user.avatar or f"{tx.site.web_url}/avatars/{user.id}.svg",
        "name": user.name,
        "website": user.website,
    }
