"""Sources and the applications behind them as they are shown: in threads and flows, and in full.

Source: wire facts 2.10, 3.6.
"""

from collections.abc import Sequence
from typing import Any

from flowdock.server.actions import people as shown_people
from flowdock.server.domain.moments import iso
from flowdock.server.store import people
from flowdock.server.store.sources import Source
from flowdock.server.store.transaction import Transaction


def shown_source(tx: Transaction, source: Source) -> dict[str, object]:
    """A source as threads and flows show it."""
    configuration = source.configuration_url
    return {
        "application": shown_application(tx, source),
        "name": source.name,
        "url": f"{tx.site.api_url}/flows/{source.organization}/{source.flow}/sources/{source.id}",
        "id": source.id,
        "external_url": source.external_url,
        "created_at": iso(source.created_at),
        "updated_at": iso(source.updated_at),
        "_links": {"configuration": {"href": configuration}} if configuration else {},
    }


def in_full(tx: Transaction, sources: Sequence[Source]) -> list[dict[str, Any]]:
    """Sources as lists of sources show them: with who made each, and what is wrong with it."""
    creators = {source.creator for source in sources if source.creator is not None}
    shown = {user_id: shown_people.shown(tx, people.get(tx, user_id)) for user_id in creators}
    return [
        shown_source(tx, source)
        | {
            "creator": None if source.creator is None else shown[source.creator],
            "error_message": source.error_message,
        }
        for source in sources
    ]


def shown_application(tx: Transaction, source: Source) -> dict[str, object]:
    """The application behind a source."""
    url = application_url(tx, source.application_id)
    return {
        "name": source.application,
        "url": url,
        "published": False,
        "id": source.application_id,
        "icon_url": source.icon_url or icon_url(tx, source.application_id),
        "_links": {"setup": {"href": source.setup_uri or f"{url}/setup"}},
    }


def application_url(tx: Transaction, application_id: int) -> str:
    """Where an application is found."""
    return f"{tx.site.web_url}/oauth/applications/{application_id}"


def icon_url(tx: Transaction, application_id: int) -> str:
    """The picture of an application that has none of its own."""
    return f"{tx.site.web_url}/icons/{application_id}.svg"
