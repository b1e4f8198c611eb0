"""Applications that developers make: what they may sign people in with, and own sources with.

Source: wire facts 2.13.
"""

from dataclasses import replace
from typing import Any, Unpack, cast

import msgspec

from flowdock.protocol.parameters import ApplicationParameters
from flowdock.server.actions.places import person
from flowdock.server.actions.source_shapes import application_url, icon_url
from flowdock.server.domain import naming
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.links import checked_link, checked_redirect_uri
from flowdock.server.domain.moments import iso
from flowdock.server.domain.refusals import Refusal, invalid
from flowdock.server.store import applications, grants
from flowdock.server.store.applications import Application
from flowdock.server.store.transaction import Transaction

REDIRECT_URIS = 20
"""So many an application may have."""


def list_applications(tx: Transaction, actor: Actor) -> list[dict[str, Any]]:
    """The caller's applications, the oldest first."""
    return [shown(tx, application) for application in applications.of_owner(tx, person(actor).user_id)]


def create_application(tx: Transaction, actor: Actor, **given: Unpack[ApplicationParameters]) -> dict[str, Any]:
    """A new application with its client secret, which is told only now."""
    said, owner = _said(given), person(actor).user_id
    name = naming.checked_label(said.get("name") or "", field="name")
    client_id = tx.entropy(16).hex()
    application_id = applications.create(tx, owner=owner, client_id=client_id, name=name)
    application = _updated(tx, applications.get_of_owner(tx, owner, application_id), said)
    return {**shown(tx, application), "client_secret": secret_of(tx, application)}


def show_application(tx: Transaction, actor: Actor, *, id: int) -> dict[str, Any]:
    """One of the caller's applications."""
    return shown(tx, applications.get_of_owner(tx, person(actor).user_id, id))


def update_application(
    tx: Transaction, actor: Actor, *, id: int, **given: Unpack[ApplicationParameters]
) -> dict[str, Any]:
    """The application as it is from now on."""
    application = applications.get_of_owner(tx, person(actor).user_id, id)
    return shown(tx, _updated(tx, application, _said(given)))


def renew_client_secret(tx: Transaction, actor: Actor, *, id: int) -> dict[str, Any]:
    """The application with a new client secret, which is told only now; the one before is good no more."""
    application = applications.get_of_owner(tx, person(actor).user_id, id)
    renewed = replace(application, secret_generation=applications.renew_secret(tx, application.id))
    return {**shown(tx, renewed), "client_secret": secret_of(tx, renewed)}


def remove_application(tx: Transaction, actor: Actor, *, id: int) -> None:
    """End the application, with all that people allowed it; sources that it added stay."""
    application = applications.get_of_owner(tx, person(actor).user_id, id)
    applications.remove(tx, application.id)
    grants.revoke_of_application(tx, application.id)


def shown(tx: Transaction, application: Application) -> dict[str, Any]:
    """An application as its developer sees it, without its secret."""
    return {
        "id": application.id,
        "name": application.name,
        "client_id": application.client_id,
        "redirect_uri": " ".join(application.redirect_uris) or None,
        "icon_url": application.icon_url or icon_url(tx, application.id),
        "setup_uri": application.setup_uri,
        "confidential": bool(application.confidential),
        "url": application_url(tx, application.id),
        "published": False,
        "created_at": iso(application.created_at),
    }


def secret_of(tx: Transaction, application: Application) -> str:
    """The client secret of an application."""
    return tx.site.client_secret(application.client_id, application.secret_generation)


def _said(given: ApplicationParameters) -> ApplicationParameters:
    """The parameters, wherever they were: at the top, or in an object."""
    nested = given.get("application")
    if nested is None:
        return given
    try:
        inner = msgspec.convert(nested, ApplicationParameters, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(400, "Validation error", {"application": [f"is wrong: {error}"]}) from error
    return cast("ApplicationParameters", {**given, **inner})


def _updated(tx: Transaction, application: Application, said: ApplicationParameters) -> Application:
    application = replace(application, confidential=said.get("confidential", bool(application.confidential)))
    if "name" in said:
        application = replace(application, name=naming.checked_label(said["name"], field="name"))
    if "redirect_uri" in said:
        application = replace(application, redirect_uris=_redirect_uris(said["redirect_uri"]))
    if "icon_url" in said:
        application = replace(application, icon_url=checked_link(said["icon_url"], field="icon_url"))
    if "setup_uri" in said:
        application = replace(application, setup_uri=checked_link(said["setup_uri"], field="setup_uri"))
    applications.update(
        tx,
        application.id,
        name=application.name,
        redirect_uris=application.redirect_uris,
        icon_url=application.icon_url,
        setup_uri=application.setup_uri,
        confidential=application.confidential,
    )
    return application


def _redirect_uris(text: str) -> tuple[str, ...]:
    uris = tuple(dict.fromkeys(checked_redirect_uri(uri) for uri in text.split()))
    if len(uris) > REDIRECT_URIS:
        raise invalid("redirect_uri", f"holds {len(uris)} addresses; an application may have {REDIRECT_URIS}")
    return uris
