"""Organizations, people, flows, tokens and sources: what an administrator fills a server with."""

from flowdock.server.actions import flows, membership, places, sources, tokens
from flowdock.server.actions.sources import NewSource
from flowdock.server.domain import naming
from flowdock.server.domain.actors import Person
from flowdock.server.domain.permissions import ADD_FLOW_USER, CREATE_SOURCE
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import applications, logs, organizations, people
from flowdock.server.store import sources as stored_sources
from flowdock.server.store.transaction import Transaction

RESERVED = frozenset({"find"})
"""Names of organizations that mean something else in addresses."""


def create_organization(tx: Transaction, name: str) -> str:
    """A new organization's parameterized name."""
    name = naming.checked_name(name)
    parameterized = naming.parameterized(name)
    if parameterized in RESERVED or organizations.find(tx, parameterized) is not None:
        raise invalid("name", f"{parameterized!r} has already been taken")
    organizations.create(tx, name=name, parameterized_name=parameterized)
    return parameterized


def create_user(
    tx: Transaction, *, nick: str, email: str, name: str, password_hash: str | None, org: str | None, admin: bool
) -> int:
    """A new person's id; one of an organization if named."""
    nick, email = naming.checked_nick(nick), naming.checked_email(email)
    name = naming.checked_label(name, field="name") if name.strip() else nick
    if people.find_by_nick(tx, nick) is not None:
        raise invalid("nick", f"{nick!r} has already been taken")
    if people.find_by_email(tx, email) is not None:
        raise invalid("email", f"{email!r} has already been taken")
    log_id = logs.create(tx)
    user_id = people.create(tx, log_id=log_id, nick=nick, email=email, name=name, password_hash=password_hash)
    if org is not None:
        people.add_to_organization(tx, _organization(tx, org), user_id, admin=admin)
    return user_id


def create_token(tx: Transaction, *, user_id: int, label: str) -> str:
    """A new personal token: 32 hexadecimal digits, told only now."""
    return tokens.add(tx, user_id=user_id, label=label)[1]


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
    """A new source of a flow, of the application that has this name; the flow is told in a thread of its own."""
    found = places.flow_named(tx, Person(creator), org, flow, CREATE_SOURCE)
    application_id = applications.named(tx, naming.checked_label(application, field="application"))
    return sources.add(tx, found, application_id=application_id, name=name, external_url=external_url, creator=creator)


def remove_source(tx: Transaction, source_id: int) -> None:
    """From now on the source's flow token is gone."""
    stored_sources.remove(tx, source_id)


def _organization(tx: Transaction, org: str) -> int:
    found = organizations.find(tx, org)
    if found is None:
        raise invalid("org", f"{org!r} is no organization here; create it first")
    return found.id
