"""Who may fetch a file: whoever may read the log it was sent to.

Source: wire facts 2.11.
"""

from flowdock.server.actions import places
from flowdock.server.actions.places import person
from flowdock.server.domain import permissions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import READ_FILE, Role
from flowdock.server.domain.refusals import not_found
from flowdock.server.store import conversations
from flowdock.server.store.transaction import Transaction


def may_fetch(tx: Transaction, actor: Actor, log_id: int) -> None:
    """Refuse unless the caller may read this log."""
    caller = person(actor).user_id
    if not 0 < log_id < 1 << 31:
        raise not_found()
    people = conversations.people_of(tx, log_id)
    if people is None:
        places.flow_of_log(tx, actor, log_id, READ_FILE)
    else:
        permissions.demand(READ_FILE, actor, {Role.SELF} if caller in people else set())
