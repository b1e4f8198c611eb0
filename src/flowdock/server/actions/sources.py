"""Sources: the integrations of flows, made by people or by applications that act for them.

Source: wire facts 2.10.
"""

from dataclasses import dataclass
from typing import Any, Unpack

from flowdock.protocol.parameters import (
    CreateSourceParameters,
    SourceTokenParameters,
    UpdateOwnSourceParameters,
    UpdateSourceParameters,
)
from flowdock.server.actions import people as shown_people
from flowdock.server.actions import places, presenting
from flowdock.server.actions.places import person
from flowdock.server.actions.source_shapes import in_full
from flowdock.server.domain import naming, permissions
from flowdock.server.domain.actors import Actor, Integration, Person
from flowdock.server.domain.links import checked_link
from flowdock.server.domain.permissions import (
    CHANGE_SOURCE,
    CREATE_SOURCE,
    LIST_SOURCES,
    SHOW_SOURCES,
    UPDATE_OWN_SOURCE,
    Rule,
)
from flowdock.server.domain.refusals import gone, invalid
from flowdock.server.store import applications, people, sources
from flowdock.server.store.flows import Flow
from flowdock.server.store.sources import Source
from flowdock.server.store.transaction import NotFound, Transaction

ERROR_LIMIT = 1000
"""Characters of what a source says is wrong with it."""


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source just made; its flow token is told only now."""

    id: int
    flow_token: str


def list_sources(tx: Transaction, actor: Actor, **given: Unpack[SourceTokenParameters]) -> list[dict[str, Any]]:
    """The sources of all flows the caller is in; with a flow token only its own."""
    del given
    if isinstance(actor, Integration):
        return in_full(tx, [_own(tx, actor, LIST_SOURCES)])
    return in_full(tx, sources.visible_to(tx, person(actor).user_id))


def flow_sources(tx: Transaction, actor: Actor, *, org: str, flow: str) -> list[dict[str, Any]]:
    """The sources of one flow."""
    return in_full(tx, sources.of_flow(tx, places.in_flow(tx, actor, org, flow, SHOW_SOURCES).log_id))


def show_source(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int) -> dict[str, Any]:
    """One of them."""
    place = places.in_flow(tx, actor, org, flow, SHOW_SOURCES)
    return in_full(tx, [sources.get_of_flow(tx, place.log_id, id)])[0]


def create_source(
    tx: Transaction, actor: Actor, *, org: str, flow: str, **given: Unpack[CreateSourceParameters]
) -> dict[str, Any]:
    """A new source with its flow token, which is told only now; the flow is told in a thread of its own."""
    found = places.flow_named(tx, actor, org, flow, CREATE_SOURCE)
    name = naming.checked_label(given.get("name") or "", field="name")
    new = add(
        tx,
        found,
        application_id=_application(tx, person(actor), name, given.get("application_id")),
        name=name,
        external_url=given.get("external_url"),
        creator=person(actor).user_id,
    )
    return {**in_full(tx, [sources.get_of_flow(tx, found.log_id, new.id)])[0], "flow_token": new.flow_token}


def add(
    tx: Transaction, flow: Flow, *, application_id: int, name: str, external_url: str | None, creator: int
) -> NewSource:
    """A new source of a flow in which its creator is known to be allowed that; the flow hears of it."""
    name = naming.checked_label(name, field="name")
    token = tx.entropy(16).hex()
    source_id = sources.create(
        tx,
        naming.token_digest(token),
        log_id=flow.log_id,
        application_id=application_id,
        name=name,
        external_url=checked_link(external_url or "", field="external_url"),
        creator=creator,
    )
    user = shown_people.shown(tx, people.get(tx, creator))
    presenting.present(
        tx,
        Integration(source_id, flow.log_id),
        places.place_of(flow),
        "activity",
        {
            "title": f"added source {name}",
            "author": {"name": user["name"], "avatar": user["avatar"]},
            "external_thread_id": f"flowdock:source:{source_id}",
            "thread": {"title": f"{applications.name_of(tx, application_id)} source {name} added"},
        },
    )
    return NewSource(source_id, token)


def update_source(
    tx: Transaction, actor: Actor, *, org: str, flow: str, id: int, **given: Unpack[UpdateSourceParameters]
) -> dict[str, Any]:
    """A source as it is from now on."""
    return _updated(tx, _to_change(tx, actor, org, flow, id), given)


def update_own_source(tx: Transaction, actor: Actor, **given: Unpack[UpdateOwnSourceParameters]) -> dict[str, Any]:
    """The same for the source whose flow token was given."""
    return _updated(tx, _own(tx, actor, UPDATE_OWN_SOURCE), given)


def remove_source(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int) -> None:
    """From now on its flow token is gone; what it presented stays."""
    sources.remove(tx, _to_change(tx, actor, org, flow, id).id)


def _application(tx: Transaction, creator: Person, name: str, application_id: int | None) -> int:
    """Whose source it will be: the application's that asks, one of the creator's own, or one that is called like it."""
    if creator.application_id:
        return creator.application_id
    if application_id is None:
        return applications.named(tx, name)
    try:
        return applications.get_of_owner(tx, creator.user_id, application_id).id
    except NotFound:
        raise invalid("application_id", f"is {application_id}, which is no application of yours") from None


def _to_change(tx: Transaction, actor: Actor, org: str, flow: str, source_id: int) -> Source:
    place = places.in_flow(tx, actor, org, flow, CHANGE_SOURCE)
    source = sources.get_of_flow(tx, place.log_id, source_id)
    permissions.demand_own_application(CHANGE_SOURCE, actor, source.application_id)
    return source


def _own(tx: Transaction, actor: Actor, rule: Rule) -> Source:
    places.by_flow_id(tx, actor, None, rule)
    source = sources.find(tx, actor.source_id) if isinstance(actor, Integration) else None
    if source is None:
        raise gone()
    return source


def _updated(tx: Transaction, source: Source, given: UpdateSourceParameters) -> dict[str, Any]:
    problem = given.get("error_message", source.error_message).strip()
    if len(problem) > ERROR_LIMIT:
        raise invalid("error_message", f"is too long (maximum is {ERROR_LIMIT} characters)")
    links: dict[str, str | None] = {
        "external_url": source.external_url,
        "configuration_url": source.configuration_url,
    }
    for field in links:
        if field in given:
            links[field] = checked_link(str(given.get(field)), field=field)
    name = naming.checked_label(given.get("name", source.name), field="name")
    sources.update(tx, source.id, name=name, error_message=problem, **links)
    return in_full(tx, [sources.get_of_flow(tx, source.log_id, source.id)])[0]
