"""Organizations, people, flows, tokens and sources: what an administrator fills a server with.

Source: wire facts 2.10 (what a new source says).
"""

from dataclasses import dataclass

from flowdock.server.actions import flows, membership, places, presenting
from flowdock.server.actions import people as shown_people
from flowdock.server.actions.places import Place
from flowdock.server.domain import naming
from flowdock.server.domain.actors import Integration, Person
from flowdock.server.domain.permissions import ADD_FLOW_USER, CREATE_SOURCE
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import logs, organizations, people, sources, tokens
from flowdock.server.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source just made; its flow token is told only now."""

    id: int
    flow_token: str


def create_organization(tx: Transaction, name: str) -> str:
    """A new organization's parameterized name."""
    name = naming.checked_name(name)
    parameterized = naming.parameterized(name)
    if organizations.find(tx, parameterized) is not None:
        raise invalid("name", f"{parameterized!r} has already been taken")
    organizations.create(tx, name=name, parameterized_name=parameterized)
    return parameterized


def create_user(
    tx: Transaction, *, nick: str, email: str, name: str, password_hash: str | None, org: str | None, admin: bool
) -> int:
    """A new person's id; one of an organization if named."""
    nick, email = naming.checked_nick(nick), naming.checked_email(email)
    if people.find_by_nick(tx, nick) is not None:
        raise invalid("nick", f"{nick!r} has already been taken")
    if people.find_by_email(tx, email) is not None:
        raise invalid("email", f"{email!r} has already been taken")
    log_id = logs.create(tx)
    user_id = people.create(
        tx, log_id=log_id, nick=nick, email=email, name=name.strip() or nick, password_hash=password_hash
    )
    if org is not None:
        people.add_to_organization(tx, _organization(tx, org), user_id, admin=admin)
    return user_id


def create_token(tx: Transaction, *, user_id: int, label: str) -> str:
    """A new personal token: 32 hexadecimal digits, told only now."""
    people.get(tx, user_id)
    token = tx.entropy(16).hex()
    tokens.create(tx, naming.token_digest(token), user_id=user_id, label=label)
    return token


def create_flow(tx: Transaction, *, org: str, name: str, creator: int) -> str:
    """A new flow's id, with its creator in it, who is one of the organization from now on."""
    return flows.create(tx, _organization(tx, org), name=name, creator=creator).id


def add_to_flow(tx: Transaction, *, org: str, flow: str, user_id: int, by: int) -> None:
    """Bring a person into a flow and, if need be, into its organization; they and the flow hear of it."""
    found = places.flow_named(tx, Person(by), org, flow, ADD_FLOW_USER)
    people.add_to_organization_once(tx, found.organization_id, user_id)
    membership.bring_in(tx, found, user_id, by=by)


def create_source(
    tx: Transaction, *, org: str, flow: str, name: str, application: str, external_url: str | None, creator: int
) -> NewSource:
    """A new source of a flow; the flow is told in a thread of its own."""
    name, application = naming.checked_name(name), naming.checked_name(application, field="application")
    found = places.flow_named(tx, Person(creator), org, flow, CREATE_SOURCE)
    token = tx.entropy(16).hex()
    source_id = sources.create(
        tx,
        naming.token_digest(token),
        log_id=found.log_id,
        application_id=sources.application_named(tx, application),
        name=name,
        external_url=external_url,
        creator=creator,
    )
    user = shown_people.shown(tx, people.get(tx, creator))
    place = Place(found.log_id, {"flow": found.id}, found.roster_stamp)
    presenting.present(
        tx,
        Integration(source_id, found.log_id),
        place,
        "activity",
        {
            "title": f"added source {name}",
            "author": {"name": user["name"], "avatar": user["avatar"]},
            "external_thread_id": f"flowdock:source:{source_id}",
            "thread": {"title": f"{application} source {name} added"},
        },
    )
    return NewSource(source_id, token)


def remove_source(tx: Transaction, source_id: int) -> None:
    """From now on the source's flow token is gone."""
    sources.remove(tx, source_id)
    tx.credentials_changed = True


def _organization(tx: Transaction, org: str) -> int:
    found = organizations.find(tx, org)
    if found is None:
        raise invalid("org", f"{org!r} is no organization here; create it first")
    return found.id
