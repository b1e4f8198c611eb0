"""What a new server is filled with, so that there is something to try."""

from dataclasses import dataclass

from flowdock.server.actions import setting_up
from flowdock.server.domain import naming
from flowdock.server.domain.refusals import Refusal
from flowdock.server.store import organizations
from flowdock.server.store.transaction import Transaction

ORGANIZATION = "Acme"
FLOW = "Main"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody to be made; the hash is that of their password, None for a bot that has none."""

    nick: str
    name: str
    email: str
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class Founded:
    """What was made; tokens are told only now."""

    org: str
    flow: str
    flow_id: str
    user_ids: tuple[int, ...]
    tokens: tuple[str, ...]
    flow_token: str


def found(tx: Transaction, people: tuple[Newcomer, ...]) -> Founded:
    """Fill an empty server; the first of the people administers it."""
    if organizations.find(tx, naming.parameterized(ORGANIZATION)) is not None:
        raise Refusal(409, f"{ORGANIZATION} exists already")
    org = setting_up.create_organization(tx, ORGANIZATION)
    user_ids: list[int] = []
    for newcomer in people:
        user_id = setting_up.create_user(
            tx,
            nick=newcomer.nick,
            email=newcomer.email,
            name=newcomer.name,
            password_hash=newcomer.password_hash,
            org=org,
            admin=not user_ids,
        )
        user_ids.append(user_id)
    creator, *others = user_ids
    flow_id = setting_up.create_flow(tx, org=org, name=FLOW, creator=creator)
    flow = naming.parameterized(FLOW)
    for user_id in others:
        setting_up.add_to_flow(tx, org=org, flow=flow, user_id=user_id, by=creator)
    source = setting_up.create_source(
        tx, org=org, flow=flow, name="Build server", application="CI", external_url=None, creator=creator
    )
    tokens = tuple(setting_up.create_token(tx, user_id=user_id, label="first") for user_id in user_ids)
    return Founded(org, flow, flow_id, tuple(user_ids), tokens, source.flow_token)
