"""Threads of a flow, newest first.

Source: wire facts 2.4.
"""

from typing import Unpack
from urllib.parse import urlencode

from flowdock.protocol.parameters import ThreadListParameters
from flowdock.server.actions import places, presenting
from flowdock.server.actions.answers import Linked
from flowdock.server.domain.actors import Actor
from flowdock.server.domain.moments import iso, parse_iso
from flowdock.server.domain.permissions import READ_FLOW
from flowdock.server.domain.refusals import invalid
from flowdock.server.store import threads
from flowdock.server.store.pages import DEFAULT_LIMIT, LARGEST_LIMIT
from flowdock.server.store.transaction import Transaction


def list_threads(
    tx: Transaction, actor: Actor, *, org: str, flow: str, **wanted: Unpack[ThreadListParameters]
) -> Linked:
    """The threads of a flow by `updated_at`, newest first."""
    place = places.in_flow(tx, actor, org, flow, READ_FLOW)
    limit = wanted.get("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT:
        raise invalid("limit", f"is {limit}; it may be 1 to {LARGEST_LIMIT}")
    since, until = _moment("since", wanted.get("since")), _moment("until", wanted.get("until"))
    until_key = threads.get(tx, place.log_id, wanted["until_id"]).key if wanted.get("until_id") else 0
    empty = wanted.get("empty", False)
    found = threads.newest(tx, place.log_id, limit=limit, since=since, until=until, until_key=until_key, empty=empty)
    shown = [presenting.shown(tx, thread) for thread in found]
    if len(found) < limit:
        return Linked(shown)
    older = {"until": iso(found[-1].updated_at), "until_id": found[-1].id, "limit": limit}
    same = ({} if since is None else {"since": iso(since)}) | ({"empty": 1} if empty else {})
    return Linked(shown, f"{tx.site.api_url}/flows/{org}/{flow}/threads?{urlencode(older | same)}")


def show_thread(tx: Transaction, actor: Actor, *, org: str, flow: str, thread_id: str) -> dict[str, object]:
    """A thread of a flow."""
    place = places.in_flow(tx, actor, org, flow, READ_FLOW)
    return presenting.shown(tx, threads.get(tx, place.log_id, thread_id))


def _moment(field: str, text: str | None) -> int | None:
    if not text:
        return None
    moment = parse_iso(text)
    if moment is None:
        raise invalid(field, f"is {text!r}; it may be a moment such as 2014-10-27T14:29:36.855Z")
    return moment
