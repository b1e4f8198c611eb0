"""What opens a flow from outside: its join link, and its token for the Push API.

Both are derived from the site's secret and a number that grows with each renewal, so that an old one never comes again.

Source: wire facts 2.5 (`join_url`, `api_token`), 2.12.
"""

from flowdock.protocol.resources import ApiToken, JoinUrl
from flowdock.server.actions import flow_shapes, places
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.naming import token_digest
from flowdock.server.domain.permissions import CHANGE_JOIN_LINK, RENEW_API_TOKEN, SHOW_JOIN_LINK
from flowdock.server.store import flows
from flowdock.server.store.transaction import Transaction

_AT_ONCE = 100


def show_join_url(tx: Transaction, actor: Actor, *, org: str, flow: str) -> JoinUrl:
    """The address by which people may join a flow."""
    return {"join_url": flow_shapes.join_url(tx, places.flow_named(tx, actor, org, flow, SHOW_JOIN_LINK))}


def renew_join_url(tx: Transaction, actor: Actor, *, org: str, flow: str) -> JoinUrl:
    """A new address; nobody can join by any older one."""
    found = places.flow_named(tx, actor, org, flow, CHANGE_JOIN_LINK)
    generation = found.join_generation + 1 if found.join_generation >= 0 else -found.join_generation
    digest = token_digest(tx.site.join_key(found.id, generation))
    flows.set_join_link(tx, found.log_id, generation, digest)
    return show_join_url(tx, actor, org=org, flow=flow)


def remove_join_url(tx: Transaction, actor: Actor, *, org: str, flow: str) -> None:
    """From now on nobody can join by an address."""
    found = places.flow_named(tx, actor, org, flow, CHANGE_JOIN_LINK)
    if found.join_generation >= 0:
        flows.set_join_link(tx, found.log_id, -found.join_generation - 1, None)


def renew_api_token(tx: Transaction, actor: Actor, *, org: str, flow: str) -> ApiToken:
    """A new token for the Push API; the old one opens nothing any more."""
    found = places.flow_named(tx, actor, org, flow, RENEW_API_TOKEN)
    generation = found.api_token_generation + 1
    token = tx.site.api_token(found.id, generation)
    flows.set_api_token(tx, found.log_id, generation, token_digest(token))
    tx.credentials_changed = True
    return {"api_token": token}


def complete(tx: Transaction) -> bool:
    """Store the digests that flows from before version 0003 of the tables lack; whether more may be missing."""
    lacking = flows.without_digests(tx, limit=_AT_ONCE)
    for log_id, flow_id, join_generation, api_token_generation in lacking:
        if join_generation >= 0:
            join_digest = token_digest(tx.site.join_key(flow_id, join_generation))
            flows.set_join_link(tx, log_id, join_generation, join_digest)
        api_token = tx.site.api_token(flow_id, api_token_generation)
        flows.set_api_token(tx, log_id, api_token_generation, token_digest(api_token))
    return len(lacking) == _AT_ONCE
