"""Messages as they are now: one, or a page of them.

Source: wire facts 2.2, 2.3.
"""

from collections.abc import Sequence
from typing import Unpack

from flowdock.protocol import tags as grammar
from flowdock.protocol.parameters import ListParameters
from flowdock.server.actions import places
from flowdock.server.actions.answers import Encoded, IndexLagsBehind
from flowdock.server.actions.places import Place
from flowdock.server.domain import tagging
from flowdock.server.domain.actors import Actor, Person
from flowdock.server.domain.permissions import INBOX, READ_CONVERSATION, READ_FLOW
from flowdock.server.domain.refusals import invalid
from flowdock.server.domain.words import words_asked
from flowdock.server.store import events, logs, pages
from flowdock.server.store import threads as stored_threads
from flowdock.server.store.transaction import Transaction

CHAT = ("message", "comment", "status", "line", "action", "file", "user-edit")


def show_message(tx: Transaction, actor: Actor, *, org: str, flow: str, id: int) -> Encoded:
    """A message of a flow."""
    place = places.in_flow(tx, actor, org, flow, READ_FLOW)
    return Encoded(events.get(tx, place.log_id, id).json)


def show_private(tx: Transaction, actor: Actor, *, user_id: int, id: int) -> Encoded:
    """A message of a private conversation."""
    place = places.with_person(tx, actor, user_id, READ_CONVERSATION)
    return Encoded(events.get(tx, place.log_id, id).json)


def list_messages(tx: Transaction, actor: Actor, *, org: str, flow: str, **wanted: Unpack[ListParameters]) -> Encoded:
    """Messages of a flow."""
    return _page(tx, actor, places.in_flow(tx, actor, org, flow, READ_FLOW), wanted)


def list_replies(
    tx: Transaction, actor: Actor, *, org: str, flow: str, thread_id: str, **wanted: Unpack[ListParameters]
) -> Encoded:
    """Messages of a thread."""
    place = places.in_flow(tx, actor, org, flow, READ_FLOW)
    thread = stored_threads.get(tx, place.log_id, thread_id)
    return _page(tx, actor, place, wanted, thread_key=thread.key)


def list_private(tx: Transaction, actor: Actor, *, user_id: int, **wanted: Unpack[ListParameters]) -> Encoded:
    """Messages of a private conversation."""
    return _page(tx, actor, places.with_person(tx, actor, user_id, READ_CONVERSATION), wanted)


def _page(
    tx: Transaction, actor: Actor, place: Place, wanted: ListParameters, thread_key: int | None = None
) -> Encoded:
    if wanted.get("search") or wanted.get("tags"):
        return Encoded(events.joined(_matches(tx, actor, place, wanted, thread_key)))
    page = pages.Range(
        limit=_limit(wanted),
        ascending=wanted.get("sort") == "asc",
        since_id=wanted.get("since_id", 0),
        until_id=wanted.get("until_id"),
        events=_events(wanted),
        thread_key=thread_key,
    )
    return Encoded(events.joined(pages.in_range(tx, place.log_id, page)))


def _matches(
    tx: Transaction, actor: Actor, place: Place, wanted: ListParameters, thread_key: int | None
) -> Sequence[bytes]:
    head = logs.head(tx, place.log_id)
    if head.indexed_number < head.last_number:
        raise IndexLagsBehind(place.log_id)
    search = wanted.get("search")
    page = pages.Matches(
        words=tuple(words_asked(search)) if search else None,
        tags=_tags(tx, actor, place, wanted),
        mode=wanted.get("tag_mode", "and"),
        skip=min(max(0, wanted.get("skip", 0)), 1 << 31),
        limit=_limit(wanted),
        ascending=wanted.get("sort") == "asc",
        since_id=wanted.get("since_id", 0),
        until_id=wanted.get("until_id"),
        thread_key=thread_key,
    )
    return pages.matching(tx, place.log_id, page) if search or page.tags else []


def _tags(tx: Transaction, actor: Actor, place: Place, wanted: ListParameters) -> tuple[str, ...]:
    """The tags to look for. `@nick` stands for its `:user:` tag; one that nobody has finds nothing."""
    given = tagging.checked_tags(wanted.get("tags") or ())
    author = actor.user_id if isinstance(actor, Person) else 0
    found = []
    for tag in given:
        names = tagging.expanded([tag], author=author, roster=places.roster(tx, place)) if tag[0] == "@" else [tag]
        found.append(names[0] if names else grammar.user_tag(tag))
    return tuple(found)


def _limit(wanted: ListParameters) -> int:
    limit = wanted.get("limit", pages.DEFAULT_LIMIT)
    if not 1 <= limit <= pages.LARGEST_LIMIT:
        raise invalid("limit", f"is {limit}; it may be 1 to {pages.LARGEST_LIMIT}")
    return limit


def _events(wanted: ListParameters) -> tuple[str, ...]:
    given = wanted.get("event") or ()
    names = given.split(",") if isinstance(given, str) else given
    events_wanted = tuple(dict.fromkeys(name.strip() for name in names if name.strip()))
    app = wanted.get("app")
    if app is None:
        return events_wanted
    of_app = CHAT if app == "chat" else tuple(sorted(INBOX))
    both = tuple(name for name in events_wanted if name in of_app) if events_wanted else of_app
    return both or ("none of these",)
