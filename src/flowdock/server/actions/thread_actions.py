"""Actions of threads: the addresses under which people have them carried out, and what the integration is asked then.

An address holds a signature over the thread and the action, so nobody can make one up, and that of an action which the
integration has changed since leads nowhere.

Source: wire facts 7.1.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

from flowdock.server.actions import people as shown_people
from flowdock.server.actions import places
from flowdock.server.domain import thread_actions
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.permissions import RUN_ACTION
from flowdock.server.domain.refusals import Refusal, not_found
from flowdock.server.domain.thread_actions import Target
from flowdock.server.records import ThreadState
from flowdock.server.store import applications, people, sources, threads
from flowdock.server.store.sources import Source
from flowdock.server.store.transaction import NotFound, Transaction

TOKEN_SECONDS = 30
"""So long the integration may take for what it is sent."""

NAME_LIMIT = 80
"""So much of an action's name is in what people are told of it."""

_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Order:
    """What an integration is asked, and by which token it knows that we ask."""

    name: str
    target: Target
    body: bytes
    token: str = field(repr=False)


def shown(tx: Transaction, thread: ThreadState, source: Source | None) -> list[object]:
    """A thread's actions as people see them; without a source there is nobody to carry one out."""

    def address(action: object) -> str | None:
        if source is None:
            return None
        key = _key(tx, thread, action)
        return f"{tx.site.api_url}/flows/{source.organization}/{source.flow}/threads/{thread.id}/actions/{key}"

    return thread_actions.shown(thread.actions, address)


def order(tx: Transaction, actor: Actor, *, org: str, flow: str, thread_id: str, key: str) -> Order:
    """What the integration is to be asked for somebody who follows such an address."""
    place = places.in_flow(tx, actor, org, flow, RUN_ACTION)
    thread = threads.get(tx, place.log_id, thread_id)
    action, target = _found(tx, thread, key)
    source = None if thread.source_id is None else sources.find(tx, thread.source_id)
    if source is None or source.removed_at is not None:
        raise Refusal(502, "the source of this thread was removed, so nobody carries its actions out")
    user = shown_people.shown(tx, people.get(tx, places.person(actor).user_id))
    agent = {"@type": "Person", "name": user["name"] or user["nick"], "image": user["avatar"]}
    body = msgspec.json.encode({**action, "agent": agent})
    claims: dict[str, object] = {
        "sub": str(user["id"]),
        "exp": tx.now // 1000 + TOKEN_SECONDS,
        "signature": sha256(body).hexdigest(),
    }
    name = str(action.get("name") or "the action")[:NAME_LIMIT]
    return Order(name, target, body, _signed(claims, _secret_of(tx, source)))


def secret_of_source(tx: Transaction, source_id: int) -> str:
    """The client secret of the application behind a source, by which it knows that we ask; NotFound without one."""
    source = sources.find(tx, source_id)
    if source is None:
        raise NotFound
    return _secret_of(tx, source)


def _secret_of(tx: Transaction, source: Source) -> str:
    return applications.secret_of_any(tx, source.application_id)


def _signed(claims: dict[str, object], secret: str) -> str:
    from joserfc import jwt  # noqa: PLC0415 - as in `sealing`
    from joserfc.jwk import OctKey  # noqa: PLC0415

    return str(jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret)))


def _found(tx: Transaction, thread: ThreadState, key: str) -> tuple[dict[str, object], Target]:
    given = key.encode("utf-8", "surrogatepass")
    for action in thread.actions:
        target = thread_actions.target_of(action)
        if target is None or not isinstance(action, dict):
            continue
        if hmac.compare_digest(_key(tx, thread, action).encode(), given):
            return action, target
    raise not_found()


def _key(tx: Transaction, thread: ThreadState, action: object) -> str:
    return tx.site.action_key(thread.id, _encode(action))
